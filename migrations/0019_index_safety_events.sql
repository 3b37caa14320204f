-- The ingester tells of so many detections a minute and organization (contract 4.8): in every batch that has some it
-- counts those it has told of, among all that is in the outbox. That is
-- not much, so the index is made in a transaction like any other.
create index outbox_safety_detected_idx on outbox (org_id, created_at) where event = 'safety.detected';
