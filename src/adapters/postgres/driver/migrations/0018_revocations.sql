-- How often everything that was granted for an account has been revoked. Codes, tickets and whatever else can become a
-- session carry the number that they were made under, and open something only
-- while it is the same.
alter table credentials add column if not exists revocations bigint not null default 0;
