-- Partitions are made ahead and dropped whole (contract 5.1, 5.5). There is no default partition: it would have to be
-- searched before any new one could be attached. These functions run as the owner of the tables, for only an owner may
-- create or drop a partition; the worker calls them.

-- Days in UTC (contract 1.1). A span that waited long in a spool is legitimate, one from another decade is not.
create function ensure_day(table_name text, day date) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    unit constant text := case
        when table_name in ('traces', 'trace_payloads') then 'day'
        when table_name in ('costs', 'injection_detections', 'audit_logs', 'rollup_hour', 'rollup_day') then 'month'
    end;
    first timestamp := date_trunc(unit, day::timestamp);
    partition text := table_name || to_char(first, case unit when 'day' then '_YYYYMMDD' else '_YYYYMM' end);
begin
    if unit is null then
        raise exception '% has no partitions to make', table_name;
    end if;
    if to_regclass(quote_ident(partition)) is not null then
        return;
    end if;
    if day not between current_date - 3650 and current_date + 93 then
        raise exception '% is too far from today for a partition of %', day, table_name
            using errcode = 'datetime_field_overflow';
    end if;
    -- Asked again under the lock, and of the catalogue itself: an advisory lock does not freshen what to_regclass cached.
    perform pg_advisory_xact_lock(hashtextextended('gatewayops.partitions', 0));
    perform from pg_class where relname = partition and relnamespace = 'public'::regnamespace;
    if found then
        return;
    end if;
    -- Created apart and then attached: `create table ... partition of` would lock out the ingester.
    execute format('create table %I (like %I including defaults including constraints)', partition, table_name);
    execute format('alter table %I attach partition %I for values from (%L) to (%L)',
        table_name, partition, first at time zone 'UTC', (first + ('1 ' || unit)::interval) at time zone 'UTC');
    -- A policy of the parent does not guard a partition read by its own name. Only backups do that.
    execute format('alter table %I enable row level security', partition);
    execute format('alter table %I force row level security', partition);
    execute format('create policy all_organizations on %I for select to gatewayops_worker using (true)', partition);
    execute format('grant select on %I to gatewayops_worker', partition);
end $$;

create function ensure_partitions(as_of timestamptz) returns void
language sql security definer set search_path = public, pg_temp as $$
    with today as (select (as_of at time zone 'UTC')::date as day)
    select ensure_day(table_name, day + ahead)
    from today, unnest(array['traces', 'trace_payloads']) as table_name, generate_series(-2, 7) as ahead;

    with today as (select (as_of at time zone 'UTC')::date as day)
    select ensure_day(table_name, (day + make_interval(months => ahead))::date)
    from today, generate_series(-1, 2) as ahead,
        unnest(array['costs', 'injection_detections', 'audit_logs', 'rollup_hour', 'rollup_day']) as table_name;
$$;

-- Audit rows leave only with their partition; what the next row's prev_hash points at stays (contract 5.4).
create function anchor_audit_logs(before timestamptz) returns void
language sql security definer set search_path = public, pg_temp as $$
    insert into audit_anchors (org_id, seq, hash)
    select distinct on (org_id) org_id, seq, hash
    from audit_logs where created_at < before order by org_id, seq desc
    on conflict (org_id, seq) do nothing
$$;

-- Drops what lies wholly before the given time and answers its names. Dropping locks the parent, so a long report must
-- not make the ingester queue behind us: better give up, the job comes again.
create function drop_partitions(table_name text, before timestamptz) returns setof text
language plpgsql security definer set search_path = public, pg_temp set lock_timeout = '5s' as $$
declare
    partition text;
    ends timestamptz;
begin
    for partition, ends in
        select c.relname,
            substring(pg_get_expr(c.relpartbound, c.oid) from $re$TO \('([^']+)'\)$re$)::timestamptz as upper
        from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = to_regclass(quote_ident(table_name)) and c.relispartition and c.relkind = 'r'
        order by upper
    loop
        exit when ends > before;
        if table_name = 'audit_logs' then
            perform anchor_audit_logs(ends);
        end if;
        execute format('drop table %I', partition);
        return next partition;
    end loop;
end $$;

revoke execute on function ensure_day, ensure_partitions, anchor_audit_logs, drop_partitions from public;
grant execute on function ensure_day, ensure_partitions, drop_partitions to gatewayops_worker;

-- Runs as the worker, who may read audit rows; called by drop_partitions, which runs as us (the grant as in 0010).
grant create on schema public to gatewayops_worker;
alter function anchor_audit_logs owner to gatewayops_worker;
revoke create on schema public from gatewayops_worker;

do $$
declare
    ours constant text := current_user;
begin
    set local role gatewayops_worker;
    execute format('grant execute on function anchor_audit_logs to %I', ours);
    execute format('set local role %I', ours);
end $$;

select ensure_partitions(now());
