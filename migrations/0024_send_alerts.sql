-- Rules are evaluated and receivers told (contract 3.13): what that has to remember. alert_notifications is the queue of
-- the senders: each row is written with the change it tells of, and is sent by whoever claims it first.

alter table alert_rules
    -- After somebody resolved the alert by hand the rule fires no earlier: until then the window holds what they had seen.
    add column fires_from timestamptz;

alter table alerts
    add column window_minutes integer not null default 5,
    -- When its receivers were last told that it fires; null: not yet, for it is silenced.
    add column notified_at timestamptz;

-- The open ones of everybody.
create index alerts_open_idx on alerts (severity) where status in ('firing', 'acknowledged') and not is_test;
create index alerts_org_id_status_idx on alerts (org_id, status, created_at desc);

alter table alert_notifications
    -- The alert as it was then, with what a message says beside it: an attempt says the same as the one before.
    add column told jsonb not null default '{}';

-- What was last delivered by a channel.
create index alert_notifications_channel_id_idx on alert_notifications (org_id, channel_id, created_at desc);
-- Of one alert a channel hears in the order in which things happened.
create index alert_notifications_order_idx on alert_notifications (alert_id, channel_id, created_at, id)
    where status = 'pending';
