-- What each instance went through on each leg, a few seconds at a time; an hour of it.
create table leg_windows (
  at timestamptz not null default clock_timestamp(),
  channel text not null,
  published integer not null,
  failed integer not null,
  -- A high dynamic range histogram of milliseconds, compressed, in base64: they add up.
  latencies text not null
);
--> statement-breakpoint
create index leg_windows_at on leg_windows (at);
--> statement-breakpoint
-- Who reads the stream of user events, as an instance last found it.
create table event_consumers (
  only_row boolean primary key default true check (only_row),
  reports jsonb not null,
  seen_at timestamptz not null
);
--> statement-breakpoint
-- A replay is delivered after what it repeats: it says nothing about the order of first occurrences.
alter table outbox_acks add column replayed boolean not null default false;
--> statement-breakpoint
create index outbox_acks_discarded on outbox_acks (channel) where outcome = 'discarded';
--> statement-breakpoint
create index outbox_acks_latest on outbox_acks (channel, acked_at);
