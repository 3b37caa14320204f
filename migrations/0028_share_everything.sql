-- Shares tell everything that sums do, of the organization and of each server, tool, team, user and key: most questions are
-- about one of these, and of a quarter these have some thousand rows where sums by everything have half a million. Who
-- folds adds to them; triggers (0027) cost more than the folding. A sum of a tool has its server as well; the other columns
-- stay empty, and a sum of a team without the team is what no team did.
--
-- Expand and contract at once, as no version has been released with the tables of 0027. The type that sums are sent as has
-- another name now, so that a process from before this cannot fold without the shares: what it leaves is pending, which
-- every reader adds, until one of the new processes folds it.

do $$
declare
    grain text;
begin
    foreach grain in array array['hour', 'day'] loop
        execute format('drop trigger share_arrived on rollup_%s', grain);
        execute format('drop trigger share_changed on rollup_%s', grain);
        execute format('drop trigger share_gone on rollup_%s', grain);
    end loop;
end $$;
drop function share_changes();
drop function add_to_shares(text, rollup_share[]);
drop type rollup_share;
drop table rollup_share_hour, rollup_share_day;
alter type rollup_row rename to rollup_sum;

create table rollup_share_hour (
    kind                  varchar(12) not null
        check (kind in ('organization', 'server', 'tool', 'team', 'user', 'api_key')),
    org_id                uuid not null,
    bucket                timestamptz not null,
    mcp_server            varchar(100),
    tool_name             varchar(255),
    team_id               uuid,
    user_id               uuid,
    api_key_id            uuid,
    requests              bigint not null,
    errors                bigint not null,
    timeouts              bigint not null,
    blocked               bigint not null,
    cancelled             bigint not null,
    input_tokens          bigint not null,
    output_tokens         bigint not null,
    charged               bigint not null,
    charged_input_tokens  bigint not null,
    charged_output_tokens bigint not null,
    cost_usd              numeric(20, 6) not null,
    duration_sum_ms       bigint not null,
    duration_hist         integer[] not null check (cardinality(duration_hist) = 80),
    constraint rollup_share_hour_key unique nulls not distinct
        (org_id, kind, bucket, mcp_server, tool_name, team_id, user_id, api_key_id)
);
create table rollup_share_day (
    like rollup_share_hour including constraints,
    constraint rollup_share_day_key unique nulls not distinct
        (org_id, kind, bucket, mcp_server, tool_name, team_id, user_id, api_key_id)
);

create index rollup_share_hour_bucket_idx on rollup_share_hour (bucket);

select isolate(tenant_table, 'select')
from unnest(array['rollup_share_hour', 'rollup_share_day']::regclass[]) as tenant_table;

-- What was summed before.
set local role gatewayops_worker;
do $$
declare
    grain text;
    histogram constant text := (
        select 'array[' || string_agg(format('sum(duration_hist[%s])', bucket), ', ' order by bucket) || ']'
        from generate_series(1, 80) as bucket);
begin
    foreach grain in array array['hour', 'day'] loop
        execute format('insert into rollup_share_%1$s
            select kind, org_id, bucket, case when kind in (''server'', ''tool'') then mcp_server end,
                case kind when ''tool'' then tool_name end,
                case kind when ''team'' then team_id end, case kind when ''user'' then user_id end,
                case kind when ''api_key'' then api_key_id end,
                sum(requests), sum(errors), sum(timeouts), sum(blocked), sum(cancelled), sum(input_tokens), sum(output_tokens),
                sum(charged), sum(charged_input_tokens), sum(charged_output_tokens), sum(cost_usd), sum(duration_sum_ms), %2$s
            from rollup_%1$s, unnest(array[''organization'', ''server'', ''tool'', ''team'', ''user'', ''api_key'']) as kind
            group by 1, 2, 3, 4, 5, 6, 7, 8', grain, histogram);
    end loop;
end $$;
reset role;
