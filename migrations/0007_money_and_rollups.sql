-- Budgets, and the sums charts are drawn from (contract 5.4, 3.9, 3.12). Sums are numeric(20,6): no floats near money.

create table budgets (
    id               uuid primary key default uuid_v7(),
    org_id           uuid not null references organizations on delete cascade,
    name             varchar(100) not null,
    scope_type       varchar(20) not null
        check (scope_type in ('organization', 'team', 'user', 'api_key', 'server')),
    scope_id         uuid,
    amount           numeric(20, 6) not null check (amount > 0),
    currency         char(3) not null default 'USD' check (currency = 'USD'),
    period           varchar(10) not null default 'monthly' check (period in ('daily', 'weekly', 'monthly')),
    alert_thresholds integer[] not null default '{50,80,100}',
    enforce          boolean not null default false,
    channel_ids      uuid[] not null default '{}',
    enabled          boolean not null default true,
    created_at       timestamptz not null default now(),
    updated_at       timestamptz not null default now(),
    version          integer not null default 1,
    created_by       uuid,
    managed_by       varchar(10) not null default 'api' check (managed_by in ('api', 'env', 'system')),
    unique (org_id, id),
    unique (org_id, name),
    check ((scope_type = 'organization') = (scope_id is null)),
    foreign key (org_id, created_by) references users (org_id, id) on delete set null (created_by)
);

-- threshold_sent holds the percentages passed so far, 100 always among them. Proxies hear of a period when that or an
-- override changes, not on every cent (0009).
create table budget_periods (
    budget_id        uuid not null,
    period_start     timestamptz not null,
    org_id           uuid not null references organizations on delete cascade,
    used             numeric(20, 6) not null default 0,
    threshold_sent   integer[] not null default '{}',
    overridden_until timestamptz,
    override_reason  text,
    created_at       timestamptz not null default now(),
    primary key (budget_id, period_start),
    foreign key (org_id, budget_id) references budgets (org_id, id) on delete cascade
);

-- duration_hist: bucket i counts durations below 0.1 ms * 1.2^i, the last takes the rest. Histograms can be added,
-- percentiles cannot. Rows are rebuilt from traces, so they have no id and no foreign keys.
create table rollup_minute (
    org_id          uuid not null,
    bucket          timestamptz not null,
    mcp_server      varchar(100) not null,
    environment     varchar(3),
    requests        bigint not null default 0,
    errors          bigint not null default 0,
    timeouts        bigint not null default 0,
    blocked         bigint not null default 0,
    cancelled       bigint not null default 0,
    input_tokens    bigint not null default 0,
    output_tokens   bigint not null default 0,
    cost_usd        numeric(20, 6) not null default 0,
    duration_sum_ms bigint not null default 0,
    duration_hist   integer[] not null default array_fill(0, array[80]) check (cardinality(duration_hist) = 80),
    constraint rollup_minute_key unique nulls not distinct (org_id, bucket, mcp_server, environment)
);

create index rollup_minute_bucket_idx on rollup_minute (bucket);

create table rollup_hour (
    org_id          uuid not null,
    bucket          timestamptz not null,
    mcp_server      varchar(100) not null,
    tool_name       varchar(255),
    team_id         uuid,
    user_id         uuid,
    api_key_id      uuid,
    environment     varchar(3),
    requests        bigint not null default 0,
    errors          bigint not null default 0,
    timeouts        bigint not null default 0,
    blocked         bigint not null default 0,
    cancelled       bigint not null default 0,
    input_tokens    bigint not null default 0,
    output_tokens   bigint not null default 0,
    cost_usd        numeric(20, 6) not null default 0,
    duration_sum_ms bigint not null default 0,
    duration_hist   integer[] not null default array_fill(0, array[80]) check (cardinality(duration_hist) = 80),
    constraint rollup_hour_key unique nulls not distinct
        (org_id, bucket, mcp_server, tool_name, team_id, user_id, api_key_id, environment)
) partition by range (bucket);

create table rollup_day (
    like rollup_hour including defaults including constraints,
    constraint rollup_day_key unique nulls not distinct
        (org_id, bucket, mcp_server, tool_name, team_id, user_id, api_key_id, environment)
) partition by range (bucket);
