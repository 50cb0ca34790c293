-- What the overview counts and sorts by, without the width of the rows themselves.
CREATE INDEX partner_integrations_overview ON partner_integrations (id, partner_id, integration_type, provider, is_active);
