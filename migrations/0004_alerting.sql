-- The specification's migration 004: alert_rules, alert_channels, alerts (contract 5.3, 3.13, 4.6, 4.7).

-- state_since times for_minutes; state, state_since and last_* belong to the evaluator and never bump version.
create table alert_rules (
    id                uuid primary key default uuid_v7(),
    org_id            uuid not null references organizations on delete cascade,
    name              varchar(100) not null,
    description       text not null default '',
    metric            varchar(30) not null check (metric in ('error_rate', 'latency_p50', 'latency_p95',
        'latency_p99', 'request_rate', 'cost_per_hour', 'cost_per_day', 'rate_limit_hit', 'blocked_count',
        'injection_detected', 'tool_drift', 'approval_pending', 'server_unhealthy')),
    condition         varchar(3) not null check (condition in ('gt', 'gte', 'lt', 'lte', 'eq', 'neq')),
    threshold         numeric(20, 6) not null,
    window_minutes    integer not null default 5 check (window_minutes between 1 and 1440),
    for_minutes       integer not null default 0 check (for_minutes between 0 and 1440),
    severity          varchar(10) not null default 'warning' check (severity in ('info', 'warning', 'critical')),
    filters           jsonb not null default '{}',
    channel_ids       uuid[] not null default '{}',
    enabled           boolean not null default true,
    renotify_minutes  integer check (renotify_minutes > 0),
    state             varchar(10) not null default 'ok'
        check (state in ('ok', 'pending', 'firing', 'no_data', 'disabled')),
    state_since       timestamptz not null default now(),
    last_value        numeric(20, 6),
    last_evaluated_at timestamptz,
    created_at        timestamptz not null default now(),
    updated_at        timestamptz not null default now(),
    version           integer not null default 1,
    created_by        uuid,
    managed_by        varchar(10) not null default 'api' check (managed_by in ('api', 'env', 'system')),
    unique (org_id, id),
    unique (org_id, name),
    foreign key (org_id, created_by) references users (org_id, id) on delete set null (created_by)
);

create table alert_channels (
    id               uuid primary key default uuid_v7(),
    org_id           uuid not null references organizations on delete cascade,
    name             varchar(100) not null,
    type             varchar(20) not null
        check (type in ('slack', 'pagerduty', 'webhook', 'email', 'teams', 'opsgenie')),
    config           jsonb not null default '{}',
    config_encrypted bytea,
    min_severity     varchar(10) not null default 'info' check (min_severity in ('info', 'warning', 'critical')),
    send_resolved    boolean not null default true,
    enabled          boolean not null default true,
    created_at       timestamptz not null default now(),
    updated_at       timestamptz not null default now(),
    version          integer not null default 1,
    created_by       uuid,
    managed_by       varchar(10) not null default 'api' check (managed_by in ('api', 'env', 'system')),
    unique (org_id, id),
    unique (org_id, name),
    foreign key (org_id, created_by) references users (org_id, id) on delete set null (created_by)
);

-- Name, metric and threshold are copied from the rule: an alert reads the same after its rule changed or went.
create table alerts (
    id              uuid primary key default uuid_v7(),
    org_id          uuid not null references organizations on delete cascade,
    rule_id         uuid,
    rule_name       varchar(100) not null,
    metric          varchar(30) not null,
    severity        varchar(10) not null check (severity in ('info', 'warning', 'critical')),
    status          varchar(20) not null default 'firing'
        check (status in ('firing', 'acknowledged', 'resolved')),
    message         text not null,
    value           numeric(20, 6) not null,
    threshold       numeric(20, 6) not null,
    labels          jsonb not null default '{}',
    fingerprint     varchar(64) not null,
    is_test         boolean not null default false,
    started_at      timestamptz not null default now(),
    acknowledged_at timestamptz,
    acknowledged_by uuid,
    resolved_at     timestamptz,
    resolved_by     uuid,
    note            text,
    created_at      timestamptz not null default now(),
    unique (org_id, id),
    foreign key (org_id, rule_id) references alert_rules (org_id, id) on delete set null (rule_id),
    foreign key (org_id, acknowledged_by) references users (org_id, id) on delete set null (acknowledged_by),
    foreign key (org_id, resolved_by) references users (org_id, id) on delete set null (resolved_by)
);

create unique index alerts_one_open_key on alerts (org_id, rule_id) where status <> 'resolved' and not is_test;
create index alerts_org_id_created_at_idx on alerts (org_id, created_at desc);
