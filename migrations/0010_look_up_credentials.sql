-- Look-ups made before the organization is known (contract 5.5). They run as gatewayops_worker, whose policy is `true`:
-- forced row level security holds for the owner of the tables, and that owner need not be a superuser.
-- They answer revoked and expired rows too, for the caller must say which of the two it was (contract 1.4).

create function find_api_key_by_hash(hash bytea) returns setof api_keys
language sql stable security definer set search_path = public, pg_temp as $$
    select * from api_keys where key_hash = hash or previous_key_hash = hash
$$;

create function find_session_by_hash(hash bytea) returns setof user_sessions
language sql stable security definer set search_path = public, pg_temp as $$
    select * from user_sessions where token_hash = hash
$$;

create function find_invite_by_hash(hash bytea) returns setof invites
language sql stable security definer set search_path = public, pg_temp as $$
    select * from invites where token_hash = hash
$$;

-- One person may have an account in several organizations: the caller tries the password on each.
create function find_logins_by_email(address citext) returns table (
    org_id uuid, user_id uuid, password_hash text, status varchar, org_slug varchar, org_name varchar)
language sql stable security definer set search_path = public, pg_temp as $$
    select o.id, u.id, u.password_hash, u.status, o.slug, o.name
    from users u join organizations o on o.id = u.org_id
    where u.email = address
$$;

create function organization_by_slug(wanted text) returns setof organizations
language sql stable security definer set search_path = public, pg_temp as $$
    select * from organizations where slug = wanted
$$;

grant create on schema public to gatewayops_worker;

do $$
declare
    ours constant text := current_user;
    look_up regprocedure;
begin
    foreach look_up in array array[
        'find_api_key_by_hash(bytea)', 'find_session_by_hash(bytea)', 'find_invite_by_hash(bytea)',
        'find_logins_by_email(citext)', 'organization_by_slug(text)'
    ]::regprocedure[] loop
        execute format('alter function %s owner to gatewayops_worker', look_up);
        -- A new owner takes over the old one's rights, so it is the new one who must give us ours back.
        set local role gatewayops_worker;
        execute format('revoke execute on function %s from public', look_up);
        execute format('grant execute on function %s to gatewayops_app, %I', look_up, ours);
        execute format('set local role %I', ours);
    end loop;
end $$;

revoke create on schema public from gatewayops_worker;
