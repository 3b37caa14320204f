-- A day of calls as an organization makes them: some people and tools are much busier than others, each person has servers
-- of their own, and most happens at noon; most calls succeed and are charged, some take long, a tenth have a child span.
-- generate_calls(organization, day, calls, late, latest): the same day and numbers make the same calls. One call in twenty is
-- late; `late` tells which of the two to make. With `latest` they all happened within so long before now.

create function pg_temp.chance(call bigint, about integer) returns double precision
language sql immutable
return (hashint8extended(call, about) & 4294967295) / 4294967296.0::double precision;

create function pg_temp.generate_calls(
    organization uuid, day date, calls bigint, late boolean, latest interval default null
) returns bigint
language sql as $$
    select ensure_day(name, day) from unnest(array['traces', 'costs']) as name;

    with drawn as (
        select n, least(n % 11, 1) as child_free,
            floor(200 * power(pg_temp.chance(n, 1), 1.5))::integer as person,
            floor(4 * power(pg_temp.chance(n, 2), 2))::integer as server,
            floor(8 * power(pg_temp.chance(n, 3), 2))::integer as tool,
            pg_temp.chance(n, 4) as outcome,
            (pg_temp.chance(n, 6) + pg_temp.chance(n, 7) + pg_temp.chance(n, 8) - 1.5) * 2 as haste,
            floor(2000 * power(pg_temp.chance(n, 9), 3))::integer as asked,
            floor(9000 * power(pg_temp.chance(n, 10), 3))::integer as answered,
            coalesce(now() - latest * pg_temp.chance(n, 11), day::timestamp at time zone 'UTC'
                + (pg_temp.chance(n, 11) + pg_temp.chance(n, 12)) / 2 * interval '86399.999 seconds') as started_at
        from generate_series((day - date '2000-01-01') * calls + 1, (day - date '2000-01-01' + 1) * calls) as n
        where (n % 20 = 0) = late
    ), judged as (
        select *, case
                when outcome < 0.92 then 'success' when outcome < 0.96 then 'error' when outcome < 0.975 then 'timeout'
                when outcome < 0.995 then 'blocked' else 'cancelled'
            end as status,
            outcome < 0.975 as is_charged
        from drawn
    ), timed as (
        select *, case status
                when 'timeout' then 30000 when 'blocked' then floor(pg_temp.chance(n, 13) * 3)::integer
                else floor(40 * exp(haste * 1.1))::integer
            end as duration_ms
        from judged
    ), made as (
        insert into traces (id, org_id, trace_id, span_id, parent_span_id, operation_name, mcp_server, tool_name, status,
            duration_ms, input_tokens, output_tokens, cost_usd, user_id, team_id, api_key_id, environment, metadata,
            started_at, ended_at, is_root, kind, proxy_id)
        select gen_random_uuid(), organization, md5(n::text), case when is_root then 'root' else 'child' end,
            case when not is_root then 'root' end, 'tools/call', 'server-' || (person + server * 5) % 12, 'tool-' || tool, status, duration_ms,
            case when is_charged then asked end, case when is_charged then answered end,
            case when is_charged and is_root then 0.001 + round(asked * 0.0000031 + answered * 0.000007, 6) end,
            case when person % 10 > 0 then md5('user ' || person)::uuid end,
            case when person % 7 > 0 then md5('team ' || person % 15)::uuid end,
            case when person % 3 > 0 then md5('key ' || person)::uuid end,
            case when person % 20 < 15 then 'prd' when person % 20 < 18 then 'stg' when person % 20 < 19 then 'dev' end,
            '{}', started_at, started_at + duration_ms * interval '1 millisecond', is_root, 'server', 'generator'
        from timed, generate_series(child_free, 1) as span, lateral (select span = 1 as is_root) as kind
        returning *
    ), charged as (
        insert into costs (id, trace_id, org_id, mcp_server, tool_name, user_id, team_id, api_key_id, input_tokens,
            output_tokens, cost_usd, created_at, environment)
        select id, id, org_id, mcp_server, tool_name, user_id, team_id, api_key_id, coalesce(input_tokens, 0),
            coalesce(output_tokens, 0), cost_usd, started_at, environment
        from made where cost_usd is not null
    )
    select count(*) from made where is_root
$$;
