-- What proxies route by: MCP servers, their prices, the catalogue they offer, and who may use it how much
-- (contract 3.6, 3.7, 3.9, 5.4).

-- Secrets are beside their public part: auth with auth_encrypted, tls with client_key_encrypted (contract 5.5).
-- The columns from health on are written by the health check; they change no policy and log no change (0009).
create table mcp_servers (
    id                         uuid primary key default uuid_v7(),
    org_id                     uuid not null references organizations on delete cascade,
    name                       varchar(63) not null check (name ~ '^[a-z][a-z0-9-]{0,62}$' and name <> 'servers'),
    display_name               varchar(200),
    description                text not null default '',
    url                        text not null check (url ~ '^https?://'),
    transport                  varchar(20) not null default 'streamable_http'
        check (transport in ('streamable_http', 'sse')),
    enabled                    boolean not null default true,
    tags                       text[] not null default '{}',
    auth                       jsonb not null default '{"type": "none"}'
        check (auth ->> 'type' in ('none', 'bearer', 'basic', 'header', 'oauth_client_credentials')),
    auth_encrypted             bytea,
    tls                        jsonb not null default '{}',
    client_key_encrypted       bytea,
    connect_timeout_ms         integer not null default 2000 check (connect_timeout_ms > 0),
    timeout_ms                 integer not null default 30000 check (timeout_ms between 100 and 600000),
    stream_idle_timeout_ms     integer not null default 300000 check (stream_idle_timeout_ms > 0),
    max_concurrency            integer not null default 256 check (max_concurrency > 0),
    max_request_bytes          integer not null default 1048576 check (max_request_bytes > 0),
    max_response_bytes         integer not null default 10485760
        check (max_response_bytes between 1 and 104857600),
    retry                      jsonb not null default '{"max_retries": 2, "backoff_ms": 100}',
    breaker                    jsonb not null
        default '{"failures": 5, "window_seconds": 30, "open_seconds": 30, "probes": 3}',
    payload_capture            varchar(10) check (payload_capture in ('none', 'redacted', 'full')),
    discovery_interval_seconds integer not null default 300 check (discovery_interval_seconds between 30 and 86400),
    health                     varchar(20) not null default 'unknown'
        check (health in ('healthy', 'degraded', 'unhealthy', 'unknown')),
    health_checked_at          timestamptz,
    health_latency_ms          integer,
    health_error               text,
    protocol_version           varchar(20),
    server_info                jsonb,
    capabilities               jsonb,
    created_at                 timestamptz not null default now(),
    updated_at                 timestamptz not null default now(),
    version                    integer not null default 1,
    created_by                 uuid,
    managed_by                 varchar(10) not null default 'api' check (managed_by in ('api', 'env', 'system')),
    unique (org_id, id),
    unique (org_id, name),
    foreign key (org_id, created_by) references users (org_id, id) on delete set null (created_by)
);

alter table user_roles add foreign key (org_id, server_id)
    references mcp_servers (org_id, id) on delete cascade;

-- Append-only (0009 grants no update or delete): the price valid at a call's time is the newest with
-- valid_from <= that time. tool_name null is the server's own price, else a glob. Three nulls withdraw a tool's price.
-- server_id is a plain column: deleting a server keeps the prices its costs were made with.
create table mcp_server_prices (
    id               uuid primary key default uuid_v7(),
    org_id           uuid not null references organizations on delete cascade,
    server_id        uuid not null,
    tool_name        varchar(255),
    per_call         numeric(18, 12) check (per_call >= 0),
    per_input_token  numeric(18, 12) check (per_input_token >= 0),
    per_output_token numeric(18, 12) check (per_output_token >= 0),
    currency         char(3) not null default 'USD' check (currency = 'USD'),
    valid_from       timestamptz not null default now(),
    created_at       timestamptz not null default now(),
    unique nulls not distinct (org_id, server_id, tool_name, valid_from),
    check (num_nulls(per_call, per_input_token, per_output_token) = 0
        or (tool_name is not null and num_nulls(per_call, per_input_token, per_output_token) = 3))
);

-- The catalogue as last seen. schema_hash is the SHA-256, in hex, of the definition's RFC 8785 form.
create table mcp_tools (
    id                  uuid primary key default uuid_v7(),
    org_id              uuid not null references organizations on delete cascade,
    server_id           uuid not null,
    name                varchar(255) not null,
    definition          jsonb not null,
    schema_hash         varchar(64) not null check (schema_hash ~ '^[0-9a-f]{64}$'),
    approved_hash       varchar(64) check (approved_hash ~ '^[0-9a-f]{64}$'),
    approved_definition jsonb,
    status              varchar(20) not null default 'new'
        check (status in ('active', 'new', 'changed', 'blocked', 'removed')),
    flags               jsonb not null default '[]',
    first_seen_at       timestamptz not null default now(),
    last_seen_at        timestamptz not null default now(),
    reviewed_by         uuid,
    reviewed_at         timestamptz,
    created_at          timestamptz not null default now(),
    unique (org_id, id),
    unique (org_id, server_id, name),
    foreign key (org_id, server_id) references mcp_servers (org_id, id) on delete cascade,
    foreign key (org_id, reviewed_by) references users (org_id, id) on delete set null (reviewed_by)
);

create index mcp_tools_status_idx on mcp_tools (org_id, status);

-- A resource is known by its URI; what is longer than an index entry can hold is not catalogued.
create table mcp_resources (
    id                  uuid primary key default uuid_v7(),
    org_id              uuid not null references organizations on delete cascade,
    server_id           uuid not null,
    uri                 text not null check (octet_length(uri) <= 2048),
    definition          jsonb not null,
    schema_hash         varchar(64) not null check (schema_hash ~ '^[0-9a-f]{64}$'),
    approved_hash       varchar(64) check (approved_hash ~ '^[0-9a-f]{64}$'),
    approved_definition jsonb,
    status              varchar(20) not null default 'new'
        check (status in ('active', 'new', 'changed', 'blocked', 'removed')),
    flags               jsonb not null default '[]',
    first_seen_at       timestamptz not null default now(),
    last_seen_at        timestamptz not null default now(),
    reviewed_by         uuid,
    reviewed_at         timestamptz,
    created_at          timestamptz not null default now(),
    unique (org_id, server_id, uri),
    foreign key (org_id, server_id) references mcp_servers (org_id, id) on delete cascade,
    foreign key (org_id, reviewed_by) references users (org_id, id) on delete set null (reviewed_by)
);

create table mcp_prompts (
    id                  uuid primary key default uuid_v7(),
    org_id              uuid not null references organizations on delete cascade,
    server_id           uuid not null,
    name                varchar(255) not null,
    definition          jsonb not null,
    schema_hash         varchar(64) not null check (schema_hash ~ '^[0-9a-f]{64}$'),
    approved_hash       varchar(64) check (approved_hash ~ '^[0-9a-f]{64}$'),
    approved_definition jsonb,
    status              varchar(20) not null default 'new'
        check (status in ('active', 'new', 'changed', 'blocked', 'removed')),
    flags               jsonb not null default '[]',
    first_seen_at       timestamptz not null default now(),
    last_seen_at        timestamptz not null default now(),
    reviewed_by         uuid,
    reviewed_at         timestamptz,
    created_at          timestamptz not null default now(),
    unique (org_id, server_id, name),
    foreign key (org_id, server_id) references mcp_servers (org_id, id) on delete cascade,
    foreign key (org_id, reviewed_by) references users (org_id, id) on delete set null (reviewed_by)
);

-- A permission goes with its subject: the generated columns give subject_id real foreign keys, as in user_roles.
create table tool_permissions (
    id               uuid primary key default uuid_v7(),
    org_id           uuid not null references organizations on delete cascade,
    subject_type     varchar(20) not null check (subject_type in ('user', 'team', 'api_key')),
    subject_id       uuid not null,
    mcp_server       varchar(100) not null,
    tool_name        varchar(255) not null,
    effect           varchar(10) not null default 'allow' check (effect in ('allow', 'deny')),
    argument_rules   jsonb not null default '[]' check (jsonb_typeof(argument_rules) = 'array'),
    max_uses_per_day integer check (max_uses_per_day > 0),
    expires_at       timestamptz,
    user_id          uuid generated always as (case when subject_type = 'user' then subject_id end) stored,
    team_id          uuid generated always as (case when subject_type = 'team' then subject_id end) stored,
    api_key_id       uuid generated always as (case when subject_type = 'api_key' then subject_id end) stored,
    created_at       timestamptz not null default now(),
    updated_at       timestamptz not null default now(),
    version          integer not null default 1,
    created_by       uuid,
    managed_by       varchar(10) not null default 'api' check (managed_by in ('api', 'env', 'system')),
    foreign key (org_id, user_id) references users (org_id, id) on delete cascade,
    foreign key (org_id, team_id) references teams (org_id, id) on delete cascade,
    foreign key (org_id, api_key_id) references api_keys (org_id, id) on delete cascade,
    foreign key (org_id, created_by) references users (org_id, id) on delete set null (created_by)
);

create index tool_permissions_subject_idx on tool_permissions (org_id, subject_type, subject_id);

-- scope_value null means each member of the type on its own. A rate slides over window_seconds, a quota resets by period.
create table rate_limits (
    id             uuid primary key default uuid_v7(),
    org_id         uuid not null references organizations on delete cascade,
    name           varchar(100) not null,
    kind           varchar(10) not null default 'rate' check (kind in ('rate', 'quota')),
    scope_type     varchar(20) not null
        check (scope_type in ('organization', 'team', 'user', 'api_key', 'server', 'tool', 'ip')),
    scope_value    text,
    environment    varchar(3) check (environment in ('dev', 'stg', 'prd')),
    metric         varchar(20) not null default 'requests'
        check (metric in ('requests', 'input_tokens', 'output_tokens')),
    "limit"        bigint not null check ("limit" >= 1),
    window_seconds integer not null default 60 check (window_seconds between 1 and 3600),
    period         varchar(10) not null default 'day' check (period in ('day', 'month')),
    enabled        boolean not null default true,
    created_at     timestamptz not null default now(),
    updated_at     timestamptz not null default now(),
    version        integer not null default 1,
    created_by     uuid,
    managed_by     varchar(10) not null default 'api' check (managed_by in ('api', 'env', 'system')),
    unique (org_id, name),
    foreign key (org_id, created_by) references users (org_id, id) on delete set null (created_by)
);
