-- Days, from the hours that are there; new rows are added to minutes, hours and days alike.
INSERT INTO activity_rollups (integration_id, minutes, bucket_start, action, component, status, error_type, latency_bucket,
    requests, duration_sum)
SELECT integration_id, 1440, date_trunc('day', bucket_start, 'UTC'), action, component, status, error_type, latency_bucket,
    SUM(requests), SUM(duration_sum)
FROM activity_rollups WHERE minutes = 60
GROUP BY integration_id, date_trunc('day', bucket_start, 'UTC'), action, component, status, error_type, latency_bucket;

-- One bit for each minute of an hour in which the connection was seen up, and one for each in which it was seen down.
CREATE TABLE connection_hours (
    integration_id UUID NOT NULL,
    hour_start TIMESTAMPTZ NOT NULL,
    up_minutes BIGINT NOT NULL,
    down_minutes BIGINT NOT NULL,
    PRIMARY KEY (integration_id, hour_start)
);
CREATE INDEX connection_hours_by_time ON connection_hours (hour_start);

INSERT INTO connection_hours (integration_id, hour_start, up_minutes, down_minutes)
SELECT integration_id, date_trunc('hour', bucket_start, 'UTC'),
    COALESCE(bit_or(1::BIGINT << EXTRACT(MINUTE FROM bucket_start AT TIME ZONE 'UTC')::INTEGER) FILTER (WHERE status = 'success'), 0),
    COALESCE(bit_or(1::BIGINT << EXTRACT(MINUTE FROM bucket_start AT TIME ZONE 'UTC')::INTEGER) FILTER (WHERE status = 'failed'), 0)
FROM activity_rollups
WHERE minutes = 1 AND component = 'connection' AND action IN ('test', 'transaction', 'webhook')
    AND (status = 'success' OR status = 'failed' AND error_type NOT IN
        ('', 'unexpected_response', 'signature_invalid', 'malformed_notification', 'not_found', 'rate_limited'))
GROUP BY integration_id, date_trunc('hour', bucket_start, 'UTC');
