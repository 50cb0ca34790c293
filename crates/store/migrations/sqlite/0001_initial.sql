CREATE TABLE partners (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    slug TEXT NOT NULL UNIQUE,
    is_active INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE partner_outlets (
    id BLOB NOT NULL PRIMARY KEY,
    partner_id BLOB NOT NULL REFERENCES partners (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    code TEXT NOT NULL,
    is_active INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (partner_id, code)
) STRICT;

CREATE TABLE partner_integrations (
    id BLOB NOT NULL PRIMARY KEY,
    partner_id BLOB NOT NULL REFERENCES partners (id) ON DELETE CASCADE,
    outlet_id BLOB REFERENCES partner_outlets (id) ON DELETE CASCADE,
    integration_type TEXT NOT NULL,
    provider TEXT NOT NULL,
    display_name TEXT NOT NULL,
    is_active INTEGER NOT NULL,
    test_mode INTEGER NOT NULL,
    use_partner_config INTEGER NOT NULL,
    configuration TEXT NOT NULL,
    sealed_secrets TEXT NOT NULL,
    settings TEXT NOT NULL,
    inbound_token_hash BLOB NOT NULL UNIQUE,
    sealed_inbound_token TEXT NOT NULL,
    last_tested_at INTEGER,
    last_test_status TEXT,
    last_test_message TEXT,
    created_by TEXT NOT NULL,
    updated_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX partner_integrations_one_per_partner ON partner_integrations (partner_id, integration_type, provider) WHERE outlet_id IS NULL;
CREATE UNIQUE INDEX partner_integrations_one_per_outlet ON partner_integrations (outlet_id, integration_type, provider) WHERE outlet_id IS NOT NULL;

-- The data key of each integration, wrapped by the master key: rotating the master key re-wraps these rows alone.
CREATE TABLE data_keys (
    integration_id BLOB NOT NULL PRIMARY KEY,
    wrapped TEXT NOT NULL,
    master_key_id TEXT NOT NULL
) STRICT;

CREATE TABLE integration_logs (
    id BLOB NOT NULL PRIMARY KEY,
    integration_id BLOB NOT NULL,
    action TEXT NOT NULL,
    status TEXT NOT NULL,
    component TEXT NOT NULL,
    message TEXT NOT NULL,
    error_type TEXT,
    request_data TEXT,
    response_data TEXT,
    error_details TEXT,
    duration INTEGER,
    ip_address TEXT,
    user_agent TEXT,
    user_id BLOB,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX integration_logs_by_time ON integration_logs (integration_id, created_at, id);
CREATE INDEX integration_logs_by_age ON integration_logs (created_at);

CREATE TABLE activity_rollups (
    integration_id BLOB NOT NULL,
    minutes INTEGER NOT NULL,
    bucket_start INTEGER NOT NULL,
    action TEXT NOT NULL,
    component TEXT NOT NULL,
    status TEXT NOT NULL,
    error_type TEXT NOT NULL,
    latency_bucket INTEGER NOT NULL,
    requests INTEGER NOT NULL,
    duration_sum INTEGER NOT NULL,
    PRIMARY KEY (integration_id, minutes, bucket_start, action, component, status, error_type, latency_bucket)
) STRICT, WITHOUT ROWID;
CREATE INDEX activity_rollups_by_time ON activity_rollups (minutes, bucket_start);

CREATE TABLE integration_webhooks (
    id BLOB NOT NULL PRIMARY KEY,
    integration_id BLOB NOT NULL REFERENCES partner_integrations (id) ON DELETE CASCADE,
    webhook_url TEXT NOT NULL,
    sealed_secret TEXT NOT NULL,
    sealed_previous_secret TEXT,
    previous_secret_expires_at INTEGER,
    sealed_headers TEXT NOT NULL,
    events TEXT NOT NULL,
    is_active INTEGER NOT NULL,
    retry_attempts INTEGER NOT NULL,
    retry_delay INTEGER NOT NULL,
    backoff TEXT NOT NULL,
    timeout INTEGER NOT NULL,
    description TEXT,
    last_triggered_at INTEGER,
    last_status TEXT,
    failure_count INTEGER NOT NULL,
    disabled_at INTEGER,
    disabled_reason TEXT,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX integration_webhooks_by_integration ON integration_webhooks (integration_id, id);

CREATE TABLE events (
    id BLOB NOT NULL PRIMARY KEY,
    integration_id BLOB NOT NULL,
    partner_id BLOB NOT NULL,
    event_type TEXT NOT NULL,
    source TEXT NOT NULL,
    subject TEXT,
    subject_rank INTEGER NOT NULL,
    is_late INTEGER NOT NULL,
    payload TEXT NOT NULL,
    occurred_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX events_by_integration ON events (integration_id, id);
CREATE INDEX events_by_subject ON events (integration_id, subject, subject_rank) WHERE subject IS NOT NULL;
CREATE INDEX events_by_age ON events (created_at);

-- What has been accepted already: idempotency keys, providers' own keys, one-time tokens.
CREATE TABLE event_keys (
    integration_id BLOB NOT NULL,
    event_key TEXT NOT NULL,
    event_id BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (integration_id, event_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX event_keys_by_age ON event_keys (created_at);

CREATE TABLE inbound_notifications (
    id BLOB NOT NULL PRIMARY KEY,
    integration_id BLOB NOT NULL,
    outcome TEXT NOT NULL,
    reason TEXT,
    headers TEXT NOT NULL,
    body TEXT,
    remote_address TEXT,
    received_at INTEGER NOT NULL
) STRICT;
CREATE INDEX inbound_notifications_by_integration ON inbound_notifications (integration_id, id);
CREATE INDEX inbound_notifications_by_age ON inbound_notifications (received_at);

CREATE TABLE deliveries (
    id BLOB NOT NULL PRIMARY KEY,
    webhook_id BLOB NOT NULL,
    event_id BLOB NOT NULL,
    integration_id BLOB NOT NULL,
    event_type TEXT NOT NULL,
    state TEXT NOT NULL,
    attempt_count INTEGER NOT NULL,
    round_attempts INTEGER NOT NULL,
    trigger TEXT NOT NULL,
    triggered_by TEXT,
    next_attempt_at INTEGER,
    lease_owner BLOB,
    lease_until INTEGER,
    last_response_status INTEGER,
    created_at INTEGER NOT NULL,
    completed_at INTEGER,
    UNIQUE (event_id, webhook_id)
) STRICT;
CREATE INDEX deliveries_due ON deliveries (next_attempt_at) WHERE state = 'pending';
CREATE INDEX deliveries_leased ON deliveries (lease_until) WHERE state = 'leased';
CREATE INDEX deliveries_by_webhook ON deliveries (webhook_id, id);
CREATE INDEX deliveries_by_state ON deliveries (webhook_id, state, id);
CREATE INDEX deliveries_by_age ON deliveries (created_at);

CREATE TABLE delivery_attempts (
    id BLOB NOT NULL PRIMARY KEY,
    delivery_id BLOB NOT NULL,
    number INTEGER NOT NULL,
    trigger TEXT NOT NULL,
    triggered_by TEXT,
    status TEXT NOT NULL,
    request_headers TEXT NOT NULL,
    response_status INTEGER,
    response_headers TEXT,
    response_body TEXT,
    error_type TEXT,
    error_message TEXT,
    duration INTEGER NOT NULL,
    remote_address TEXT,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX delivery_attempts_by_delivery ON delivery_attempts (delivery_id, number);
CREATE INDEX delivery_attempts_by_age ON delivery_attempts (created_at);

CREATE TABLE users (
    id BLOB NOT NULL PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    partner_id BLOB REFERENCES partners (id) ON DELETE CASCADE,
    password_hash TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE sessions (
    id BLOB NOT NULL PRIMARY KEY,
    token_hash BLOB NOT NULL UNIQUE,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_by_user ON sessions (user_id);

CREATE TABLE api_keys (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    partner_id BLOB REFERENCES partners (id) ON DELETE CASCADE,
    prefix TEXT NOT NULL,
    key_hash BLOB NOT NULL UNIQUE,
    expires_at INTEGER,
    last_used_at INTEGER,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- Facts about the installation itself: the master key's check, how far back the log reaches.
CREATE TABLE installation (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
