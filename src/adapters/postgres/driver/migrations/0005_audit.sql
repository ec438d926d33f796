-- Security events. No foreign keys: what was done outlives whom it was done to.
create table audit_log (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  action text not null,
  result text not null check (result in ('ok', 'refused')),
  actor_id uuid,
  subject_id uuid,
  session_id uuid,
  address_prefix text,
  identifier_mac text,
  trace_id text
);
--> statement-breakpoint
create index audit_log_subject on audit_log (subject_id, id);
--> statement-breakpoint
create trigger audit_log_append_only before update or delete or truncate on audit_log
  for each statement execute function refuse_statement();
