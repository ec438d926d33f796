-- How a delivery ended. Only a broker gives it a place in a stream; a receiver of states is never sent what a newer one
-- has superseded.
alter table outbox_acks
  add column outcome text not null default 'delivered' check (outcome in ('delivered', 'superseded', 'discarded'));
--> statement-breakpoint
update outbox_acks set outcome = 'discarded' where stream is null;
--> statement-breakpoint
alter table outbox_acks drop constraint outbox_acks_receipt_or_discarded;
