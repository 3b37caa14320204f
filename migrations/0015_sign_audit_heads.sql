-- Heads of audit chains under signature: once a minute, where the chain has grown, what the control plane saw as its last
-- row. Whoever can write to this database can cut the newest rows off and set audit_heads back, and the shorter chain
-- fits in itself; these rows then still name the longer one, and nobody without the signing key (system_secrets, sealed)
-- can write others in their place.
--
-- Never pruned: a row is 250 bytes and is written only where something happened, and it is what an export from years ago
-- is compared with. A head may be signed twice with different hashes; that is no conflict but the proof of one.
create table audit_signed_heads (
    id         uuid primary key default uuid_v7(),
    org_id     uuid not null references organizations,
    seq        bigint not null check (seq > 0),
    hash       bytea not null check (octet_length(hash) = 32),
    key_id     varchar(16) not null,
    signature  bytea not null check (octet_length(signature) = 64),
    signed_at  timestamptz not null,
    created_at timestamptz not null default now()
);

-- Verification reads them in the order of the rows; the job asks for the last that was signed.
create index audit_signed_heads_seq_idx on audit_signed_heads (org_id, seq, signed_at);
create index audit_signed_heads_signed_at_idx on audit_signed_heads (org_id, signed_at desc);

select isolate('audit_signed_heads', 'select', 'select, insert');

create or replace function refuse_audit_change() returns trigger
language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name using errcode = 'insufficient_privilege';
end $$;

create trigger refuse_audit_change before update or delete on audit_signed_heads
for each row execute function refuse_audit_change();
create trigger refuse_audit_truncate before truncate on audit_signed_heads
for each statement execute function refuse_audit_change();
