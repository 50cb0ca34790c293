CREATE TABLE partners (
    id UUID NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    slug TEXT NOT NULL UNIQUE,
    is_active BOOLEAN NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE partner_outlets (
    id UUID NOT NULL PRIMARY KEY,
    partner_id UUID NOT NULL REFERENCES partners (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    code TEXT NOT NULL,
    is_active BOOLEAN NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    UNIQUE (partner_id, code)
);

CREATE TABLE partner_integrations (
    id UUID NOT NULL PRIMARY KEY,
    partner_id UUID NOT NULL REFERENCES partners (id) ON DELETE CASCADE,
    outlet_id UUID REFERENCES partner_outlets (id) ON DELETE CASCADE,
    integration_type TEXT NOT NULL,
    provider TEXT NOT NULL,
    display_name TEXT NOT NULL,
    is_active BOOLEAN NOT NULL,
    test_mode BOOLEAN NOT NULL,
    use_partner_config BOOLEAN NOT NULL,
    configuration TEXT NOT NULL,
    sealed_secrets TEXT NOT NULL,
    settings TEXT NOT NULL,
    inbound_token_hash BYTEA NOT NULL UNIQUE,
    sealed_inbound_token TEXT NOT NULL,
    last_tested_at TIMESTAMPTZ,
    last_test_status TEXT,
    last_test_message TEXT,
    created_by TEXT NOT NULL,
    updated_by TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX partner_integrations_one_per_partner ON partner_integrations (partner_id, integration_type, provider) WHERE outlet_id IS NULL;
CREATE UNIQUE INDEX partner_integrations_one_per_outlet ON partner_integrations (outlet_id, integration_type, provider) WHERE outlet_id IS NOT NULL;

-- The data key of each integration, wrapped by the master key: rotating the master key re-wraps these rows alone.
CREATE TABLE data_keys (
    integration_id UUID NOT NULL PRIMARY KEY,
    wrapped TEXT NOT NULL,
    master_key_id TEXT NOT NULL
);

CREATE TABLE integration_logs (
    id UUID NOT NULL PRIMARY KEY,
    integration_id UUID NOT NULL,
    action TEXT NOT NULL,
    status TEXT NOT NULL,
    component TEXT NOT NULL,
    message TEXT NOT NULL,
    error_type TEXT,
    request_data TEXT,
    response_data TEXT,
    error_details TEXT,
    duration BIGINT,
    ip_address TEXT,
    user_agent TEXT,
    user_id UUID,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX integration_logs_by_time ON integration_logs (integration_id, created_at, id);
CREATE INDEX integration_logs_by_age ON integration_logs (created_at);

CREATE TABLE activity_rollups (
    integration_id UUID NOT NULL,
    minutes INTEGER NOT NULL,
    bucket_start TIMESTAMPTZ NOT NULL,
    action TEXT NOT NULL,
    component TEXT NOT NULL,
    status TEXT NOT NULL,
    error_type TEXT NOT NULL,
    latency_bucket INTEGER NOT NULL,
    requests BIGINT NOT NULL,
    duration_sum BIGINT NOT NULL,
    PRIMARY KEY (integration_id, minutes, bucket_start, action, component, status, error_type, latency_bucket)
);
CREATE INDEX activity_rollups_by_time ON activity_rollups (minutes, bucket_start);

CREATE TABLE integration_webhooks (
    id UUID NOT NULL PRIMARY KEY,
    integration_id UUID NOT NULL REFERENCES partner_integrations (id) ON DELETE CASCADE,
    webhook_url TEXT NOT NULL,
    sealed_secret TEXT NOT NULL,
    sealed_previous_secret TEXT,
    previous_secret_expires_at TIMESTAMPTZ,
    sealed_headers TEXT NOT NULL,
    events TEXT NOT NULL,
    is_active BOOLEAN NOT NULL,
    retry_attempts INTEGER NOT NULL,
    retry_delay INTEGER NOT NULL,
    backoff TEXT NOT NULL,
    timeout INTEGER NOT NULL,
    description TEXT,
    last_triggered_at TIMESTAMPTZ,
    last_status TEXT,
    failure_count INTEGER NOT NULL,
    disabled_at TIMESTAMPTZ,
    disabled_reason TEXT,
    created_by TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX integration_webhooks_by_integration ON integration_webhooks (integration_id, id);

CREATE TABLE events (
    id UUID NOT NULL PRIMARY KEY,
    integration_id UUID NOT NULL,
    partner_id UUID NOT NULL,
    event_type TEXT NOT NULL,
    source TEXT NOT NULL,
    subject TEXT,
    subject_rank INTEGER NOT NULL,
    is_late BOOLEAN NOT NULL,
    payload TEXT NOT NULL,
    occurred_at TIMESTAMPTZ NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX events_by_integration ON events (integration_id, id);
CREATE INDEX events_by_subject ON events (integration_id, subject, subject_rank) WHERE subject IS NOT NULL;
CREATE INDEX events_by_age ON events (created_at);

-- What has been accepted already: idempotency keys, providers' own keys, one-time tokens.
CREATE TABLE event_keys (
    integration_id UUID NOT NULL,
    event_key TEXT NOT NULL,
    event_id UUID NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (integration_id, event_key)
);
CREATE INDEX event_keys_by_age ON event_keys (created_at);

CREATE TABLE inbound_notifications (
    id UUID NOT NULL PRIMARY KEY,
    integration_id UUID NOT NULL,
    outcome TEXT NOT NULL,
    reason TEXT,
    headers TEXT NOT NULL,
    body TEXT,
    remote_address TEXT,
    received_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX inbound_notifications_by_integration ON inbound_notifications (integration_id, id);
CREATE INDEX inbound_notifications_by_age ON inbound_notifications (received_at);

CREATE TABLE deliveries (
    id UUID NOT NULL PRIMARY KEY,
    webhook_id UUID NOT NULL,
    event_id UUID NOT NULL,
    integration_id UUID NOT NULL,
    event_type TEXT NOT NULL,
    state TEXT NOT NULL,
    attempt_count INTEGER NOT NULL,
    round_attempts INTEGER NOT NULL,
    trigger TEXT NOT NULL,
    triggered_by TEXT,
    next_attempt_at TIMESTAMPTZ,
    lease_owner UUID,
    lease_until TIMESTAMPTZ,
    last_response_status INTEGER,
    created_at TIMESTAMPTZ NOT NULL,
    completed_at TIMESTAMPTZ,
    UNIQUE (event_id, webhook_id)
);
CREATE INDEX deliveries_due ON deliveries (next_attempt_at) WHERE state = 'pending';
CREATE INDEX deliveries_leased ON deliveries (lease_until) WHERE state = 'leased';
CREATE INDEX deliveries_by_webhook ON deliveries (webhook_id, id);
CREATE INDEX deliveries_by_state ON deliveries (webhook_id, state, id);
CREATE INDEX deliveries_by_age ON deliveries (created_at);

CREATE TABLE delivery_attempts (
    id UUID NOT NULL PRIMARY KEY,
    delivery_id UUID NOT NULL,
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
    duration BIGINT NOT NULL,
    remote_address TEXT,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX delivery_attempts_by_delivery ON delivery_attempts (delivery_id, number);
CREATE INDEX delivery_attempts_by_age ON delivery_attempts (created_at);

CREATE TABLE users (
    id UUID NOT NULL PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    partner_id UUID REFERENCES partners (id) ON DELETE CASCADE,
    password_hash TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE sessions (
    id UUID NOT NULL PRIMARY KEY,
    token_hash BYTEA NOT NULL UNIQUE,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_id);

CREATE TABLE api_keys (
    id UUID NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    partner_id UUID REFERENCES partners (id) ON DELETE CASCADE,
    prefix TEXT NOT NULL,
    key_hash BYTEA NOT NULL UNIQUE,
    expires_at TIMESTAMPTZ,
    last_used_at TIMESTAMPTZ,
    created_by TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);

-- Facts about the installation itself: the master key's check, how far back the log reaches.
CREATE TABLE installation (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);
