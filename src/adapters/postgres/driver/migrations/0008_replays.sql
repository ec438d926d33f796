-- Which replay a delivery belongs to, null for the first delivery of an event: brokers drop a message id that they know.
alter table outbox_deliveries add column replay_id uuid;
--> statement-breakpoint
-- Without stream and sequence: what was given up for good, with the error that had set it aside.
alter table outbox_acks
  alter column stream drop not null,
  alter column sequence drop not null,
  add column last_error text,
  add constraint outbox_acks_receipt_or_discarded check ((stream is null) = (sequence is null));
--> statement-breakpoint
-- What was done beyond its name, and why, in words.
alter table audit_log add column details text;
