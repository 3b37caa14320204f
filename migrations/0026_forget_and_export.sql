-- Retention forgets what is old, partition by partition, and exporters follow what arrives (contract 5.5, 3.14).

-- 1. Retention. A payload's organization is asked for day by day.
create index trace_payloads_org_id_idx on trace_payloads (org_id);

-- Whether an organization under legal hold has rows in a partition. Runs as the worker, who may read both.
create function partition_is_held(partition text) returns boolean
language plpgsql stable security definer set search_path = public, pg_temp as $$
declare
    held boolean;
begin
    execute format(
        $sql$select exists (select from organizations o where o.settings #>> '{retention,legal_hold}' = 'true'
            and exists (select from %I p where p.org_id = o.id))$sql$, partition) into held;
    return held;
end $$;

-- Drops one partition if it ends before the given time and no organization under legal hold has rows in it; answers
-- 'dropped', 'held' or 'kept'. Who reads or writes the table meanwhile waits for a tenth of a second at most: if the lock
-- cannot be had by then, 55P03 says so and the caller comes again.
create function drop_partition(table_name text, partition text, before timestamptz) returns text
language plpgsql security definer set search_path = public, pg_temp set lock_timeout = '100ms' as $$
declare
    ends timestamptz;
begin
    select substring(pg_get_expr(c.relpartbound, c.oid) from $re$TO \('([^']+)'\)$re$)::timestamptz into ends
    from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = to_regclass(quote_ident(table_name)) and c.relname = partition and c.relkind = 'r';
    if ends is null or ends > before then
        return 'kept';
    end if;
    if partition_is_held(partition) then
        return 'held';
    end if;
    if table_name = 'audit_logs' then
        perform anchor_audit_logs(ends);
    end if;
    execute format('lock table only %I in access exclusive mode', table_name);
    -- Nobody can write to it any more: what is true now stays true.
    if partition_is_held(partition) then
        return 'held';
    end if;
    execute format('drop table %I', partition);
    return 'dropped';
end $$;

revoke execute on function partition_is_held, drop_partition from public;
grant execute on function drop_partition to gatewayops_worker;

grant create on schema public to gatewayops_worker;
alter function partition_is_held owner to gatewayops_worker;
revoke create on schema public from gatewayops_worker;

do $$
declare
    ours constant text := current_user;
begin
    set local role gatewayops_worker;
    execute format('grant execute on function partition_is_held to %I', ours);
    execute format('set local role %I', ours);
end $$;

-- 2. Exporters read spans in the order of their arrival. Those of a batch arrived at the same moment, so the index stays
-- small and only grows at its end.
create index traces_arrival_idx on traces (org_id, created_at);

-- How far an exporter is, and how it fares; apart from telemetry_configs, because this changes with every batch and that
-- with an administrator. Who works for an exporter holds its lease, so that replicas do not send the same twice.
create table telemetry_progress (
    exporter_id     uuid primary key references telemetry_configs on delete cascade,
    org_id          uuid not null references organizations on delete cascade,
    sent_at         timestamptz not null default now(),
    sent_id         uuid not null default '00000000-0000-0000-0000-000000000000',
    exported        bigint not null default 0,
    failed          bigint not null default 0,
    dropped         bigint not null default 0,
    last_export_at  timestamptz,
    last_error      text,
    failures        integer not null default 0,
    failing_since   timestamptz,
    next_attempt_at timestamptz not null default now(),
    lease           uuid,
    leased_until    timestamptz not null default '-infinity'
);

create index telemetry_progress_due_idx on telemetry_progress (next_attempt_at);

select isolate('telemetry_progress', 'select, insert, update');
