-- Made apart and then attached: unlike `create table … partition of`, that lets writers go on.
create function make_day_partition(parent text, first_day date) returns void
  language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  partition text := parent || to_char(first_day, '_YYYYMMDD');
begin
  if to_regclass('public.' || partition) is null then
    execute format('create table public.%I (like public.%I including all)', partition, parent);
    execute format('alter table public.%I attach partition public.%I for values from (%L) to (%L)',
      parent, partition, first_day, first_day + 1);
  end if;
end
$$;
--> statement-breakpoint
-- Seven days ahead of the given day and of the database's own: a wrong clock elsewhere stops no writer.
create function make_ledger_partitions(today date) returns void
  language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '1s' as $$
declare
  needed date;
begin
  perform pg_advisory_xact_lock(7301002);
  for needed in
    select distinct start + ahead
    from unnest(array[today, (now() at time zone 'UTC')::date]) start, generate_series(0, 7) ahead
    order by 1
  loop
    perform public.make_day_partition('outbox_events', needed);
    perform public.make_day_partition('outbox_acks', needed);
  end loop;
end
$$;
--> statement-breakpoint
-- Days before the given one that owe nothing, never one younger than 14 days by the database's clock.
create function drop_ledger_partitions(before_day date) returns void
  language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '1s' as $$
declare
  kept_from date := least(before_day, (now() at time zone 'UTC')::date - 14);
  partition text;
begin
  perform pg_advisory_xact_lock(7301002);
  for partition in
    select child.relname from pg_inherits
    join pg_class child on child.oid = inhrelid
    where inhparent in ('public.outbox_events'::regclass, 'public.outbox_acks'::regclass)
      and to_date(substring(child.relname from '\d{8}$'), 'YYYYMMDD') < kept_from
      and not exists (
        select from public.outbox_deliveries where day = to_date(substring(child.relname from '\d{8}$'), 'YYYYMMDD')
      )
    order by 1
  loop
    execute format('drop table public.%I', partition);
  end loop;
end
$$;
