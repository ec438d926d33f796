-- Which instance delivers which shard. 64 rows, always the same.
create table relay_leases (
  shard smallint primary key check (shard between 0 and 63),
  owner text,
  epoch bigint not null default 0,
  expires_at timestamptz not null default '-infinity'
) with (fillfactor = 50);
--> statement-breakpoint
insert into relay_leases (shard) select generate_series(0, 63);
--> statement-breakpoint
-- Living instances, also those that hold no shard yet: shares are counted by them.
create table relay_instances (
  instance text primary key,
  expires_at timestamptz not null
);
