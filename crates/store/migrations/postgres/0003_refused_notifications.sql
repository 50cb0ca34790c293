-- Why a notification was refused, as one of a closed list beside the sentence.
ALTER TABLE inbound_notifications ADD COLUMN reason_code TEXT;
CREATE INDEX inbound_notifications_refused ON inbound_notifications (integration_id, id) WHERE outcome = 'refused';
CREATE INDEX inbound_notifications_refused_by_reason ON inbound_notifications (integration_id, reason_code, id) WHERE outcome = 'refused';
-- What can be accepted again: at most a thousand an integration.
CREATE INDEX inbound_notifications_sealed ON inbound_notifications (integration_id, id) WHERE sealed_request IS NOT NULL;
