-- Ways to reach people. The configuration is sealed as a whole, under a key of the channel's own.
CREATE TABLE alert_channels (
    id UUID NOT NULL PRIMARY KEY,
    partner_id UUID REFERENCES partners (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    is_active BOOLEAN NOT NULL,
    wrapped_key TEXT NOT NULL,
    master_key_id TEXT NOT NULL,
    sealed_configuration TEXT NOT NULL,
    fallback_channel_id UUID,
    last_delivery_at TIMESTAMPTZ,
    last_status TEXT,
    last_error TEXT,
    created_by TEXT NOT NULL,
    updated_by TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX alert_channels_by_partner ON alert_channels (partner_id);

-- Who is told of what.
CREATE TABLE alert_rules (
    id UUID NOT NULL PRIMARY KEY,
    partner_id UUID REFERENCES partners (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    is_active BOOLEAN NOT NULL,
    minimum_severity TEXT NOT NULL,
    kinds TEXT NOT NULL,
    partner_ids TEXT NOT NULL,
    providers TEXT NOT NULL,
    channel_ids TEXT NOT NULL,
    repeat_minutes INTEGER,
    notify_resolved BOOLEAN NOT NULL,
    quiet_hours TEXT,
    group_seconds INTEGER NOT NULL,
    language TEXT NOT NULL,
    held_until TIMESTAMPTZ,
    created_by TEXT NOT NULL,
    updated_by TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX alert_rules_by_partner ON alert_rules (partner_id);

-- What one rule has to say of one incident. Incidents are let go on their own, so no foreign key.
CREATE TABLE alerts (
    id UUID NOT NULL PRIMARY KEY,
    rule_id UUID NOT NULL REFERENCES alert_rules (id) ON DELETE CASCADE,
    incident_id UUID NOT NULL,
    state TEXT NOT NULL,
    due_at TIMESTAMPTZ,
    told_at TIMESTAMPTZ,
    told_count BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX alerts_by_rule ON alerts (rule_id, incident_id);
CREATE INDEX alerts_by_incident ON alerts (incident_id);
CREATE INDEX alerts_due ON alerts (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX alerts_by_change ON alerts (updated_at);

-- Messages on their way, one for each channel, and what became of them.
CREATE TABLE alert_deliveries (
    id UUID NOT NULL PRIMARY KEY,
    channel_id UUID NOT NULL REFERENCES alert_channels (id) ON DELETE CASCADE,
    rule_id UUID,
    message_id UUID NOT NULL,
    kind TEXT NOT NULL,
    message TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    next_attempt_at TIMESTAMPTZ,
    remaining TEXT,
    failed_channels TEXT NOT NULL,
    error_type TEXT,
    last_error TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    completed_at TIMESTAMPTZ
);
CREATE INDEX alert_deliveries_due ON alert_deliveries (next_attempt_at) WHERE state = 'waiting';
CREATE INDEX alert_deliveries_by_channel ON alert_deliveries (channel_id, id);
CREATE INDEX alert_deliveries_by_rule ON alert_deliveries (rule_id, id);
CREATE INDEX alert_deliveries_by_state ON alert_deliveries (state, id);
