-- What rollups need to be kept (contract 5.4). A root span that is stored leaves a row in rollup_pending, in the same
-- statement, and a job folds these rows into the sums: so that each span is at every moment either pending or folded, and
-- whoever adds up both has exactly what happened, late spans too.

-- A charged call is a root span with a cost; its row in costs says the same.
alter table rollup_minute
    add column charged bigint not null default 0,
    add column charged_input_tokens bigint not null default 0,
    add column charged_output_tokens bigint not null default 0;
alter table rollup_hour
    add column charged bigint not null default 0,
    add column charged_input_tokens bigint not null default 0,
    add column charged_output_tokens bigint not null default 0;
alter table rollup_day
    add column charged bigint not null default 0,
    add column charged_input_tokens bigint not null default 0,
    add column charged_output_tokens bigint not null default 0;

-- Hours and days of servers as a whole: most questions name no tool and nobody, and these have a hundredth of the rows.
create table rollup_server_hour (
    like rollup_minute including defaults including constraints,
    constraint rollup_server_hour_key unique nulls not distinct (org_id, bucket, mcp_server, environment)
);
create table rollup_server_day (
    like rollup_minute including defaults including constraints,
    constraint rollup_server_day_key unique nulls not distinct (org_id, bucket, mcp_server, environment)
);

-- Rows come and go as fast as calls: what is gone has to be cleared away as soon as there is some of it.
create table rollup_pending (
    org_id        uuid not null,
    started_at    timestamptz not null,
    mcp_server    varchar(100) not null,
    tool_name     varchar(255),
    team_id       uuid,
    user_id       uuid,
    api_key_id    uuid,
    environment   varchar(3),
    status        varchar(20) not null,
    duration_ms   integer not null,
    input_tokens  integer,
    output_tokens integer,
    cost_usd      numeric(10, 6)
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000, autovacuum_analyze_threshold = 1000000);

create index rollup_pending_org_id_started_at_idx on rollup_pending (org_id, started_at);

select isolate(tenant_table, 'select')
from unnest(array['rollup_server_hour', 'rollup_server_day', 'rollup_pending']::regclass[]) as tenant_table;

-- A trigger, so that processes from before this migration note their spans too while they are replaced.
create function note_for_rollups() returns trigger
language plpgsql as $$
begin
    insert into rollup_pending
    select org_id, started_at, mcp_server, tool_name, team_id, user_id, api_key_id, environment, status, duration_ms,
        input_tokens, output_tokens, cost_usd
    from arrived where is_root;
    return null;
end $$;

create trigger note_for_rollups after insert on traces
referencing new table as arrived for each statement execute function note_for_rollups();

-- What the job sends, one value a sum.
create type rollup_row as (
    org_id                uuid,
    bucket                timestamptz,
    mcp_server            text,
    tool_name             text,
    team_id               uuid,
    user_id               uuid,
    api_key_id            uuid,
    environment           text,
    requests              bigint,
    errors                bigint,
    timeouts              bigint,
    blocked               bigint,
    cancelled             bigint,
    input_tokens          bigint,
    output_tokens         bigint,
    charged               bigint,
    charged_input_tokens  bigint,
    charged_output_tokens bigint,
    cost_usd              numeric,
    duration_sum_ms       bigint,
    duration_hist         integer[]
);

-- What happened before. Nobody can store a span between the trigger and this: making the trigger locks the table.
set local role gatewayops_worker;
insert into rollup_pending
select org_id, started_at, mcp_server, tool_name, team_id, user_id, api_key_id, environment, status, duration_ms,
    input_tokens, output_tokens, cost_usd
from traces where is_root;
reset role;
