-- Whether a user has at least so many sessions beside this one. It is volatile, so that it sees what was committed while the
-- statement that calls it waited for a lock: of sign-ins at once each one sees the sessions of those before it.
create or replace function has_other_sessions(of_user uuid, beside uuid, at_least integer) returns boolean
  language plpgsql volatile as $$
begin
  return exists (
    select from public.sessions where user_id = of_user and ended_at is null and id <> beside offset at_least - 1
  );
end
$$;
