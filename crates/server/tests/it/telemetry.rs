//! What the process tells of itself: figures and traces at a collector, `/metrics` on an address of its own, and log lines that
//! carry the request's id.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use http::{HeaderMap, Uri};
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message as _;
use serde_json::{Value, json};
use simpul_store::testing::TestDatabase;

use crate::support::Hub;

const KEY: &str = "kunci-kolektor-rahasia";
/// A caller's trace, from the example of W3C Trace Context.
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

type Received = Arc<Mutex<Vec<(String, String, Bytes)>>>;

async fn collector() -> (String, Received) {
    let received = Received::default();
    let take = |State(received): State<Received>, uri: Uri, headers: HeaderMap, body: Bytes| async move {
        let key = headers.get("x-collector-key").and_then(|key| key.to_str().ok()).unwrap_or_default().to_owned();
        received.lock().expect("not poisoned").push((uri.path().to_owned(), key, body));
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("binds");
    let address = listener.local_addr().expect("an address");
    let router = Router::new().fallback(take).with_state(Arc::clone(&received));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (format!("http://{address}"), received)
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("binds");
    listener.local_addr().expect("an address").port()
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_and_traces_reach_the_collector_and_logs_carry_the_request() {
    let (endpoint, received) = collector().await;
    let metrics = format!("127.0.0.1:{}", free_port());
    let settings = vec![
        ("SIMPUL_OTLP_ENDPOINT", endpoint),
        ("SIMPUL_OTLP_HEADERS", format!("x-collector-key={KEY}")),
        ("SIMPUL_OTLP_TRACE_PERCENT", "0".to_owned()),
        ("SIMPUL_METRICS_LISTEN", metrics.clone()),
        ("SIMPUL_LOG_FORMAT", "json".to_owned()),
    ];
    let mut hub = Hub::with(TestDatabase::sqlite(), settings).await;
    let partner = hub.make_partner("Toko Terlihat").await;
    let traced = hub.client.get(format!("{}/api/admin/partners/{partner}", hub.base)).bearer_auth(&hub.key);
    let answer = traced
        .header("traceparent", format!("00-{TRACE}-00f067aa0ba902b7-01"))
        .header("x-request-id", "permintaan-7")
        .send()
        .await
        .expect("answers");
    assert_eq!((answer.status().as_u16(), answer.headers()["x-request-id"].to_str().ok()), (200, Some("permintaan-7")));
    let text =
        hub.client.get(format!("http://{metrics}/metrics")).send().await.expect("answers").text().await.expect("text");
    assert!(text.contains("simpul_build_info{") && text.contains("process_resident_memory_bytes "), "{text}");
    let alive = hub.client.get(format!("http://{metrics}/healthz")).send().await.expect("answers");
    assert_eq!(alive.status(), 200);
    let here = hub.client.get(format!("{}/metrics", hub.base)).send().await.expect("answers");
    assert_eq!(here.status(), 404, "without a token, on the second address alone");

    assert_eq!(hub.terminate(), Some(0));
    let received = received.lock().expect("not poisoned").clone();
    assert!(received.iter().all(|(_, key, _)| key == KEY));
    let bodies = |path: &'static str| received.iter().filter(move |(at, ..)| at == path).map(|(.., body)| body.clone());
    let names: Vec<String> = bodies("/v1/metrics")
        .map(|body| ExportMetricsServiceRequest::decode(body).expect("protobuf"))
        .flat_map(|request| request.resource_metrics)
        .flat_map(|resource| resource.scope_metrics)
        .flat_map(|scope| scope.metrics)
        .map(|metric| metric.name)
        .collect();
    assert!(names.iter().any(|name| name == "simpul_http_request_duration_seconds"), "{names:?}");
    let spans: Vec<(String, String)> = bodies("/v1/traces")
        .map(|body| ExportTraceServiceRequest::decode(body).expect("protobuf"))
        .flat_map(|request| request.resource_spans)
        .flat_map(|resource| resource.scope_spans)
        .flat_map(|scope| scope.spans)
        .map(|span| (span.name, span.trace_id.iter().map(|byte| format!("{byte:02x}")).collect()))
        .collect();
    assert_eq!(spans, [("GET /api/admin/partners/{id}".to_owned(), TRACE.to_owned())], "only what the caller traces");

    let output = hub.output.lock().expect("not poisoned").clone();
    assert!(!output.contains(KEY));
    let lines: Vec<Value> =
        output.lines().map(|line| serde_json::from_str(line).expect("every line is JSON")).collect();
    let line = lines
        .iter()
        .find(|line| line["span"]["id"] == json!("permintaan-7") && line["message"] == json!("answered"))
        .expect("the request's line");
    assert_eq!((&line["span"]["path"], &line["status"]), (&json!("/api/admin/partners/{id}"), &json!(200)));
    hub.simulator.stop().await;
    hub.database.remove().await;
}
