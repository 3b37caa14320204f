-- The specification's migration 001: organizations, teams, users, api_keys, traces, costs (contract 5.1).
--
-- Every tenant table carries org_id. A table others point at has `unique (org_id, id)`, so that a foreign key can be
-- (org_id, x_id) and a row can never name a row of another organization, whatever the code does.
-- Row level security, grants and partitions follow once all tables stand (0009 to 0011).

create extension if not exists citext;
create extension if not exists pg_trgm;

-- Ids are time-ordered (contract 1.1). Code makes its own; this serves rows that SQL makes.
create function uuid_v7() returns uuid
language sql volatile parallel safe
return encode(
    set_bit(set_bit(
        overlay(uuid_send(gen_random_uuid())
            placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
            from 1 for 6),
        52, 1), 53, 1),
    'hex')::uuid;

create table organizations (
    id            uuid primary key default uuid_v7(),
    name          varchar(100) not null,
    slug          varchar(100) not null unique,
    billing_email citext,
    plan          varchar(50) not null default 'free',
    -- Only what an administrator changed; the defaults of contract 3.2 live in code.
    settings      jsonb not null default '{}' check (jsonb_typeof(settings) = 'object'),
    created_at    timestamptz not null default now(),
    updated_at    timestamptz not null default now(),
    version       integer not null default 1,
    created_by    uuid,
    managed_by    varchar(10) not null default 'api' check (managed_by in ('api', 'env', 'system'))
);

create table users (
    id                uuid primary key default uuid_v7(),
    org_id            uuid not null references organizations on delete cascade,
    email             citext not null,
    name              varchar(200) not null,
    avatar_url        text,
    status            varchar(20) not null default 'active' check (status in ('active', 'suspended')),
    password_hash     text,
    is_platform_admin boolean not null default false,
    sso_provider_id   uuid,
    sso_subject       text,
    preferences       jsonb not null default '{}',
    last_login_at     timestamptz,
    last_active_at    timestamptz,
    created_at        timestamptz not null default now(),
    updated_at        timestamptz not null default now(),
    version           integer not null default 1,
    created_by        uuid,
    managed_by        varchar(10) not null default 'api' check (managed_by in ('api', 'env', 'system')),
    unique (org_id, id),
    unique (org_id, email),
    unique (org_id, sso_provider_id, sso_subject),
    foreign key (org_id, created_by) references users (org_id, id) on delete set null (created_by)
);

-- find_logins_by_email (0010) asks before the organization is known.
create index users_email_idx on users (email);

-- A platform administrator of another organization may have made this one, so the reference is not composite.
alter table organizations add foreign key (created_by) references users on delete set null;

create table teams (
    id          uuid primary key default uuid_v7(),
    org_id      uuid not null references organizations on delete cascade,
    name        varchar(100) not null,
    slug        varchar(100) not null,
    description text not null default '',
    settings    jsonb not null default '{}',
    created_at  timestamptz not null default now(),
    updated_at  timestamptz not null default now(),
    version     integer not null default 1,
    created_by  uuid,
    managed_by  varchar(10) not null default 'api' check (managed_by in ('api', 'env', 'system')),
    unique (org_id, id),
    unique (org_id, name),
    unique (org_id, slug),
    foreign key (org_id, created_by) references users (org_id, id) on delete set null (created_by)
);

-- A key is kept as HMAC-SHA-256(pepper, key), never itself (contract 6.1). Revoked keys stay as rows.
create table api_keys (
    id                      uuid primary key default uuid_v7(),
    org_id                  uuid not null references organizations on delete cascade,
    team_id                 uuid,
    user_id                 uuid,
    name                    varchar(100) not null,
    description             text not null default '',
    key_prefix              varchar(16) not null,
    key_hash                bytea not null unique check (octet_length(key_hash) = 32),
    pepper_id               smallint not null,
    -- During a rotation both secrets work, and a new pepper may have come in between.
    previous_key_hash       bytea unique check (octet_length(previous_key_hash) = 32),
    previous_pepper_id      smallint,
    previous_key_expires_at timestamptz,
    environment             varchar(3) not null default 'dev' check (environment in ('dev', 'stg', 'prd')),
    permissions             text[] not null default '{mcp:*}',
    servers                 text[] not null default '{*}',
    tools                   text[] not null default '{*}',
    rate_limit_rpm          integer check (rate_limit_rpm between 1 and 1000000),
    ip_allowlist            cidr[] not null default '{}',
    metadata                jsonb not null default '{}',
    expires_at              timestamptz,
    last_used_at            timestamptz,
    revoked_at              timestamptz,
    revoked_by              uuid,
    revoke_reason           text,
    created_at              timestamptz not null default now(),
    updated_at              timestamptz not null default now(),
    version                 integer not null default 1,
    created_by              uuid,
    managed_by              varchar(10) not null default 'api' check (managed_by in ('api', 'env', 'system')),
    unique (org_id, id),
    check (num_nulls(previous_key_hash, previous_pepper_id, previous_key_expires_at) in (0, 3)),
    foreign key (org_id, team_id) references teams (org_id, id) on delete set null (team_id),
    foreign key (org_id, user_id) references users (org_id, id) on delete set null (user_id),
    foreign key (org_id, revoked_by) references users (org_id, id) on delete set null (revoked_by),
    foreign key (org_id, created_by) references users (org_id, id) on delete set null (created_by)
);

create index api_keys_key_prefix_idx on api_keys (key_prefix);
create index api_keys_org_id_created_at_idx on api_keys (org_id, created_at desc);

-- A key without owner is a service key and holds more than a personal one (contract 1.6). When the owner's row goes,
-- the foreign key above clears user_id: the key must die in the same statement.
create function revoke_orphaned_key() returns trigger
language plpgsql as $$
begin
    new.revoked_at := now();
    new.revoke_reason := 'the owner was deleted';
    return new;
end $$;

create trigger revoke_orphaned_key before update of user_id on api_keys
for each row when (old.user_id is not null and new.user_id is null and new.revoked_at is null)
execute function revoke_orphaned_key();

-- One row is one span. The specification's columns come first and unchanged; the ids of people, teams, keys and of the
-- organization are plain columns: history outlives what it names, and 20,000 rows a second leave no room for checks by
-- row trigger. Written only by the ingester, `on conflict do nothing`.
create table traces (
    id               uuid not null,
    org_id           uuid not null,
    trace_id         varchar(100) not null,
    parent_span_id   varchar(100),
    span_id          varchar(100) not null,
    operation_name   varchar(255) not null,
    mcp_server       varchar(100) not null,
    tool_name        varchar(255),
    status           varchar(20) not null check (status in ('success', 'error', 'timeout', 'blocked', 'cancelled')),
    duration_ms      integer not null,
    input_tokens     integer,
    output_tokens    integer,
    cost_usd         numeric(10, 6),
    user_id          uuid,
    api_key_id       uuid,
    metadata         jsonb not null default '{}',
    started_at       timestamptz not null,
    ended_at         timestamptz not null,
    created_at       timestamptz not null default now(),
    is_root          boolean not null,
    kind             varchar(10) not null check (kind in ('server', 'client', 'internal', 'producer', 'consumer')),
    team_id          uuid,
    environment      varchar(3) check (environment in ('dev', 'stg', 'prd')),
    status_code      integer,
    error_type       varchar(100),
    error_message    varchar(1000),
    upstream_ms      integer,
    overhead_us      integer,
    request_bytes    bigint not null default 0,
    response_bytes   bigint not null default 0,
    session_id       text,
    client_name      text,
    client_version   text,
    protocol_version varchar(20),
    proxy_id         varchar(100) not null,
    primary key (id, started_at)
) partition by range (started_at);

create index traces_root_idx on traces (org_id, started_at desc, id) where is_root;
create index traces_trace_id_idx on traces (org_id, trace_id);
create index traces_mcp_server_idx on traces (org_id, mcp_server, started_at desc) where is_root;
create index traces_failed_idx on traces (org_id, status, started_at desc) where is_root and status <> 'success';
create index traces_api_key_id_idx on traces (org_id, api_key_id, started_at desc);
create index traces_tool_name_trgm_idx on traces using gin (tool_name gin_trgm_ops) where is_root;
create index traces_error_message_trgm_idx on traces using gin (error_message gin_trgm_ops)
    where is_root and error_message is not null;

-- trace_id holds traces.id, and id is that same span row's id: one charge per span, however often it is delivered.
-- created_at is the span's started_at. No foreign key: costs outlive traces (contract 5.1).
create table costs (
    id            uuid not null,
    org_id        uuid not null,
    trace_id      uuid,
    mcp_server    varchar(100) not null,
    tool_name     varchar(255),
    user_id       uuid,
    team_id       uuid,
    api_key_id    uuid,
    input_tokens  integer not null default 0,
    output_tokens integer not null default 0,
    cost_usd      numeric(10, 6) not null,
    created_at    timestamptz not null default now(),
    environment   varchar(3) check (environment in ('dev', 'stg', 'prd')),
    price_id      uuid,
    primary key (id, created_at)
) partition by range (created_at);

create index costs_org_id_created_at_idx on costs (org_id, created_at desc);
create index costs_created_at_brin_idx on costs using brin (created_at);
