-- How a webhook wants its deliveries, and what the hub has learned of the receiver.
ALTER TABLE integration_webhooks ADD COLUMN sealed_previous_secrets TEXT;
ALTER TABLE integration_webhooks ADD COLUMN signature_scheme TEXT NOT NULL DEFAULT 'hmac';
ALTER TABLE integration_webhooks ADD COLUMN sealed_signing_key TEXT;
ALTER TABLE integration_webhooks ADD COLUMN ordering TEXT NOT NULL DEFAULT 'none';
ALTER TABLE integration_webhooks ADD COLUMN concurrency INTEGER;
ALTER TABLE integration_webhooks ADD COLUMN rate_limit INTEGER;
ALTER TABLE integration_webhooks ADD COLUMN filter TEXT;
ALTER TABLE integration_webhooks ADD COLUMN transformation TEXT;
ALTER TABLE integration_webhooks ADD COLUMN payload_style TEXT NOT NULL DEFAULT 'full';
ALTER TABLE integration_webhooks ADD COLUMN failing_since INTEGER;
ALTER TABLE integration_webhooks ADD COLUMN warned_at INTEGER;
-- Attempts in a row to which nothing able to take deliveries answered.
ALTER TABLE integration_webhooks ADD COLUMN dead_attempts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE integration_webhooks ADD COLUMN circuit TEXT NOT NULL DEFAULT 'closed';
ALTER TABLE integration_webhooks ADD COLUMN circuit_changed_at INTEGER;
ALTER TABLE integration_webhooks ADD COLUMN circuit_probes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE integration_webhooks ADD COLUMN next_probe_at INTEGER;
CREATE INDEX integration_webhooks_open ON integration_webhooks (next_probe_at) WHERE circuit = 'open';
CREATE INDEX integration_webhooks_recovering ON integration_webhooks (id) WHERE circuit = 'recovering';

-- Until when a webhook's rate is spoken for, by all nodes together.
CREATE TABLE webhook_pace (
    webhook_id BLOB NOT NULL PRIMARY KEY,
    next_slot_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

ALTER TABLE deliveries ADD COLUMN order_key TEXT;
ALTER TABLE deliveries ADD COLUMN payload_size INTEGER NOT NULL DEFAULT 0;
CREATE INDEX deliveries_due_by_webhook ON deliveries (webhook_id, next_attempt_at) WHERE state = 'pending';
CREATE INDEX deliveries_parked ON deliveries (created_at) WHERE state = 'parked';
CREATE INDEX deliveries_held ON deliveries (webhook_id, order_key, id) WHERE state = 'held';
CREATE INDEX deliveries_holding ON deliveries (webhook_id, order_key) WHERE order_key IS NOT NULL AND state IN ('pending', 'leased');

ALTER TABLE delivery_attempts ADD COLUMN dns_duration INTEGER;
ALTER TABLE delivery_attempts ADD COLUMN connect_duration INTEGER;
ALTER TABLE delivery_attempts ADD COLUMN tls_duration INTEGER;
ALTER TABLE delivery_attempts ADD COLUMN first_byte_duration INTEGER;

-- A refused notification as it came, sealed, so that it can be checked again once the secret is mended.
ALTER TABLE inbound_notifications ADD COLUMN sealed_request TEXT;
ALTER TABLE inbound_notifications ADD COLUMN accepted_at INTEGER;
ALTER TABLE inbound_notifications ADD COLUMN accepted_by TEXT;

-- Sending many deliveries again: how far it has come.
CREATE TABLE replays (
    id BLOB NOT NULL PRIMARY KEY,
    webhook_id BLOB NOT NULL REFERENCES integration_webhooks (id) ON DELETE CASCADE,
    integration_id BLOB NOT NULL,
    state TEXT NOT NULL,
    filter_status TEXT,
    filter_from INTEGER,
    filter_to INTEGER,
    filter_events TEXT NOT NULL,
    total INTEGER NOT NULL,
    replayed INTEGER NOT NULL,
    cursor_id BLOB,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    completed_at INTEGER
) STRICT;
CREATE INDEX replays_by_webhook ON replays (webhook_id, id);
CREATE INDEX replays_running ON replays (id) WHERE state = 'running';

-- Work that one node does for all: who holds it, and until when.
CREATE TABLE leaderships (
    name TEXT NOT NULL PRIMARY KEY,
    holder BLOB NOT NULL,
    lease_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
