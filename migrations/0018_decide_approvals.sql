-- Approvals are decided, used up and announced (contract 3.7). Proxies ask for each call at its moment, so an approval is
-- none of the things they hold, and its changes no longer take the change log's lock; who waits for a decision hears of
-- it by a channel of its own.

drop trigger log_change on tool_approvals;

alter table tool_approvals
    add unique (org_id, id),
    -- Why it is expired; null: it ended before this column did exist, or is not expired.
    add column expiry_reason varchar(20) check (expiry_reason in ('time', 'definition_changed')),
    -- When those who may review were written to. What there is already is not told of again.
    add column announced_at timestamptz default now(),
    add check (status = 'expired' or expiry_reason is null),
    add check (status not in ('approved', 'consumed') or (reviewed_at is not null and valid_until is not null));
alter table tool_approvals alter column announced_at drop default;

-- What is asked at each call: the open ones for it, and whether it was denied.
create index tool_approvals_call_idx on tool_approvals (org_id, principal, arguments_hash, created_at desc);
-- What a changed definition voids.
create index tool_approvals_tool_idx on tool_approvals (org_id, mcp_server, tool_name)
    where status in ('pending', 'approved');
create index tool_approvals_due_idx on tool_approvals ((case status when 'pending' then expires_at else valid_until end))
    where status in ('pending', 'approved');
create index tool_approvals_unannounced_idx on tool_approvals (created_at)
    where announced_at is null and status = 'pending';

-- Whatever the code does: pending → approved, denied, expired, cancelled; approved → consumed, expired; no other moves.
create function check_approval_move() returns trigger
language plpgsql as $$
begin
    if (old.status, new.status) in (
        ('pending', 'approved'), ('pending', 'denied'), ('pending', 'expired'), ('pending', 'cancelled'),
        ('approved', 'consumed'), ('approved', 'expired'))
    then
        return new;
    end if;
    raise exception 'an approval does not go from % to %', old.status, new.status using errcode = 'check_violation';
end $$;

create trigger check_approval_move before update of status on tool_approvals
for each row when (old.status <> new.status) execute function check_approval_move();

create function announce_decision() returns trigger
language plpgsql as $$
begin
    perform pg_notify('gwo_approvals', new.id::text);
    return null;
end $$;

create trigger announce_decision after update of status on tool_approvals
for each row when (old.status = 'pending' and new.status <> 'pending') execute function announce_decision();

-- Who is told that an approval waits, once each. A row is written before the attempt it counts, so that a crash in
-- between tells somebody later, and never twice in a row.
create table approval_notices (
    id              uuid primary key default uuid_v7(),
    org_id          uuid not null references organizations on delete cascade,
    approval_id     uuid not null,
    kind            varchar(10) not null check (kind in ('email', 'slack')),
    -- An address, or the name of a channel.
    recipient       varchar(254) not null,
    status          varchar(10) not null default 'pending' check (status in ('pending', 'sent', 'failed', 'dropped')),
    attempts        integer not null default 0,
    next_attempt_at timestamptz not null default now(),
    created_at      timestamptz not null default now(),
    unique (approval_id, kind, recipient),
    foreign key (org_id, approval_id) references tool_approvals (org_id, id) on delete cascade
);

create index approval_notices_due_idx on approval_notices (next_attempt_at) where status = 'pending';
create index approval_notices_recipient_idx on approval_notices (org_id, kind, recipient, created_at);
create index approval_notices_created_at_idx on approval_notices (created_at);

select isolate('approval_notices', 'select');
