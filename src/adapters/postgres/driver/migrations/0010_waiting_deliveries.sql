-- Few at any time, and asked for at each look at the outbox: they hold back what comes after them.
create index outbox_deliveries_waiting on outbox_deliveries (channel, next_attempt_at)
  where state = 'pending' and next_attempt_at is not null;
