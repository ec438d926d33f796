-- The failures of an account halve once in 24 hours, counted from this instant. An account that has reached the cap opens
-- again even when nobody writes to it.
alter table credentials add column if not exists failures_halved_at timestamptz not null default now();
