-- The failures of nobody are counted by the same steps as those of an account, so that both take as long.
alter table nobodies_failures add column if not exists failures_halved_at timestamptz not null default now();
