-- For the list of a user's sessions, which is read page by page, and for the end of those beyond the limit. None of the
-- columns changes when a refresh token rotates, so a rotation still writes to no index.
create index if not exists sessions_living on sessions (user_id, created_at, id) where ended_at is null;
