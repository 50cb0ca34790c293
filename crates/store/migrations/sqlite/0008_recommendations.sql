-- When the secrets were last changed; rows that an older node writes meanwhile have none and count from their last change.
ALTER TABLE partner_integrations ADD COLUMN credentials_changed_at INTEGER;
UPDATE partner_integrations SET credentials_changed_at = updated_at;

-- The last errors of a connection among any number of successes.
CREATE INDEX integration_logs_failed ON integration_logs (integration_id, created_at, id)
    WHERE component = 'connection' AND status = 'failed';

-- Recommendations that somebody put aside. Without an end: until they get worse, are about something else, or come back.
CREATE TABLE recommendation_dismissals (
    integration_id BLOB NOT NULL REFERENCES partner_integrations (id) ON DELETE CASCADE,
    code TEXT NOT NULL,
    dismissed_until INTEGER,
    severity TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    reason TEXT,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (integration_id, code)
) STRICT, WITHOUT ROWID;

-- Addresses of badges; whoever knows one sees one integration's band.
CREATE TABLE integration_badges (
    integration_id BLOB NOT NULL PRIMARY KEY REFERENCES partner_integrations (id) ON DELETE CASCADE,
    token_hash BLOB NOT NULL UNIQUE,
    sealed_token TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- Public status pages, one a partner at most.
CREATE TABLE status_pages (
    partner_id BLOB NOT NULL PRIMARY KEY REFERENCES partners (id) ON DELETE CASCADE,
    token_hash BLOB NOT NULL UNIQUE,
    sealed_token TEXT NOT NULL,
    title TEXT NOT NULL,
    show_incidents INTEGER NOT NULL,
    -- JSON list of ids; all active integrations of the partner where absent.
    integration_ids TEXT,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
