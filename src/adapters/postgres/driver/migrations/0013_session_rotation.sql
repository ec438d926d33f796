-- A rotation changes idle_expires_at, and with an index on it rewrites every index of the table: such an update cannot
-- stay within its page (HOT). The day of it changes once a day, and is as good for finding what has expired.
drop index if exists sessions_idle_end;
--> statement-breakpoint
alter table sessions add column if not exists idle_end_day date not null
  generated always as ((idle_expires_at at time zone 'UTC')::date) stored;
--> statement-breakpoint
create index if not exists sessions_idle_end_day on sessions (idle_end_day);
--> statement-breakpoint
-- Room in each page for the next version of a row: these two are updated all the time.
alter table sessions set (fillfactor = 85);
--> statement-breakpoint
alter table users set (fillfactor = 85);
