-- The specification's migration 003: safety_policies, injection_detections, tool_classifications, tool_approvals
-- (contract 5.3, 3.7, 3.8), and with the default policy the last part of what an organization starts with.

create table safety_policies (
    id           uuid primary key default uuid_v7(),
    org_id       uuid not null references organizations on delete cascade,
    name         varchar(100) not null,
    description  text not null default '',
    mode         varchar(10) not null default 'block' check (mode in ('block', 'redact', 'warn', 'log')),
    sensitivity  varchar(20) not null default 'moderate'
        check (sensitivity in ('strict', 'moderate', 'permissive')),
    detectors    text[] not null default '{prompt_injection,tool_poisoning,tool_drift,pii,secret,command_injection,path_traversal,ssrf,exfiltration,schema_violation,custom}'
        check (detectors <@ '{prompt_injection,tool_poisoning,tool_drift,pii,secret,command_injection,path_traversal,ssrf,exfiltration,schema_violation,custom}'),
    directions   text[] not null default '{request,response}'
        check (directions <@ '{request,response,definition}'),
    mcp_servers  text[] not null default '{*}',
    tools        text[] not null default '{*}',
    patterns     jsonb not null default '{"block": [], "allow": []}',
    min_severity varchar(10) not null default 'low'
        check (min_severity in ('low', 'medium', 'high', 'critical')),
    enabled      boolean not null default true,
    is_default   boolean not null default false,
    created_at   timestamptz not null default now(),
    updated_at   timestamptz not null default now(),
    version      integer not null default 1,
    created_by   uuid,
    managed_by   varchar(10) not null default 'api' check (managed_by in ('api', 'env', 'system')),
    unique (org_id, name),
    foreign key (org_id, created_by) references users (org_id, id) on delete set null (created_by)
);

create unique index safety_policies_one_default_key on safety_policies (org_id) where is_default;

create function seed_organization(new_org_id uuid) returns void
language sql as $$
    select seed_roles(new_org_id);
    insert into safety_policies (org_id, name, description, is_default, managed_by)
    values (new_org_id, 'default', 'applies to every call', true, 'system')
    on conflict (org_id, name) do nothing
$$;

create function seed_new_organization() returns trigger
language plpgsql as $$
begin
    perform seed_organization(new.id);
    return null;
end $$;

create trigger seed_new_organization after insert on organizations
for each row execute function seed_new_organization();

-- Monthly by created_at, the time of the event. What a detection names may be deleted later, so those ids are plain.
create table injection_detections (
    id           uuid not null,
    org_id       uuid not null references organizations on delete cascade,
    trace_id     varchar(100),
    span_id      varchar(100),
    policy_id    uuid,
    type         varchar(30) not null check (type in ('prompt_injection', 'tool_poisoning', 'tool_drift', 'pii',
        'secret', 'command_injection', 'path_traversal', 'ssrf', 'exfiltration', 'schema_violation', 'custom')),
    severity     varchar(10) not null check (severity in ('low', 'medium', 'high', 'critical')),
    confidence   real not null check (confidence between 0 and 1),
    rule         varchar(100) not null,
    pattern      text,
    direction    varchar(10) not null check (direction in ('request', 'response', 'definition')),
    action_taken varchar(10) not null check (action_taken in ('blocked', 'redacted', 'warned', 'logged')),
    snippet      varchar(200),
    mcp_server   varchar(100) not null,
    tool_name    varchar(255),
    api_key_id   uuid,
    user_id      uuid,
    ip_address   inet,
    disposition  varchar(20) not null default 'unreviewed'
        check (disposition in ('unreviewed', 'true_positive', 'false_positive')),
    note         text,
    reviewed_by  uuid,
    reviewed_at  timestamptz,
    created_at   timestamptz not null default now(),
    primary key (id, created_at),
    foreign key (org_id, reviewed_by) references users (org_id, id) on delete set null (reviewed_by)
) partition by range (created_at);

create index injection_detections_org_id_created_at_idx on injection_detections (org_id, created_at desc);
create index injection_detections_trace_id_idx on injection_detections (org_id, trace_id);

create table tool_classifications (
    id                uuid primary key default uuid_v7(),
    org_id            uuid not null references organizations on delete cascade,
    mcp_server        varchar(100) not null,
    tool_name         varchar(255) not null,
    classification    varchar(20) not null check (classification in ('safe', 'sensitive', 'dangerous')),
    requires_approval boolean,
    description       text not null default '',
    created_at        timestamptz not null default now(),
    updated_at        timestamptz not null default now(),
    version           integer not null default 1,
    created_by        uuid,
    managed_by        varchar(10) not null default 'api' check (managed_by in ('api', 'env', 'system')),
    unique (org_id, mcp_server, tool_name),
    foreign key (org_id, created_by) references users (org_id, id) on delete set null (created_by)
);

-- principal is who the approval fits: 'api_key:<id>' for a service key, 'user:<id>' for a user and all personal keys.
-- schema_hash is the tool definition it was asked under: another definition voids it. arguments are redacted.
create table tool_approvals (
    id             uuid primary key default uuid_v7(),
    org_id         uuid not null references organizations on delete cascade,
    principal      varchar(50) not null check (principal ~ '^(user|api_key):'),
    mcp_server     varchar(100) not null,
    tool_name      varchar(255) not null,
    arguments      jsonb not null default '{}',
    arguments_hash varchar(64) not null check (arguments_hash ~ '^[0-9a-f]{64}$'),
    schema_hash    varchar(64) check (schema_hash ~ '^[0-9a-f]{64}$'),
    requested_by   uuid,
    api_key_id     uuid,
    team_id        uuid,
    reason         varchar(1000) not null default '',
    status         varchar(20) not null default 'pending'
        check (status in ('pending', 'approved', 'denied', 'expired', 'cancelled', 'consumed')),
    expires_at     timestamptz not null,
    reviewed_by    uuid,
    reviewed_at    timestamptz,
    review_note    varchar(1000),
    valid_until    timestamptz,
    max_uses       integer not null default 1 check (max_uses between 1 and 1000),
    use_count      integer not null default 0 check (use_count between 0 and max_uses),
    trace_id       varchar(100),
    created_at     timestamptz not null default now(),
    foreign key (org_id, requested_by) references users (org_id, id) on delete set null (requested_by),
    foreign key (org_id, api_key_id) references api_keys (org_id, id) on delete set null (api_key_id),
    foreign key (org_id, team_id) references teams (org_id, id) on delete set null (team_id),
    foreign key (org_id, reviewed_by) references users (org_id, id) on delete set null (reviewed_by)
);

create unique index tool_approvals_one_pending_key
    on tool_approvals (org_id, principal, mcp_server, tool_name, arguments_hash) where status = 'pending';
create index tool_approvals_status_idx on tool_approvals (org_id, status, created_at desc);
