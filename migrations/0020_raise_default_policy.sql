-- The policy that every organization begins with blocks. Of what is merely personal (an e-mail address, a phone number) a
-- result is full in daily work, so it minds what is at least of medium severity; whoever wants more says so.
create or replace function seed_organization(new_org_id uuid) returns void
language sql as $$
    select seed_roles(new_org_id);
    insert into safety_policies (org_id, name, description, is_default, managed_by, min_severity)
    values (new_org_id, 'default', 'applies to every call', true, 'system', 'medium')
    on conflict (org_id, name) do nothing
$$;

-- Who changed theirs has decided already. Row level security holds for the owner of the tables too.
set local role gatewayops_worker;
update safety_policies set min_severity = 'medium' where is_default and version = 1;
reset role;
