-- When each integration is tested next.
CREATE TABLE probes (
    integration_id BLOB NOT NULL PRIMARY KEY REFERENCES partner_integrations (id) ON DELETE CASCADE,
    next_probe_at INTEGER NOT NULL
) STRICT;
CREATE INDEX probes_due ON probes (next_probe_at);

-- Spans in which failures are expected: of one integration, a partner, a provider, or all. Without an end: a pause.
CREATE TABLE maintenance_windows (
    id BLOB NOT NULL PRIMARY KEY,
    integration_id BLOB REFERENCES partner_integrations (id) ON DELETE CASCADE,
    partner_id BLOB REFERENCES partners (id) ON DELETE CASCADE,
    provider TEXT,
    is_pause INTEGER NOT NULL,
    starts_at INTEGER NOT NULL,
    ends_at INTEGER,
    reason TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX maintenance_windows_by_end ON maintenance_windows (ends_at);
CREATE INDEX maintenance_windows_by_integration ON maintenance_windows (integration_id);

-- What the overview shows of each integration, as it was last computed. A row outlives its integration for a day, so that
-- whoever listens hears that it is gone; so no foreign key.
CREATE TABLE integration_health (
    integration_id BLOB NOT NULL PRIMARY KEY,
    partner_id BLOB NOT NULL,
    health_status TEXT NOT NULL,
    health_score REAL,
    previous_score REAL,
    provisional INTEGER NOT NULL,
    total_requests INTEGER NOT NULL,
    success_count INTEGER NOT NULL,
    p95_response_time INTEGER,
    uptime REAL,
    connection_status TEXT NOT NULL,
    deliveries_status TEXT NOT NULL,
    open_incident_id BLOB,
    facts TEXT NOT NULL,
    paused INTEGER NOT NULL,
    paused_until INTEGER,
    removed_at INTEGER,
    changed_at INTEGER NOT NULL,
    evaluated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX integration_health_by_change ON integration_health (changed_at);
CREATE INDEX integration_health_by_age ON integration_health (evaluated_at);

CREATE TABLE incidents (
    id BLOB NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    severity TEXT NOT NULL,
    integration_id BLOB,
    partner_id BLOB,
    provider TEXT NOT NULL,
    webhook_id BLOB,
    -- The provider's outage that it is part of.
    outage_id BLOB,
    -- Tells apart what can be open side by side: the integration, the webhook, the provider, the thing that expires.
    subject TEXT NOT NULL,
    cause TEXT NOT NULL,
    opened_by TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    opened_at INTEGER NOT NULL,
    closed_at INTEGER,
    last_failure_at INTEGER NOT NULL,
    first_error TEXT NOT NULL,
    last_error TEXT NOT NULL,
    affected_calls INTEGER NOT NULL,
    affected_integrations INTEGER NOT NULL,
    acknowledged_at INTEGER,
    acknowledged_by TEXT,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX incidents_open ON incidents (kind, subject) WHERE closed_at IS NULL;
CREATE INDEX incidents_by_integration ON incidents (integration_id, id);
CREATE INDEX incidents_by_partner ON incidents (partner_id, id);
CREATE INDEX incidents_by_outage ON incidents (outage_id, id) WHERE outage_id IS NOT NULL;
CREATE INDEX incidents_by_change ON incidents (updated_at);

-- The timeline of an incident.
CREATE TABLE incident_entries (
    id BLOB NOT NULL PRIMARY KEY,
    incident_id BLOB NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    message TEXT NOT NULL,
    author TEXT,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX incident_entries_by_incident ON incident_entries (incident_id, id);
