-- Who belongs to which team, who is invited, and which writes were already done (contract 5.4, 3.3, 1.3).

-- Membership is itself a grant on the team (contract 4.2).
create table team_memberships (
    team_id    uuid not null,
    user_id    uuid not null,
    org_id     uuid not null references organizations on delete cascade,
    role       varchar(10) not null default 'member' check (role in ('lead', 'member')),
    created_at timestamptz not null default now(),
    primary key (team_id, user_id),
    foreign key (org_id, team_id) references teams (org_id, id) on delete cascade,
    foreign key (org_id, user_id) references users (org_id, id) on delete cascade
);

create index team_memberships_user_id_idx on team_memberships (org_id, user_id);

-- An invite dies with the role it promises. Only the token's SHA-256 is kept.
create table invites (
    id          uuid primary key default uuid_v7(),
    org_id      uuid not null references organizations on delete cascade,
    email       citext not null,
    role_id     uuid not null,
    team_ids    uuid[] not null default '{}',
    token_hash  bytea not null unique check (octet_length(token_hash) = 32),
    status      varchar(20) not null default 'pending'
        check (status in ('pending', 'accepted', 'expired', 'revoked')),
    invited_by  uuid,
    expires_at  timestamptz not null,
    accepted_at timestamptz,
    created_at  timestamptz not null default now(),
    foreign key (org_id, role_id) references roles (org_id, id) on delete cascade,
    foreign key (org_id, invited_by) references users (org_id, id) on delete set null (invited_by)
);

create unique index invites_one_pending_key on invites (org_id, email) where status = 'pending';

-- A row without status is a request still running. The code removes one-time secrets from response before it stores
-- one: a repeat answers null in their place, and this table is never worth stealing.
create table idempotency_keys (
    org_id       uuid not null references organizations on delete cascade,
    principal    varchar(50) not null,
    method       varchar(10) not null,
    path         text not null,
    key          varchar(255) not null,
    request_hash bytea not null check (octet_length(request_hash) = 32),
    status       smallint,
    response     jsonb,
    expires_at   timestamptz not null default now() + interval '24 hours',
    created_at   timestamptz not null default now(),
    primary key (org_id, principal, method, path, key)
);

create index idempotency_keys_expires_at_idx on idempotency_keys (expires_at);
