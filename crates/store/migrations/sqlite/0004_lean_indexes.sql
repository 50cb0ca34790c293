-- Ids sort by the time they were made, so what is old is found by id: one index less to keep for every row written.
DROP INDEX integration_logs_by_age;
DROP INDEX events_by_age;
DROP INDEX inbound_notifications_by_age;
DROP INDEX deliveries_by_age;
DROP INDEX delivery_attempts_by_age;

-- Health asks for the last test and the last outcomes of the connection among any number of deliveries.
CREATE INDEX integration_logs_tests ON integration_logs (integration_id, created_at, id) WHERE action = 'test';
CREATE INDEX integration_logs_connection ON integration_logs (integration_id, created_at, id)
    WHERE component = 'connection' AND action IN ('test', 'transaction', 'webhook') AND status IN ('success', 'failed');
