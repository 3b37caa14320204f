-- What is kept about what happened and what still has to be told (contract 5.4, 3.13, 3.14), and the product's own
-- secrets (6.1).

-- Append-only: no role may change a row (0009), and the trigger stops the owner too. An organization with audit rows
-- cannot be deleted; rows leave with their monthly partition. seq has no gaps per organization: the writer locks the
-- audit_heads row first and takes created_at after that, so seq and time rise together across partitions.
-- hash = SHA-256(prev_hash || RFC 8785 JSON of the row without hash).
create table audit_logs (
    id            uuid not null default uuid_v7(),
    org_id        uuid not null references organizations,
    seq           bigint not null,
    action        varchar(100) not null,
    outcome       varchar(10) not null check (outcome in ('success', 'failure', 'denied')),
    actor_type    varchar(10) not null check (actor_type in ('user', 'api_key', 'system', 'proxy')),
    actor_id      text,
    actor_name    text,
    resource_type varchar(50),
    resource_id   text,
    resource_name text,
    changes       jsonb not null default '{}',
    details       jsonb not null default '{}',
    ip_address    inet,
    user_agent    text,
    request_id    varchar(128),
    trace_id      varchar(100),
    prev_hash     bytea not null check (octet_length(prev_hash) = 32),
    hash          bytea not null check (octet_length(hash) = 32),
    created_at    timestamptz not null default now(),
    primary key (id, created_at),
    unique (org_id, seq, created_at)
) partition by range (created_at);

create index audit_logs_org_id_created_at_idx on audit_logs (org_id, created_at desc);
create index audit_logs_resource_idx on audit_logs (org_id, resource_type, resource_id, created_at desc);
create index audit_logs_actor_idx on audit_logs (org_id, actor_id, created_at desc);

create function refuse_audit_change() returns trigger
language plpgsql as $$
begin
    raise exception 'audit_logs is append-only' using errcode = 'insufficient_privilege';
end $$;

create trigger refuse_audit_change before update or delete on audit_logs
for each row execute function refuse_audit_change();
create trigger refuse_audit_truncate before truncate on audit_logs
for each statement execute function refuse_audit_change();

create table audit_heads (
    org_id     uuid primary key references organizations on delete cascade,
    seq        bigint not null,
    hash       bytea not null check (octet_length(hash) = 32),
    created_at timestamptz not null default now()
);

-- The last row of each dropped partition, so that verification still has a start.
create table audit_anchors (
    org_id     uuid not null references organizations on delete cascade,
    seq        bigint not null,
    hash       bytea not null check (octet_length(hash) = 32),
    created_at timestamptz not null default now(),
    primary key (org_id, seq)
);

create table webhooks (
    id                         uuid primary key default uuid_v7(),
    org_id                     uuid not null references organizations on delete cascade,
    url                        text not null,
    description                text not null default '',
    events                     text[] not null check (cardinality(events) > 0),
    headers_encrypted          bytea,
    secret_encrypted           bytea not null,
    previous_secret_encrypted  bytea,
    previous_secret_expires_at timestamptz,
    enabled                    boolean not null default true,
    failure_count              integer not null default 0,
    failing_since              timestamptz,
    created_at                 timestamptz not null default now(),
    updated_at                 timestamptz not null default now(),
    version                    integer not null default 1,
    created_by                 uuid,
    managed_by                 varchar(10) not null default 'api' check (managed_by in ('api', 'env', 'system')),
    unique (org_id, id),
    foreign key (org_id, created_by) references users (org_id, id) on delete set null (created_by)
);

create table webhook_deliveries (
    id              uuid primary key default uuid_v7(),
    org_id          uuid not null references organizations on delete cascade,
    webhook_id      uuid not null,
    event_id        uuid not null,
    event           varchar(50) not null,
    payload         jsonb not null,
    status          varchar(10) not null default 'pending' check (status in ('pending', 'delivered', 'failed')),
    attempts        integer not null default 0,
    response_status smallint,
    latency_ms      integer,
    error           text,
    next_attempt_at timestamptz,
    created_at      timestamptz not null default now(),
    foreign key (org_id, webhook_id) references webhooks (org_id, id) on delete cascade
);

create index webhook_deliveries_webhook_id_idx on webhook_deliveries (org_id, webhook_id, created_at desc);
create index webhook_deliveries_due_idx on webhook_deliveries (next_attempt_at) where status = 'pending';

create table alert_notifications (
    id              uuid primary key default uuid_v7(),
    org_id          uuid not null references organizations on delete cascade,
    alert_id        uuid not null,
    channel_id      uuid,
    event           varchar(50) not null,
    status          varchar(10) not null default 'pending'
        check (status in ('pending', 'sent', 'failed', 'dropped')),
    attempts        integer not null default 0,
    response_status smallint,
    error           text,
    next_attempt_at timestamptz,
    sent_at         timestamptz,
    created_at      timestamptz not null default now(),
    foreign key (org_id, alert_id) references alerts (org_id, id) on delete cascade,
    foreign key (org_id, channel_id) references alert_channels (org_id, id) on delete set null (channel_id)
);

create index alert_notifications_org_id_created_at_idx on alert_notifications (org_id, created_at desc);
create index alert_notifications_alert_id_idx on alert_notifications (org_id, alert_id);
create index alert_notifications_due_idx on alert_notifications (next_attempt_at) where status = 'pending';

create table alert_silences (
    id          uuid primary key default uuid_v7(),
    org_id      uuid not null references organizations on delete cascade,
    rule_ids    uuid[] not null default '{}',
    severities  text[] not null default '{}' check (severities <@ '{info,warning,critical}'),
    mcp_servers text[] not null default '{}',
    starts_at   timestamptz not null default now(),
    ends_at     timestamptz not null,
    reason      text not null,
    created_at  timestamptz not null default now(),
    updated_at  timestamptz not null default now(),
    version     integer not null default 1,
    created_by  uuid,
    managed_by  varchar(10) not null default 'api' check (managed_by in ('api', 'env', 'system')),
    check (ends_at > starts_at),
    foreign key (org_id, created_by) references users (org_id, id) on delete set null (created_by)
);

create table telemetry_configs (
    id                   uuid primary key default uuid_v7(),
    org_id               uuid not null references organizations on delete cascade,
    name                 varchar(100) not null,
    protocol             varchar(20) not null default 'grpc'
        check (protocol in ('grpc', 'http_protobuf', 'http_json')),
    endpoint             text not null,
    headers_encrypted    bytea,
    tls                  jsonb not null default '{}',
    client_key_encrypted bytea,
    signals              text[] not null default '{traces}' check (signals <@ '{traces,metrics,logs}'),
    sample_ratio         double precision not null default 1 check (sample_ratio between 0 and 1),
    batch_size           integer not null default 512 check (batch_size > 0),
    batch_timeout_ms     integer not null default 5000 check (batch_timeout_ms > 0),
    include_payloads     boolean not null default false,
    enabled              boolean not null default true,
    created_at           timestamptz not null default now(),
    updated_at           timestamptz not null default now(),
    version              integer not null default 1,
    created_by           uuid,
    managed_by           varchar(10) not null default 'api' check (managed_by in ('api', 'env', 'system')),
    unique (org_id, name),
    foreign key (org_id, created_by) references users (org_id, id) on delete set null (created_by)
);

-- id and started_at are the span row's; daily partitions, because payloads are kept shorter than their spans.
create table trace_payloads (
    id                 uuid not null,
    org_id             uuid not null,
    started_at         timestamptz not null,
    request_encrypted  bytea,
    response_encrypted bytea,
    redacted           boolean not null,
    truncated          boolean not null,
    created_at         timestamptz not null default now(),
    primary key (id, started_at)
) partition by range (started_at);

create table jobs (
    id          uuid primary key default uuid_v7(),
    org_id      uuid not null references organizations on delete cascade,
    type        varchar(30) not null
        check (type in ('retention', 'rollup_backfill', 'tool_discovery', 'audit_verify', 'backup')),
    params      jsonb not null default '{}',
    status      varchar(10) not null default 'queued'
        check (status in ('queued', 'running', 'succeeded', 'failed')),
    progress    real not null default 0 check (progress between 0 and 1),
    result      jsonb,
    error       text,
    started_at  timestamptz,
    finished_at timestamptz,
    created_by  uuid,
    created_at  timestamptz not null default now(),
    foreign key (org_id, created_by) references users (org_id, id) on delete set null (created_by)
);

create index jobs_org_id_created_at_idx on jobs (org_id, created_at desc);
create index jobs_queued_idx on jobs (created_at) where status = 'queued';

-- Written in the transaction that made the event true; the dispatcher turns a row into deliveries and notifications.
create table outbox (
    id              uuid primary key default uuid_v7(),
    org_id          uuid not null references organizations on delete cascade,
    event           varchar(50) not null,
    payload         jsonb not null,
    attempts        integer not null default 0,
    next_attempt_at timestamptz not null default now(),
    dispatched_at   timestamptz,
    error           text,
    created_at      timestamptz not null default now()
);

create index outbox_due_idx on outbox (next_attempt_at) where dispatched_at is null;

-- The product's own secrets, encrypted: API-key peppers, session seals. Several of a name live during a rotation; the
-- newest without retired_at makes new ones. Of no organization, and shown to gatewayops_worker only.
create table system_secrets (
    name       varchar(50) not null,
    key_id     smallint not null,
    secret     bytea not null,
    created_at timestamptz not null default now(),
    retired_at timestamptz,
    primary key (name, key_id)
);
