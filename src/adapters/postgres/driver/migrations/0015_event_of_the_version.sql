-- The id of the event that told of this version: a snapshot repeats it when the ledger has long forgotten the event, and
-- consumers see a duplicate where they have it, no conflict.
alter table users add column event_id uuid;
--> statement-breakpoint
-- No change of a user, so no event: every trigger would ask for one.
alter table users disable trigger user;
--> statement-breakpoint
update users set event_id = coalesce(
  (select event.event_id from outbox_events event where event.user_id = users.id and event.version = users.version limit 1),
  gen_random_uuid());
--> statement-breakpoint
alter table users enable trigger user;
--> statement-breakpoint
alter table users alter column event_id set not null;
--> statement-breakpoint
-- The next version; or, after a restore, a leap by millions over all versions that consumers may have heard of,
-- which changes nothing else.
create or replace function demand_next_version() returns trigger language plpgsql as $$
declare
  expected bigint := case tg_op when 'INSERT' then 1 else old.version + 1 end;
  no_state text[] := '{version,event_id,updated_at}';
begin
  if tg_op = 'UPDATE' and new.version > old.version and (new.version - old.version) % 1000000 = 0 then
    if to_jsonb(new) - no_state = to_jsonb(old) - no_state then
      return new;
    end if;
  end if;
  if new.version is distinct from expected or (tg_op = 'UPDATE' and new.id <> old.id) then
    raise exception 'a change of a user takes the next version'
      using errcode = 'integrity_constraint_violation', constraint = 'users_next_version';
  end if;
  return new;
end
$$;
--> statement-breakpoint
-- Looks for the event of this very transaction, in the one partition where it can be; the row names it.
create or replace function demand_user_event() returns trigger language plpgsql as $$
declare
  changed_user uuid := case tg_op when 'DELETE' then old.id else new.id end;
  changed_to bigint := case tg_op when 'DELETE' then old.version + 1 else new.version end;
  announced text := case tg_op when 'INSERT' then 'created' when 'UPDATE' then 'updated' else 'deleted' end;
  named uuid := case tg_op when 'DELETE' then null else new.event_id end;
begin
  perform from public.outbox_events
    where day = (now() at time zone 'UTC')::date
      and user_id = changed_user and version = changed_to and action = announced
      and xid = pg_current_xact_id()
      and (tg_op = 'DELETE' or event_id = named);
  if not found then
    raise exception 'a change of a user is announced in its transaction'
      using errcode = 'integrity_constraint_violation', constraint = 'users_announced';
  end if;
  return null;
end
$$;
