-- Webhooks are delivered (contract 3.14, 6.3).

-- Why one is off that nobody switched off: its receiver said that it is gone, or did not take anything for days.
alter table webhooks add column disabled_reason varchar(10) check (disabled_reason in ('gone', 'failing'));

-- The outbox is read in the order of its ids, and a row that was read leaves after a while. Nothing reads it by the time
-- of a next attempt: reading one cannot fail by itself.
create index outbox_waiting_idx on outbox (id) where dispatched_at is null;
create index outbox_dispatched_at_idx on outbox (dispatched_at) where dispatched_at is not null;
drop index outbox_due_idx;

-- Each webhook has its turns, so that one that never answers does not take those of others: what is due is looked for by
-- webhook.
create index webhook_deliveries_turn_idx on webhook_deliveries (webhook_id, next_attempt_at) where status = 'pending';
create index webhook_deliveries_created_at_idx on webhook_deliveries (created_at);
drop index webhook_deliveries_due_idx;
