-- Who may see which row (contract 5.5), and the log of every change a proxy must hear of (contract 5.4, 2.4).

-- 1. Two roles without login. The user of DATABASE_URL is a member of both and does `set local role` in each
-- transaction. Roles belong to the whole server, so another database may create them at the same moment.
do $$
declare
    role_name text;
    -- Since 16 a role's creator is a member who may administer it, but not yet one who may become it.
    may_become constant text := case when current_setting('server_version_num')::int >= 160000 then 'set' else 'member' end;
    as_member constant text := case when may_become = 'set' then ' with inherit false, set true' else '' end;
begin
    foreach role_name in array array['gatewayops_app', 'gatewayops_worker'] loop
        if not exists (select from pg_roles where rolname = role_name) then
            begin
                execute format('create role %I nologin', role_name);
            exception when duplicate_object or unique_violation then null;
            end;
        end if;
        if not pg_has_role(current_user, role_name, may_become) then
            begin
                execute format('grant %I to current_user', role_name) || as_member;
            exception when unique_violation then null;
            end;
        end if;
    end loop;
exception when insufficient_privilege then
    raise exception 'user % may not create or join the roles it needs; an administrator must run, as far as missing: '
        'create role gatewayops_app nologin; create role gatewayops_worker nologin; '
        'grant gatewayops_app, gatewayops_worker to %;', current_user, quote_ident(current_user)
        using errcode = 'insufficient_privilege';
end $$;

grant usage on schema public to gatewayops_app, gatewayops_worker;

do $$
begin
    -- Backups read as the worker; sqlx made its own table before this file.
    if to_regclass('_sqlx_migrations') is not null then
        grant select on _sqlx_migrations to gatewayops_app, gatewayops_worker;
    end if;
end $$;

-- 2. Isolation. The app sees the organization it named with `set local app.org_id`, and nothing without it. A setting
-- that was once local comes back as '', hence nullif.
create function current_org() returns uuid
language sql stable parallel safe
return nullif(current_setting('app.org_id', true), '')::uuid;

-- Every table with rows of an organization is isolated by this, also those of later migrations. There are no default
-- privileges: a table nobody isolated is one nobody can read.
create function isolate(
    tenant_table regclass,
    app_may text default 'select, insert, update, delete',
    worker_may text default 'select, insert, update, delete',
    org_column name default 'org_id'
) returns void
language plpgsql as $$
begin
    execute format('alter table %s enable row level security', tenant_table);
    execute format('alter table %s force row level security', tenant_table);
    execute format(
        'create policy own_organization on %1$s to gatewayops_app using (%2$I = current_org()) with check (%2$I = current_org())',
        tenant_table, org_column);
    execute format('create policy all_organizations on %s to gatewayops_worker using (true) with check (true)', tenant_table);
    execute format('grant %s on %s to gatewayops_app', app_may, tenant_table);
    execute format('grant %s on %s to gatewayops_worker', worker_may, tenant_table);
end $$;

revoke execute on function isolate from public;

select isolate('organizations', 'select, update', org_column => 'id');

select isolate(tenant_table) from unnest(array[
    'users', 'teams', 'api_keys',
    'sso_providers', 'user_sessions', 'roles', 'user_roles',
    'safety_policies', 'tool_classifications', 'tool_approvals',
    'alert_rules', 'alert_channels', 'alerts',
    'mcp_servers', 'mcp_tools', 'mcp_resources', 'mcp_prompts', 'tool_permissions', 'rate_limits',
    'team_memberships', 'invites', 'idempotency_keys',
    'budgets', 'budget_periods',
    'webhooks', 'webhook_deliveries', 'alert_notifications', 'alert_silences', 'telemetry_configs', 'jobs', 'outbox'
]::regclass[]) as tenant_table;

-- What proxies report is written by the worker; people only read it, or judge it.
select isolate(tenant_table, 'select') from unnest(array[
    'traces', 'costs', 'trace_payloads', 'rollup_minute', 'rollup_hour', 'rollup_day'
]::regclass[]) as tenant_table;
select isolate('injection_detections', 'select, update');

-- Append-only tables.
select isolate('mcp_server_prices', 'select, insert', 'select, insert');
select isolate('audit_logs', 'select, insert', 'select, insert');
select isolate('audit_heads', 'select, insert, update', 'select, insert, update');
select isolate('audit_anchors', 'select', 'select, insert');

grant select, insert, update, delete on system_secrets to gatewayops_worker;

-- 3. The change log. A reader who has seen revision N has seen all below it: the trigger takes one lock, held until
-- commit, before it draws the number, so numbers are given in the order of commits.
-- org_id is a plain column and may be null: the log outlives organizations, and the product's own secrets have none.
create table policy_changes (
    revision   bigserial primary key,
    org_id     uuid,
    entity     varchar(63) not null,
    entity_id  uuid,
    op         varchar(10) not null check (op in ('insert', 'update', 'delete')),
    before     jsonb,
    after      jsonb,
    actor      text,
    created_at timestamptz not null default now()
);

create index policy_changes_created_at_idx on policy_changes (created_at);

select isolate('policy_changes', 'select', 'select, insert, delete');
grant usage, select on sequence policy_changes_revision_seq to gatewayops_worker;

create function without_secrets(subject jsonb) returns jsonb
language sql immutable parallel safe
return subject - array(
    select name from jsonb_object_keys(subject) as name
    where name ~ '_encrypted$|^(previous_)?key_hash$|^(password|token)_hash$|^secret$');

-- tg_argv[0] names the columns that are no news to a proxy: a change of only those leaves no row. A change of only a
-- secret does leave one, in which before and after look alike.
create function log_change() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    quiet constant text[] := tg_argv[0]::text[] || '{created_by,managed_by,updated_at,version}';
    was jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) - quiet end;
    becomes jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) - quiet end;
    subject constant jsonb := coalesce(becomes, was);
    drawn bigint;
begin
    if was = becomes then
        return null;
    end if;
    perform pg_advisory_xact_lock(hashtextextended('gatewayops.policy_changes', 0));
    insert into policy_changes (org_id, entity, entity_id, op, before, after, actor)
    values (
        (case when tg_table_name = 'organizations' then subject ->> 'id' else subject ->> 'org_id' end)::uuid,
        tg_table_name,
        coalesce(subject ->> 'id', subject ->> 'budget_id', subject ->> 'user_id')::uuid,
        lower(tg_op), without_secrets(was), without_secrets(becomes),
        nullif(current_setting('app.actor', true), ''))
    returning revision into drawn;
    perform pg_notify('gwo_config', drawn::text);
    return null;
end $$;

create function log_changes_of(subject regclass, quiet text[] default '{}') returns void
language plpgsql as $$
begin
    -- Deferred, so that the log's lock is the last one a transaction takes: held earlier, it would close a circle with
    -- the row locks that follow.
    execute format(
        'create constraint trigger log_change after insert or update or delete on %s deferrable initially deferred
            for each row execute function log_change(%L)',
        subject, quiet);
end $$;

revoke execute on function log_changes_of from public;

select log_changes_of('organizations', '{billing_email,plan}');
select log_changes_of('users', '{name,avatar_url,password_hash,preferences,last_login_at,last_active_at}');
select log_changes_of('team_memberships');
select log_changes_of('roles', '{description}');
select log_changes_of('user_roles', '{granted_by}');
select log_changes_of('sso_providers', '{claim_mappings,group_mappings,jit_provisioning,default_role}');
select log_changes_of('api_keys', '{description,last_used_at,revoked_by,revoke_reason}');
-- protocol_version is found by the health check too, but proxies speak by it.
select log_changes_of('mcp_servers', '{health,health_checked_at,health_latency_ms,health_error,server_info,capabilities}');
select log_changes_of('mcp_server_prices');
-- The hashes tell that a definition changed; the definitions are too long to keep twice.
select log_changes_of('mcp_tools', '{definition,approved_definition,flags,first_seen_at,last_seen_at,reviewed_by,reviewed_at}');
select log_changes_of('tool_classifications', '{description}');
select log_changes_of('tool_permissions');
select log_changes_of('tool_approvals', '{arguments,reason,review_note}');
select log_changes_of('safety_policies', '{description}');
select log_changes_of('rate_limits');
select log_changes_of('budgets', '{alert_thresholds,channel_ids}');
select log_changes_of('budget_periods', '{used,override_reason}');
select log_changes_of('system_secrets');

-- The log is written as the worker, so that no caller can write or forge a row of it.
grant create on schema public to gatewayops_worker;
alter function log_change() owner to gatewayops_worker;
revoke create on schema public from gatewayops_worker;
