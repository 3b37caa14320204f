-- Of which expiry of a key its people were told (`api_key.expiring`, contract 4.8): once of each, also when a key is
-- given another one. A table of its own, because a warning is no news to a proxy and no new version of the key.
create table api_key_expiry_warnings (
    org_id     uuid not null references organizations on delete cascade,
    api_key_id uuid not null,
    expires_at timestamptz not null,
    created_at timestamptz not null default now(),
    primary key (api_key_id, expires_at),
    foreign key (org_id, api_key_id) references api_keys (org_id, id) on delete cascade
);

select isolate('api_key_expiry_warnings');
