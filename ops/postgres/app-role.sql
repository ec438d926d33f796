-- The rights of the role auth_app, as which the service runs. Run this as the owner of the schema after each
-- `auth migrate`. It may be run any number of times. It first removes all rights: what is not listed is not allowed.
begin;

revoke all on schema public from public, auth_app;
revoke all on all tables in schema public from public, auth_app;
revoke all on all sequences in schema public from public, auth_app;
revoke all on all functions in schema public from public, auth_app;

grant usage on schema public to auth_app;
grant select on schema_migrations to auth_app;

-- Accounts. Locking a row (`select ... for update`) needs the right to update it.
grant select, insert, update, delete
  on users, credentials, sign_in_prefixes, sessions, identities, idempotency_keys to auth_app;
grant select, insert, update on nobodies_failures to auth_app;
grant select, update on sync_mode, sync_surroundings to auth_app;
grant select, insert on sync_history to auth_app;

-- The ledger and the audit trail: rows are added and read, never changed.
grant select, insert on outbox_events, audit_log to auth_app;
grant usage on sequence outbox_positions to auth_app;

-- Deliveries. A replay replaces an acknowledgement. The acknowledgement of an event that the stream lost is deleted.
grant select, insert, update, delete on outbox_deliveries, outbox_acks to auth_app;
grant select, insert, update on stream_positions to auth_app;
grant select, insert, delete on leg_windows to auth_app;
grant select, insert, update on event_consumers to auth_app;
grant select, update on relay_leases to auth_app;
grant select, insert, update, delete on relay_instances to auth_app;

-- These two functions create and drop partitions, with the rights of the owner and within fixed limits.
grant execute on function make_ledger_partitions(date), drop_ledger_partitions(date) to auth_app;

-- This one only reads, with the rights of the caller.
grant execute on function has_other_sessions(uuid, uuid, integer) to auth_app;

commit;
