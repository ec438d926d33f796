-- Each broker stream as it was last found to hold what it acknowledged.
create table stream_positions (
  stream text primary key,
  created_at timestamptz not null,
  first_sequence bigint not null,
  last_sequence bigint not null
);
--> statement-breakpoint
-- The auditor asks every minute, so its questions must be answered from the ends of an index.
create index outbox_acks_sequence on outbox_acks (stream, sequence);
--> statement-breakpoint
create index outbox_acks_time on outbox_acks (stream, acked_at);
