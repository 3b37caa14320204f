-- Signing in by an identity provider (contract 3.1, 3.14): what tells its grants from those made by hand, what ends its
-- sessions, what may be used only once, and the keys that proxies check its tokens with.

-- Grants that group mappings made: they come and go with the groups at every sign-in, and go with the provider. Those
-- made by hand have no provider and stay.
alter table user_roles
    add column sso_provider_id uuid,
    add foreign key (org_id, sso_provider_id) references sso_providers (org_id, id) on delete cascade;
alter table team_memberships
    add column sso_provider_id uuid,
    add foreign key (org_id, sso_provider_id) references sso_providers (org_id, id) on delete cascade;

-- Platform administrators sign in only by a provider of which one of them decided who its people are: others decide for
-- one organization, and would see them all.
alter table sso_providers add column for_platform_admins boolean not null default false;

-- Who signed in as whom at the provider: a logout there names the subject, its session, or both (OpenID Connect
-- Back-Channel Logout 1.0 §2.4). The ID token is handed back at logout (RP-Initiated Logout 1.0 §2).
alter table user_sessions
    add column sso_subject text,
    add column sso_sid text,
    add column id_token_encrypted bytea;

create index user_sessions_sso_idx on user_sessions (org_id, sso_provider_id, sso_subject)
    where sso_provider_id is not null;

-- The `state` of a sign-in and the `jti` of a logout token are good once, on whatever replica they arrive.
create table sso_spent_tokens (
    org_id      uuid not null references organizations on delete cascade,
    provider_id uuid not null,
    token_hash  bytea not null check (octet_length(token_hash) = 32),
    expires_at  timestamptz not null,
    created_at  timestamptz not null default now(),
    primary key (provider_id, token_hash),
    foreign key (org_id, provider_id) references sso_providers (org_id, id) on delete cascade
);

create index sso_spent_tokens_expires_at_idx on sso_spent_tokens (expires_at);

-- The public keys of providers with mcp_tokens, as last fetched. `tried_at` is what replicas take turns by.
create table sso_provider_keys (
    org_id      uuid not null references organizations on delete cascade,
    provider_id uuid primary key,
    jwks        jsonb,
    fetched_at  timestamptz,
    tried_at    timestamptz not null default now(),
    created_at  timestamptz not null default now(),
    foreign key (org_id, provider_id) references sso_providers (org_id, id) on delete cascade
);

select isolate('sso_spent_tokens');
select isolate('sso_provider_keys');
select log_changes_of('sso_provider_keys', '{fetched_at,tried_at}');

-- Before the organization is known (as in 0010): whose provider an address names, and the organization of a deployment
-- that has one only, so that its people need not name it.
create function find_sso_provider(wanted uuid) returns table (org_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
    select p.org_id from sso_providers p where p.id = wanted
$$;

create function only_organization() returns setof organizations
language sql stable security definer set search_path = public, pg_temp as $$
    select * from organizations where (select count(*) from (select from organizations limit 2) as few) = 1
$$;

grant create on schema public to gatewayops_worker;

do $$
declare
    ours constant text := current_user;
    look_up regprocedure;
begin
    foreach look_up in array array['find_sso_provider(uuid)', 'only_organization()']::regprocedure[] loop
        execute format('alter function %s owner to gatewayops_worker', look_up);
        set local role gatewayops_worker;
        execute format('revoke execute on function %s from public', look_up);
        execute format('grant execute on function %s to gatewayops_app, %I', look_up, ours);
        execute format('set local role %I', ours);
    end loop;
end $$;

revoke create on schema public from gatewayops_worker;
