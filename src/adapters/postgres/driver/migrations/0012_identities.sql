-- Who signs in through which provider. The provider's name for a person means nothing without the provider's own.
create table identities (
  provider text not null,
  subject text not null,
  user_id uuid not null references users on delete cascade,
  email text,
  linked_at timestamptz not null,
  primary key (provider, subject),
  constraint identities_one_of_each unique (user_id, provider)
);
