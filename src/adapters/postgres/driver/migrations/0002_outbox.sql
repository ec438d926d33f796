-- How changes are delivered. Every change holds this row while it is made, so that a new mode is a barrier:
-- each event was routed either before it or after it.
create table sync_mode (
  only_row boolean primary key default true check (only_row),
  mode text not null check (mode in ('http', 'dual', 'canary', 'events')),
  percent integer not null check (percent between 0 and 100),
  dual_write boolean not null,
  epoch bigint not null
);
--> statement-breakpoint
insert into sync_mode (mode, percent, dual_write, epoch) values ('events', 100, false, 1);
--> statement-breakpoint
-- No identity column: PostgreSQL 15 has none on partitioned tables.
create sequence outbox_positions;
--> statement-breakpoint
-- The ledger: every change of every user, by the UTC day of its transaction.
create table outbox_events (
  day date not null default (now() at time zone 'UTC')::date,
  user_id uuid not null,
  version bigint not null,
  event_id uuid not null,
  shard smallint not null check (shard between 0 and 63),
  action text not null check (action in ('created', 'updated', 'deleted')),
  state jsonb not null,
  changed text[] not null,
  traceparent text,
  occurred_at timestamptz not null,
  route_mode text not null,
  route_epoch bigint not null,
  xid xid8 not null default pg_current_xact_id(),
  position bigint not null default nextval('outbox_positions'),
  primary key (user_id, version, day)
) partition by range (day);
--> statement-breakpoint
create index outbox_events_commit_order on outbox_events (xid, position);
--> statement-breakpoint
-- What is still owed. Small and hot: a row is removed when its delivery is acknowledged.
create table outbox_deliveries (
  user_id uuid not null,
  version bigint not null,
  channel text not null,
  event_id uuid not null,
  day date not null,
  shard smallint not null,
  position bigint not null,
  state text not null default 'pending' check (state in ('pending', 'standby', 'parked')),
  attempts integer not null default 0,
  -- Null: at once.
  next_attempt_at timestamptz,
  last_error text,
  primary key (user_id, version, channel)
) with (fillfactor = 80);
--> statement-breakpoint
create index outbox_deliveries_pending on outbox_deliveries (channel, position) where state = 'pending';
--> statement-breakpoint
-- Receipts of what was delivered; partitioned and dropped like the ledger.
create table outbox_acks (
  day date not null,
  user_id uuid not null,
  version bigint not null,
  channel text not null,
  stream text not null,
  sequence bigint not null,
  duplicate boolean not null,
  attempts integer not null,
  acked_at timestamptz not null,
  primary key (user_id, version, channel, day)
) partition by range (day);
