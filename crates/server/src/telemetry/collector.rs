//! The operator's OpenTelemetry collector: reached over OTLP/HTTP (protobuf) through the hub's own client.
//!
//! The collector is the operator's to choose and usually sits on a private address, so the guard of addresses does not apply to it.
//! What it does not take is dropped and said so in the log: watching must never hold up the work that is watched.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use opentelemetry::KeyValue;
use opentelemetry_http::{HttpClient, HttpError};
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use simpul_engine::{Egress, Policy};
use simpul_providers::HttpRequest;
use tokio::runtime::Handle;

use crate::cli::Failure;
use crate::config::{Loaded, header_pairs};

/// For one export.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of a collector's answer that are read.
const ANSWER: usize = 64 * 1024;

/// Where figures and traces are sent.
#[derive(Clone)]
pub struct Collector {
    client: Client,
    endpoint: String,
    headers: HashMap<String, String>,
}

impl std::fmt::Debug for Collector {
    /// Headers hold credentials.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Collector").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

impl Collector {
    /// The collector that the settings name, if they do. Call it on the runtime.
    ///
    /// # Errors
    /// The extra certificates cannot be read.
    pub fn of(loaded: &Loaded, extra_certificates: Option<&[u8]>) -> Result<Option<Self>, Failure> {
        let Some(endpoint) = &loaded.config.otlp_endpoint else { return Ok(None) };
        let everywhere = ["0.0.0.0/0", "::/0"].into_iter().filter_map(|range| range.parse().ok()).collect();
        let egress = Egress::new(Policy::new(everywhere), extra_certificates)
            .map_err(|error| loaded.unusable("extra_ca_file", &error.to_string()))?;
        Ok(Some(Self {
            client: Client { egress, runtime: Handle::current() },
            endpoint: endpoint.as_str().trim_end_matches('/').to_owned(),
            headers: loaded
                .config
                .otlp_headers
                .as_ref()
                .and_then(|headers| header_pairs(headers.expose()))
                .unwrap_or_default(),
        }))
    }

    /// Sends a body to one of the collector's paths.
    ///
    /// # Errors
    /// The collector cannot be reached or does not take it: a sentence.
    pub async fn send(&self, path: &str, body: Vec<u8>) -> Result<(), String> {
        let mut request = http::Request::post(format!("{}{path}", self.endpoint))
            .header(http::header::CONTENT_TYPE, "application/x-protobuf");
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let request = request.body(Bytes::from(body)).map_err(|error| error.to_string())?;
        let response = self.client.send_bytes(request).await.map_err(|error| error.to_string())?;
        if response.status().is_success() { Ok(()) } else { Err(format!("it answered {}", response.status())) }
    }
}

/// What sends traces, in the background and in batches.
pub struct Traces(SdkTracerProvider);

impl Traces {
    /// Traces to this collector, of this percentage of what begins here; what a caller already traces is always traced.
    ///
    /// # Errors
    /// The endpoint cannot be used.
    pub fn to(collector: &Collector, percent: u32) -> Result<Self, Failure> {
        let exporter = SpanExporter::builder()
            .with_http()
            .with_shared_http_client(Arc::new(collector.client.clone()))
            .with_endpoint(format!("{}/v1/traces", collector.endpoint))
            .with_headers(collector.headers.clone())
            .with_timeout(PATIENCE)
            .build()
            .map_err(|error| Failure::Other(format!("traces cannot be sent: {error}.")))?;
        let sampler = Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(f64::from(percent) / 100.0)));
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(resource())
            .with_sampler(sampler)
            .build();
        Ok(Self(provider))
    }

    pub(super) fn provider(&self) -> &SdkTracerProvider {
        &self.0
    }

    /// Sends what has gathered. Waits, so it is not to be called on the runtime's threads.
    pub fn stop(&self) {
        if let Err(error) = self.0.shutdown_with_timeout(PATIENCE) {
            tracing::warn!(%error, "the last traces were not sent");
        }
    }
}

/// Who is speaking.
fn resource() -> Resource {
    Resource::builder_empty()
        .with_service_name("simpul")
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .build()
}

/// The hub's own client in the form that exporters ask for. Exporters run on threads of their own; the request runs on the runtime.
#[derive(Clone)]
struct Client {
    egress: Egress,
    runtime: Handle,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Client")
    }
}

#[async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, HttpError> {
        let (head, body) = request.into_parts();
        let request = HttpRequest {
            method: head.method,
            url: head.uri.to_string(),
            headers: head.headers,
            body,
            timeout: PATIENCE,
        };
        let egress = self.egress.clone();
        let exchange = self.runtime.spawn(async move { egress.exchange(request, ANSWER).await }).await?;
        let answer = exchange.answer.map_err(|failure| failure.message)?;
        Ok(http::Response::builder().status(answer.status).body(Bytes::from(answer.body))?)
    }
}
