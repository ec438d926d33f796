create function refuse_statement() returns trigger language plpgsql as $$
begin
  raise exception '% of % is refused', tg_op, tg_table_name
    using errcode = 'integrity_constraint_violation', constraint = 'no_' || lower(tg_op);
end
$$;
--> statement-breakpoint
create function demand_next_version() returns trigger language plpgsql as $$
declare
  expected bigint := case tg_op when 'INSERT' then 1 else old.version + 1 end;
begin
  if new.version is distinct from expected or (tg_op = 'UPDATE' and new.id <> old.id) then
    raise exception 'a change of a user takes the next version'
      using errcode = 'integrity_constraint_violation', constraint = 'users_next_version';
  end if;
  return new;
end
$$;
--> statement-breakpoint
create trigger users_next_version before insert or update on users
  for each row execute function demand_next_version();
--> statement-breakpoint
-- Looks for the event of this very transaction, in the one partition where it can be.
create function demand_user_event() returns trigger language plpgsql as $$
declare
  changed_user uuid := case tg_op when 'DELETE' then old.id else new.id end;
  changed_to bigint := case tg_op when 'DELETE' then old.version + 1 else new.version end;
  announced text := case tg_op when 'INSERT' then 'created' when 'UPDATE' then 'updated' else 'deleted' end;
begin
  perform from public.outbox_events
    where day = (now() at time zone 'UTC')::date
      and user_id = changed_user and version = changed_to and action = announced
      and xid = pg_current_xact_id();
  if not found then
    raise exception 'a change of a user is announced in its transaction'
      using errcode = 'integrity_constraint_violation', constraint = 'users_announced';
  end if;
  return null;
end
$$;
--> statement-breakpoint
create constraint trigger users_announced after insert or update or delete on users
  deferrable initially deferred for each row execute function demand_user_event();
--> statement-breakpoint
create trigger users_no_truncate before truncate on users
  for each statement execute function refuse_statement();
--> statement-breakpoint
create trigger outbox_events_immutable before update or delete on outbox_events
  for each row execute function refuse_statement();
--> statement-breakpoint
create trigger outbox_events_no_truncate before truncate on outbox_events
  for each statement execute function refuse_statement();
--> statement-breakpoint
-- Without this row no user could be changed, and every caller would be told that its version is stale.
create trigger sync_mode_stays before delete or truncate on sync_mode
  for each statement execute function refuse_statement();
