-- Days, from the hours that are there; new rows are added to minutes, hours and days alike.
INSERT INTO activity_rollups (integration_id, minutes, bucket_start, action, component, status, error_type, latency_bucket,
    requests, duration_sum)
SELECT integration_id, 1440, bucket_start / 86400000 * 86400000, action, component, status, error_type, latency_bucket,
    SUM(requests), SUM(duration_sum)
FROM activity_rollups WHERE minutes = 60
GROUP BY integration_id, bucket_start / 86400000, action, component, status, error_type, latency_bucket;

-- One bit for each minute of an hour in which the connection was seen up, and one for each in which it was seen down.
CREATE TABLE connection_hours (
    integration_id BLOB NOT NULL,
    hour_start INTEGER NOT NULL,
    up_minutes INTEGER NOT NULL,
    down_minutes INTEGER NOT NULL,
    PRIMARY KEY (integration_id, hour_start)
) STRICT, WITHOUT ROWID;
CREATE INDEX connection_hours_by_time ON connection_hours (hour_start);

INSERT INTO connection_hours (integration_id, hour_start, up_minutes, down_minutes)
SELECT integration_id, bucket_start / 3600000 * 3600000,
    COALESCE(SUM(DISTINCT CASE WHEN status = 'success' THEN 1 << (bucket_start / 60000 % 60) END), 0),
    COALESCE(SUM(DISTINCT CASE WHEN status = 'failed' THEN 1 << (bucket_start / 60000 % 60) END), 0)
FROM activity_rollups
WHERE minutes = 1 AND component = 'connection' AND action IN ('test', 'transaction', 'webhook')
    AND (status = 'success' OR status = 'failed' AND error_type NOT IN
        ('', 'unexpected_response', 'signature_invalid', 'malformed_notification', 'not_found', 'rate_limited'))
GROUP BY integration_id, bucket_start / 3600000;
