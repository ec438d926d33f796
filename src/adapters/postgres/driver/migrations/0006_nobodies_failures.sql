-- Failed sign-ins to accounts that do not exist. Nobody reads them: they are written so that such a failure takes as
-- long as one that is counted for somebody, in rows as long as theirs. Several, so that guesses do not all wait for one.
create table nobodies_failures (
  id uuid primary key,
  password_hash text not null,
  consecutive_failures integer not null default 0,
  failures_by_prefix jsonb not null default '{}'
);
--> statement-breakpoint
insert into nobodies_failures (id, password_hash)
select ('00000000-0000-0000-0000-0000000000' || lpad(to_hex(number), 2, '0'))::uuid, repeat('-', 97)
from generate_series(0, 15) as number;
