-- The published state of users, and nothing else: whatever changes here is announced.
create table users (
  id uuid primary key,
  version bigint not null,
  email text,
  email_verified boolean not null,
  username text not null,
  username_canonical text not null,
  username_skeleton text not null,
  display_name text,
  avatar text,
  role text not null check (role in ('user', 'moderator', 'admin')),
  is_active boolean not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  -- In this order: a name that is taken also looks the same, and is reported as taken.
  constraint users_email_key unique (email),
  constraint users_username_key unique (username_canonical),
  constraint users_skeleton_key unique (username_skeleton)
);
--> statement-breakpoint
create index users_active_admins on users (id) where role = 'admin' and is_active;
--> statement-breakpoint
-- Failures are kept by address beside their total, in one row: one lock keeps both in step, and the cap on the
-- total bounds the number of addresses.
create table credentials (
  user_id uuid primary key references users on delete cascade,
  password_hash text,
  consecutive_failures integer not null default 0 check (consecutive_failures between 0 and 100),
  failures_by_prefix jsonb not null default '{}'
);
--> statement-breakpoint
-- Addresses that have signed in to an account lately.
create table sign_in_prefixes (
  user_id uuid not null references users on delete cascade,
  prefix text not null,
  last_success_at timestamptz not null,
  primary key (user_id, prefix)
);
--> statement-breakpoint
create table sessions (
  id uuid primary key,
  user_id uuid not null references users on delete cascade,
  generation integer not null check (generation >= 1),
  salt bytea not null,
  created_at timestamptz not null,
  last_used_at timestamptz not null,
  authenticated_at timestamptz not null,
  idle_expires_at timestamptz not null,
  absolute_expires_at timestamptz not null,
  ended_at timestamptz,
  rotations timestamptz[] not null default '{}',
  user_agent text,
  address_prefix text,
  -- The one-time code that the session was made from: a code that comes back to life makes no second one.
  code_hash text unique,
  check (idle_expires_at <= absolute_expires_at)
);
--> statement-breakpoint
create index sessions_user on sessions (user_id, created_at);
--> statement-breakpoint
create index sessions_idle_end on sessions (idle_expires_at);
--> statement-breakpoint
create index sessions_ended on sessions (ended_at) where ended_at is not null;
--> statement-breakpoint
create table idempotency_keys (
  key_mac text primary key,
  body_mac text not null,
  user_id uuid references users on delete cascade,
  claimed_at timestamptz not null,
  completed_at timestamptz,
  check ((user_id is null) = (completed_at is null))
);
--> statement-breakpoint
create index idempotency_keys_claimed on idempotency_keys (claimed_at);
--> statement-breakpoint
create index idempotency_keys_user on idempotency_keys (user_id);
