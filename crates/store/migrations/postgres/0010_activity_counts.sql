-- How many log rows of each kind there are on each day, without their response times: what a log's total is made of, so that
-- it costs the same however long the log is.
CREATE TABLE activity_counts (
    integration_id UUID NOT NULL,
    day_start TIMESTAMPTZ NOT NULL,
    action TEXT NOT NULL,
    status TEXT NOT NULL,
    error_type TEXT NOT NULL,
    requests BIGINT NOT NULL,
    PRIMARY KEY (integration_id, day_start, action, status, error_type)
);
CREATE INDEX activity_counts_by_time ON activity_counts (day_start);

INSERT INTO activity_counts (integration_id, day_start, action, status, error_type, requests)
SELECT integration_id, bucket_start, action, status, error_type, SUM(requests)
FROM activity_rollups WHERE minutes = 1440
GROUP BY integration_id, bucket_start, action, status, error_type;
