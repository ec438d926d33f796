-- Few at any time, and asked for by people.
create index outbox_deliveries_parked on outbox_deliveries (position, channel) where state = 'parked';
