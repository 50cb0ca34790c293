//! The figures of `/metrics`, sent to a collector: what is told here and there is the same by construction, since the one is
//! made from the other's text.

use std::collections::BTreeMap;
use std::time::Duration;

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::{
    AggregationTemporality, Gauge, Histogram, HistogramDataPoint, Metric, NumberDataPoint, ResourceMetrics,
    ScopeMetrics, Sum, number_data_point,
};
use opentelemetry_proto::tonic::resource::v1::Resource;
use prost::Message as _;
use simpul_core::time::Timestamp;
use tokio::sync::watch;

use super::collector::Collector;
use crate::metrics::{Format, Metrics};
use crate::state::AppState;

/// How often figures are sent.
const EVERY: Duration = Duration::from_secs(30);
const CUMULATIVE: i32 = AggregationTemporality::Cumulative as i32;

/// Sends the figures now and then until the process stops, and once more then.
pub async fn keep_sending(collector: Collector, state: AppState, mut stopping: watch::Receiver<bool>) {
    let started = state.now();
    loop {
        let stop = tokio::time::timeout(EVERY, stopping.wait_for(|stopping| *stopping)).await.is_ok();
        if let Err(problem) = send(&collector, &state.metrics, started, state.now()).await {
            tracing::warn!(problem, "figures could not be sent to the collector");
        }
        if stop {
            return;
        }
    }
}

async fn send(collector: &Collector, metrics: &Metrics, started: Timestamp, now: Timestamp) -> Result<(), String> {
    let text = metrics.render(Format::OpenMetrics).await.map_err(|error| error.to_string())?;
    collector.send("/v1/metrics", request(&text, started, now).encode_to_vec()).await
}

/// The whole request for a text in OpenMetrics' format.
fn request(text: &str, started: Timestamp, now: Timestamp) -> ExportMetricsServiceRequest {
    let resource = Resource {
        attributes: vec![attribute("service.name", "simpul"), attribute("service.version", env!("CARGO_PKG_VERSION"))],
        ..Resource::default()
    };
    let scope = InstrumentationScope { name: "simpul".to_owned(), ..InstrumentationScope::default() };
    let metrics = Reader { started: nanos(started), now: nanos(now), metrics: Vec::new(), family: None }.read(text);
    let scope_metrics = vec![ScopeMetrics { scope: Some(scope), metrics, ..ScopeMetrics::default() }];
    ExportMetricsServiceRequest {
        resource_metrics: vec![ResourceMetrics {
            resource: Some(resource),
            scope_metrics,
            ..ResourceMetrics::default()
        }],
    }
}

fn nanos(time: Timestamp) -> u64 {
    u64::try_from(time.millis()).unwrap_or(0).saturating_mul(1_000_000)
}

fn attribute(key: &str, value: &str) -> KeyValue {
    let value = AnyValue { value: Some(Value::StringValue(value.to_owned())) };
    KeyValue { key: key.to_owned(), value: Some(value), ..KeyValue::default() }
}

type Labels = Vec<(String, String)>;

/// One metric of the text, while its lines are read.
struct Family<'a> {
    name: &'a str,
    help: &'a str,
    kind: &'a str,
    unit: &'a str,
    numbers: Vec<NumberDataPoint>,
    histograms: BTreeMap<Labels, HistogramDataPoint>,
}

struct Reader<'a> {
    started: u64,
    now: u64,
    metrics: Vec<Metric>,
    family: Option<Family<'a>>,
}

impl<'a> Reader<'a> {
    fn read(mut self, text: &'a str) -> Vec<Metric> {
        for line in text.lines() {
            if let Some((name, help)) = line.strip_prefix("# HELP ").and_then(|rest| rest.split_once(' ')) {
                self.finish();
                let (numbers, histograms) = (Vec::new(), BTreeMap::new());
                self.family = Some(Family { name, help, kind: "", unit: "1", numbers, histograms });
            } else if let Some((_, kind)) = line.strip_prefix("# TYPE ").and_then(|rest| rest.split_once(' ')) {
                self.family.iter_mut().for_each(|family| family.kind = kind);
            } else if let Some((_, unit)) = line.strip_prefix("# UNIT ").and_then(|rest| rest.split_once(' ')) {
                let unit = match unit {
                    "seconds" => "s",
                    "bytes" => "By",
                    other => other,
                };
                self.family.iter_mut().for_each(|family| family.unit = unit);
            } else if !line.starts_with('#') {
                self.sample(line);
            }
        }
        self.finish();
        self.metrics
    }

    /// `name{label="value",…} number`.
    fn sample(&mut self, line: &str) {
        let (started, now) = (self.started, self.now);
        let Some(family) = &mut self.family else { return };
        let Some((series, number)) = line.rsplit_once(' ') else { return };
        let Ok(number) = number.parse::<f64>() else { return };
        let (name, mut labels) = match series.split_once('{') {
            Some((name, labels)) => (name, read_labels(labels.trim_end_matches('}'))),
            None => (series, Vec::new()),
        };
        if family.kind != "histogram" {
            family.numbers.push(NumberDataPoint {
                attributes: attributes(&labels),
                start_time_unix_nano: if family.kind == "counter" { started } else { 0 },
                time_unix_nano: now,
                value: Some(number_data_point::Value::AsDouble(number)),
                ..NumberDataPoint::default()
            });
            return;
        }
        let bound = labels.iter().position(|(key, _)| key == "le").map(|at| labels.remove(at).1);
        let point = family.histograms.entry(labels).or_insert_with_key(|labels| HistogramDataPoint {
            attributes: attributes(labels),
            start_time_unix_nano: started,
            time_unix_nano: now,
            ..HistogramDataPoint::default()
        });
        match (name.strip_prefix(family.name), bound) {
            (Some("_sum"), _) => point.sum = Some(number),
            (Some("_count"), _) => point.count = whole(number),
            (Some("_bucket"), Some(bound)) => bucket(point, &bound, whole(number)),
            _ => {}
        }
    }

    fn finish(&mut self) {
        let Some(family) = self.family.take() else { return };
        let data = match family.kind {
            "counter" => {
                Data::Sum(Sum { data_points: family.numbers, aggregation_temporality: CUMULATIVE, is_monotonic: true })
            }
            "histogram" => Data::Histogram(Histogram {
                data_points: family.histograms.into_values().collect(),
                aggregation_temporality: CUMULATIVE,
            }),
            _ => Data::Gauge(Gauge { data_points: family.numbers }),
        };
        self.metrics.push(Metric {
            name: family.name.to_owned(),
            description: family.help.to_owned(),
            unit: family.unit.to_owned(),
            data: Some(data),
            ..Metric::default()
        });
    }
}

/// The text counts everything up to a bound; OTLP counts what lies between two. Buckets come in rising order.
fn bucket(point: &mut HistogramDataPoint, bound: &str, up_to: u64) {
    let before: u64 = point.bucket_counts.iter().sum();
    point.bucket_counts.push(up_to.saturating_sub(before));
    if let Some(bound) = bound.parse::<f64>().ok().filter(|bound| bound.is_finite()) {
        point.explicit_bounds.push(bound);
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts are whole and not negative")]
fn whole(number: f64) -> u64 {
    number as u64
}

fn attributes(labels: &Labels) -> Vec<KeyValue> {
    labels.iter().map(|(key, value)| attribute(key, value)).collect()
}

/// Label values hold no quotation marks or commas here: they are routes, slugs and words of closed lists.
fn read_labels(text: &str) -> Labels {
    text.split("\",")
        .filter_map(|pair| pair.split_once("=\""))
        .map(|(key, value)| (key.to_owned(), value.trim_end_matches('"').to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# HELP a_seconds Time.\n# TYPE a_seconds histogram\n# UNIT a_seconds seconds\na_seconds_sum{r=\"/x/{id}\",m=\"GET\"} 1.5\n\
        a_seconds_count{r=\"/x/{id}\",m=\"GET\"} 3\na_seconds_bucket{le=\"0.1\",r=\"/x/{id}\",m=\"GET\"} 1\n\
        a_seconds_bucket{le=\"+Inf\",r=\"/x/{id}\",m=\"GET\"} 3\n# HELP b Things.\n# TYPE b counter\nb_total 7\n# HELP c Now.\n# TYPE c gauge\n\
        c{s=\"up\"} 2\n# EOF\n";

    #[test]
    fn the_text_of_metrics_becomes_points_of_otlp() {
        let (started, now) = (Timestamp::from_millis(1_000), Timestamp::from_millis(61_000));
        let request = request(TEXT, started, now);
        let metrics = &request.resource_metrics[0].scope_metrics[0].metrics;
        let names: Vec<_> = metrics.iter().map(|metric| (metric.name.as_str(), metric.unit.as_str())).collect();
        assert_eq!(names, [("a_seconds", "s"), ("b", "1"), ("c", "1")]);
        let Some(Data::Histogram(histogram)) = &metrics[0].data else { panic!("a histogram") };
        let point = &histogram.data_points[0];
        assert_eq!((point.count, point.sum), (3, Some(1.5)));
        assert_eq!((&point.bucket_counts, &point.explicit_bounds), (&vec![1, 2], &vec![0.1]));
        assert_eq!(point.attributes, attributes(&vec![("r".into(), "/x/{id}".into()), ("m".into(), "GET".into())]));
        assert_eq!((point.start_time_unix_nano, point.time_unix_nano), (1_000_000_000, 61_000_000_000));
        let Some(Data::Sum(sum)) = &metrics[1].data else { panic!("a sum") };
        assert!(sum.is_monotonic && sum.data_points[0].value == Some(number_data_point::Value::AsDouble(7.0)));
        assert!(matches!(&metrics[2].data, Some(Data::Gauge(gauge)) if gauge.data_points.len() == 1));
    }
}
