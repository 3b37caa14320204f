-- What each tool, team, user and key was charged for, by hour and day. Sums by everything tell that too, but of a quarter
-- they have half a million rows where these have some thousand.
--
-- Triggers keep them, so that they are what the sums by everything add up to whoever changes those: a process from before
-- this migration, or a rebuild. Only what drops whole partitions must see to them itself.

create table rollup_share_hour (
    org_id                uuid not null,
    kind                  varchar(10) not null check (kind in ('tool', 'team', 'user', 'api_key')),
    bucket                timestamptz not null,
    -- Of a tool.
    mcp_server            varchar(100),
    tool_name             varchar(255),
    -- Of anybody else; none is what nobody is charged for.
    of_id                 uuid,
    charged               bigint not null,
    charged_input_tokens  bigint not null,
    charged_output_tokens bigint not null,
    cost_usd              numeric(20, 6) not null,
    constraint rollup_share_hour_key unique nulls not distinct (org_id, kind, bucket, mcp_server, tool_name, of_id)
);
create table rollup_share_day (
    like rollup_share_hour including constraints,
    constraint rollup_share_day_key unique nulls not distinct (org_id, kind, bucket, mcp_server, tool_name, of_id)
);

create index rollup_share_hour_bucket_idx on rollup_share_hour (bucket);

select isolate(tenant_table, 'select')
from unnest(array['rollup_share_hour', 'rollup_share_day']::regclass[]) as tenant_table;

create type rollup_share as (
    org_id        uuid,
    kind          text,
    bucket        timestamptz,
    mcp_server    text,
    tool_name     text,
    of_id         uuid,
    charged       bigint,
    input_tokens  bigint,
    output_tokens bigint,
    cost_usd      numeric
);

create function add_to_shares(grain text, shares rollup_share[]) returns void
language plpgsql as $$
begin
    execute format(
        'insert into %1$I as r select * from unnest($1) on conflict on constraint %2$I do update set
            charged = r.charged + excluded.charged,
            charged_input_tokens = r.charged_input_tokens + excluded.charged_input_tokens,
            charged_output_tokens = r.charged_output_tokens + excluded.charged_output_tokens,
            cost_usd = r.cost_usd + excluded.cost_usd',
        'rollup_share_' || grain, 'rollup_share_' || grain || '_key')
    using shares;
end $$;

-- One transition table is there on insert and delete, both on update.
create function share_changes() returns trigger
language plpgsql as $$
declare
    changed constant text := case tg_op
        when 'INSERT' then 'select 1 as sign, * from arrived'
        when 'DELETE' then 'select -1 as sign, * from gone'
        else 'select 1 as sign, * from arrived union all select -1 as sign, * from gone'
    end;
    shares rollup_share[];
begin
    execute format(
        'select array_agg(share) from (
            select org_id, kind, bucket, case kind when ''tool'' then mcp_server end, case kind when ''tool'' then tool_name end,
                case kind when ''team'' then team_id when ''user'' then user_id when ''api_key'' then api_key_id end,
                sum(sign * charged)::bigint, sum(sign * charged_input_tokens)::bigint,
                sum(sign * charged_output_tokens)::bigint, sum(sign * cost_usd)
            from (%s) changed, unnest(array[''tool'', ''team'', ''user'', ''api_key'']) as kind
            where charged <> 0
            group by 1, 2, 3, 4, 5, 6
        ) share', changed)
    into shares;
    perform add_to_shares(tg_argv[0], shares);
    return null;
end $$;

do $$
declare
    grain text;
begin
    foreach grain in array array['hour', 'day'] loop
        execute format('create trigger share_arrived after insert on rollup_%1$s referencing new table as arrived
            for each statement execute function share_changes(%1$L)', grain);
        execute format('create trigger share_changed after update on rollup_%1$s
            referencing new table as arrived old table as gone
            for each statement execute function share_changes(%1$L)', grain);
        execute format('create trigger share_gone after delete on rollup_%1$s referencing old table as gone
            for each statement execute function share_changes(%1$L)', grain);
    end loop;
end $$;

-- What was summed before. Nobody can change that between the triggers and this: making them locks the tables.
set local role gatewayops_worker;
do $$
declare
    grain text;
begin
    foreach grain in array array['hour', 'day'] loop
        execute format('insert into rollup_share_%1$s
            select org_id, kind, bucket, case kind when ''tool'' then mcp_server end, case kind when ''tool'' then tool_name end,
                case kind when ''team'' then team_id when ''user'' then user_id when ''api_key'' then api_key_id end,
                sum(charged), sum(charged_input_tokens), sum(charged_output_tokens), sum(cost_usd)
            from rollup_%1$s, unnest(array[''tool'', ''team'', ''user'', ''api_key'']) as kind
            where charged <> 0
            group by 1, 2, 3, 4, 5, 6', grain);
    end loop;
end $$;
reset role;
