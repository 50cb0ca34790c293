-- When each integration is tested next.
CREATE TABLE probes (
    integration_id UUID NOT NULL PRIMARY KEY REFERENCES partner_integrations (id) ON DELETE CASCADE,
    next_probe_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX probes_due ON probes (next_probe_at);

-- Spans in which failures are expected: of one integration, a partner, a provider, or all. Without an end: a pause.
CREATE TABLE maintenance_windows (
    id UUID NOT NULL PRIMARY KEY,
    integration_id UUID REFERENCES partner_integrations (id) ON DELETE CASCADE,
    partner_id UUID REFERENCES partners (id) ON DELETE CASCADE,
    provider TEXT,
    is_pause BOOLEAN NOT NULL,
    starts_at TIMESTAMPTZ NOT NULL,
    ends_at TIMESTAMPTZ,
    reason TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX maintenance_windows_by_end ON maintenance_windows (ends_at);
CREATE INDEX maintenance_windows_by_integration ON maintenance_windows (integration_id);

-- What the overview shows of each integration, as it was last computed. A row outlives its integration for a day, so that
-- whoever listens hears that it is gone; so no foreign key.
CREATE TABLE integration_health (
    integration_id UUID NOT NULL PRIMARY KEY,
    partner_id UUID NOT NULL,
    health_status TEXT NOT NULL,
    health_score DOUBLE PRECISION,
    previous_score DOUBLE PRECISION,
    provisional BOOLEAN NOT NULL,
    total_requests BIGINT NOT NULL,
    success_count BIGINT NOT NULL,
    p95_response_time BIGINT,
    uptime DOUBLE PRECISION,
    connection_status TEXT NOT NULL,
    deliveries_status TEXT NOT NULL,
    open_incident_id UUID,
    facts TEXT NOT NULL,
    paused BOOLEAN NOT NULL,
    paused_until TIMESTAMPTZ,
    removed_at TIMESTAMPTZ,
    changed_at TIMESTAMPTZ NOT NULL,
    evaluated_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX integration_health_by_change ON integration_health (changed_at);
CREATE INDEX integration_health_by_age ON integration_health (evaluated_at);

CREATE TABLE incidents (
    id UUID NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    severity TEXT NOT NULL,
    integration_id UUID,
    partner_id UUID,
    provider TEXT NOT NULL,
    webhook_id UUID,
    -- The provider's outage that it is part of.
    outage_id UUID,
    -- Tells apart what can be open side by side: the integration, the webhook, the provider, the thing that expires.
    subject TEXT NOT NULL,
    cause TEXT NOT NULL,
    opened_by TEXT NOT NULL,
    started_at TIMESTAMPTZ NOT NULL,
    opened_at TIMESTAMPTZ NOT NULL,
    closed_at TIMESTAMPTZ,
    last_failure_at TIMESTAMPTZ NOT NULL,
    first_error TEXT NOT NULL,
    last_error TEXT NOT NULL,
    affected_calls BIGINT NOT NULL,
    affected_integrations BIGINT NOT NULL,
    acknowledged_at TIMESTAMPTZ,
    acknowledged_by TEXT,
    updated_at TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX incidents_open ON incidents (kind, subject) WHERE closed_at IS NULL;
CREATE INDEX incidents_by_integration ON incidents (integration_id, id);
CREATE INDEX incidents_by_partner ON incidents (partner_id, id);
CREATE INDEX incidents_by_outage ON incidents (outage_id, id) WHERE outage_id IS NOT NULL;
CREATE INDEX incidents_by_change ON incidents (updated_at);

-- The timeline of an incident.
CREATE TABLE incident_entries (
    id UUID NOT NULL PRIMARY KEY,
    incident_id UUID NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    message TEXT NOT NULL,
    author TEXT,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX incident_entries_by_incident ON incident_entries (incident_id, id);
