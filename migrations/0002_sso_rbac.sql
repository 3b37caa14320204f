-- The specification's migration 002: sso_providers, user_sessions, roles, user_roles (contract 5.2), and the built-in
-- roles every organization starts with (contract 4.2).

create table sso_providers (
    id                      uuid primary key default uuid_v7(),
    org_id                  uuid not null references organizations on delete cascade,
    type                    varchar(20) not null
        check (type in ('okta', 'azure_ad', 'google', 'onelogin', 'auth0', 'oidc')),
    name                    varchar(100) not null,
    issuer_url              text not null,
    client_id               text not null,
    client_secret_encrypted bytea not null,
    scopes                  text[] not null default '{openid,profile,email}',
    claim_mappings          jsonb not null default '{}',
    group_mappings          jsonb not null default '[]',
    allowed_domains         text[] not null default '{}',
    jit_provisioning        boolean not null default true,
    default_role            varchar(50) not null default 'viewer',
    mcp_tokens              boolean not null default false,
    enabled                 boolean not null default true,
    created_at              timestamptz not null default now(),
    updated_at              timestamptz not null default now(),
    version                 integer not null default 1,
    created_by              uuid,
    managed_by              varchar(10) not null default 'api' check (managed_by in ('api', 'env', 'system')),
    unique (org_id, id),
    unique (org_id, name),
    foreign key (org_id, created_by) references users (org_id, id) on delete set null (created_by)
);

alter table users add foreign key (org_id, sso_provider_id)
    references sso_providers (org_id, id) on delete set null (sso_provider_id);

-- Only the token's SHA-256 is kept (contract 6.1).
create table user_sessions (
    id              uuid primary key default uuid_v7(),
    org_id          uuid not null references organizations on delete cascade,
    user_id         uuid not null,
    token_hash      bytea not null unique check (octet_length(token_hash) = 32),
    auth_method     varchar(20) not null,
    sso_provider_id uuid,
    ip_address      inet,
    user_agent      text,
    last_active_at  timestamptz not null default now(),
    expires_at      timestamptz not null,
    revoked_at      timestamptz,
    created_at      timestamptz not null default now(),
    foreign key (org_id, user_id) references users (org_id, id) on delete cascade,
    foreign key (org_id, sso_provider_id) references sso_providers (org_id, id) on delete set null (sso_provider_id)
);

create index user_sessions_user_id_idx on user_sessions (org_id, user_id);

create table roles (
    id          uuid primary key default uuid_v7(),
    org_id      uuid not null references organizations on delete cascade,
    name        varchar(50) not null,
    description text not null default '',
    permissions text[] not null check (cardinality(permissions) between 1 and 100),
    is_builtin  boolean not null default false,
    created_at  timestamptz not null default now(),
    updated_at  timestamptz not null default now(),
    version     integer not null default 1,
    created_by  uuid,
    managed_by  varchar(10) not null default 'api' check (managed_by in ('api', 'env', 'system')),
    unique (org_id, id),
    unique (org_id, name),
    foreign key (org_id, created_by) references users (org_id, id) on delete set null (created_by)
);

-- REST calls these role-assignments. A grant on a team or a server goes with it: the generated columns give the
-- polymorphic scope_id real foreign keys (the one on servers follows in 0005).
create table user_roles (
    id         uuid primary key default uuid_v7(),
    org_id     uuid not null references organizations on delete cascade,
    user_id    uuid not null,
    role_id    uuid not null,
    scope_type varchar(20) not null default 'global' check (scope_type in ('global', 'team', 'server')),
    scope_id   uuid,
    granted_by uuid,
    team_id    uuid generated always as (case when scope_type = 'team' then scope_id end) stored,
    server_id  uuid generated always as (case when scope_type = 'server' then scope_id end) stored,
    created_at timestamptz not null default now(),
    check ((scope_type = 'global') = (scope_id is null)),
    constraint user_roles_grant_key unique nulls not distinct (org_id, user_id, role_id, scope_type, scope_id),
    foreign key (org_id, user_id) references users (org_id, id) on delete cascade,
    foreign key (org_id, role_id) references roles (org_id, id),
    foreign key (org_id, team_id) references teams (org_id, id) on delete cascade,
    foreign key (org_id, granted_by) references users (org_id, id) on delete set null (granted_by)
);

create index user_roles_role_id_idx on user_roles (org_id, role_id);

-- The built-in roles; 0003 calls this for every new organization.
create function seed_roles(new_org_id uuid) returns void
language sql as $$
    insert into roles (org_id, name, description, permissions, is_builtin, managed_by)
    select new_org_id, name, description, permissions, true, 'system'
    from (values
        ('admin', 'everything in the organization', array['*']),
        ('security', 'policies, approvals, audit and alerts', array[
            'policies:*', 'approvals:*', 'audit:*', 'alerts:*', 'traces:*', 'servers:read', 'keys:read',
            'keys:revoke', 'users:read', 'teams:read', 'rbac:read', 'settings:read', 'sso:read']),
        ('developer', 'calls tools and sees what they did themselves', array[
            'mcp:*', 'servers:read', 'traces:read:own', 'costs:read:own', 'approvals:read:own', 'approvals:request',
            'keys:read:own', 'keys:create:own', 'keys:rotate:own', 'keys:revoke:own', 'alerts:read',
            'policies:read', 'teams:read', 'users:read']),
        ('viewer', 'sees, changes nothing', array[
            'servers:read', 'traces:read', 'costs:read', 'budgets:read', 'alerts:read', 'policies:read',
            'users:read', 'teams:read']),
        ('billing', 'costs and budgets', array[
            'costs:*', 'budgets:*', 'servers:read', 'teams:read', 'users:read']),
        ('team_member', 'by membership, on that team', array[
            'mcp:*', 'traces:read', 'costs:read', 'budgets:read', 'approvals:read', 'approvals:request']),
        ('team_lead', 'by membership, on that team', array[
            'mcp:*', 'traces:read', 'costs:read', 'budgets:read', 'approvals:read', 'approvals:request',
            'teams:admin', 'budgets:admin', 'approvals:review', 'keys:*'])
    ) as builtin (name, description, permissions)
    on conflict (org_id, name) do nothing
$$;
