-- Which leg leads, since when and by whose word. The salt says which users are the first so many percent; it never
-- changes, so that raising the percentage moves nobody out. Nobody's word is the default: the settings have the first.
alter table sync_mode
  add column salt text not null default gen_random_uuid()::text,
  add column armed boolean not null default false,
  add column reason text not null default 'a new installation',
  add column changed_at timestamptz not null default now(),
  add column changed_by text,
  add column held_until timestamptz,
  -- Since when the broker is told nothing.
  add column silent_since timestamptz,
  add constraint sync_mode_silent check ((silent_since is null) = (mode <> 'http'));
--> statement-breakpoint
create table sync_history (
  epoch bigint primary key,
  mode text not null,
  percent integer not null,
  dual_write boolean not null,
  reason text not null,
  changed_at timestamptz not null,
  changed_by text not null
);
--> statement-breakpoint
create trigger sync_history_append_only before update or delete or truncate on sync_history
  for each statement execute function refuse_statement();
--> statement-breakpoint
-- What instances know of their surroundings, for whoever decides on a mode without being one of them.
create table sync_surroundings (
  only_row boolean primary key default true check (only_row),
  settings_mode text,
  settings_percent integer,
  settings_dual_write boolean,
  has_receiver boolean not null default false,
  channels text[] not null default '{}',
  receiver_guard text not null default 'unknown' check (receiver_guard in ('version', 'none', 'unknown')),
  -- Null: never seen.
  consumers text[],
  -- When an instance last had reason to let the other leg carry what waits.
  trouble_at timestamptz
);
--> statement-breakpoint
insert into sync_surroundings default values;
--> statement-breakpoint
create trigger sync_surroundings_stay before delete or truncate on sync_surroundings
  for each statement execute function refuse_statement();
--> statement-breakpoint
-- Only where calls stand by, so it costs nothing elsewhere.
create index outbox_deliveries_standby on outbox_deliveries (channel, position) where state = 'standby';
