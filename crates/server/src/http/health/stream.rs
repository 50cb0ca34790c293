//! The stream of health changes as server-sent events: scoped to the caller, resumable, with a heartbeat at which it is looked
//! whether the caller still counts.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRequestParts as _, State};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{Stream, unfold};
use http::header::{AUTHORIZATION, COOKIE};
use http::{HeaderMap, HeaderName, HeaderValue, Request};
use serde::{Deserialize, Serialize};
use simpul_core::access::Scope;
use simpul_core::id::IntegrationId;
use simpul_core::time::Timestamp;
use simpul_store::HealthChange;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};
use utoipa::{IntoParams, ToSchema};

use super::HealthSummary;
use crate::auth::Viewer;
use crate::health_feed::{Listener, OVERLAP, PAGE};
use crate::http::lookup::parameter;
use crate::http::{ApiError, ApiQuery, ApiResult};
use crate::state::{AppState, chain};

const HEARTBEAT: Duration = Duration::from_secs(15);
/// A listener that takes nothing for so long is let go.
const PATIENCE: Duration = Duration::from_secs(30);
/// Events that wait for one listener's connection.
const WAITING: usize = 64;
const RETRY_AFTER: Duration = Duration::from_secs(5);
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
const BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// Where to go on.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", default)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(super) struct StreamQuery {
    /// The `id` of the last event that was received, where the header `Last-Event-ID` cannot be sent: everything that has
    /// changed since comes first.
    #[param(pattern = "^[0-9]+$")]
    last_event_id: Option<String>,
}

/// An integration that is gone.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct HealthRemoved {
    #[schema(value_type = String, format = "uuid")]
    pub integration_id: IntegrationId,
}

/// Changes of health as they happen, as server-sent events: `event: health` with a HealthSummary, `event: removed` with the id
/// of an integration that is gone. A comment comes every 15 seconds. The stream ends when the session or key does.
#[utoipa::path(get, path = "/api/admin/health/stream", tag = "Health", params(StreamQuery),
    responses((status = 200, description = "The stream; each event's data is one of these", body = HealthSummary, content_type = "text/event-stream")))]
pub(super) async fn stream_health(
    Viewer(caller): Viewer,
    State(state): State<AppState>,
    headers: HeaderMap,
    ApiQuery(query): ApiQuery<StreamQuery>,
) -> ApiResult<Response> {
    let read = |text: &str| text.parse().ok().map(Timestamp::from_millis);
    let asked = parameter("lastEventId", query.last_event_id.as_deref(), "must be the id of an event", read)?;
    // A browser sends back whatever id it had; one that is not ours is as good as none.
    let sent = headers.get(LAST_EVENT_ID).and_then(|value| value.to_str().ok()).and_then(read);
    let since = sent.or(asked);
    let now = state.now();
    let listener = state.health_feed.listen(&state.store, now, &state.stopping);
    let listener = listener.ok_or_else(|| ApiError::unavailable(RETRY_AFTER))?;
    let (events, waiting) = mpsc::channel(WAITING);
    let credentials =
        [AUTHORIZATION, COOKIE].into_iter().filter_map(|name| Some((name.clone(), headers.get(&name)?.clone())));
    let stream = HealthStream {
        events,
        scope: caller.scope(),
        credentials: credentials.collect(),
        since: since.unwrap_or(now),
        state,
    };
    tokio::spawn(stream.run(listener, since.is_some()));
    let mut response = Sse::new(received(waiting)).into_response();
    response.headers_mut().insert(BUFFERING, HeaderValue::from_static("no"));
    Ok(response)
}

fn received(waiting: mpsc::Receiver<Event>) -> impl Stream<Item = Result<Event, Infallible>> {
    unfold(waiting, |mut waiting| async move { waiting.recv().await.map(|event| (Ok(event), waiting)) })
}

/// Returns when the process is asked to stop. The answer of the wait is a lock that must not be held.
async fn stopped(stopping: &mut watch::Receiver<bool>) {
    drop(stopping.wait_for(|stopping| *stopping).await);
}

/// One listener's stream.
struct HealthStream {
    events: mpsc::Sender<Event>,
    scope: Scope,
    /// What the caller proved itself with.
    credentials: Vec<(HeaderName, HeaderValue)>,
    /// The newest change that was handed on.
    since: Timestamp,
    state: AppState,
}

/// The stream is over: the client has gone or takes nothing.
struct Gone;

impl HealthStream {
    async fn run(mut self, mut listener: Listener, resumes: bool) {
        // Something goes out at once, so that proxies and clients know that the stream stands.
        let greeting = self.send(Event::default().comment("ready")).await;
        if greeting.is_err() || (resumes && self.catch_up().await.is_err()) {
            return;
        }
        let mut stopping = self.state.stopping.clone();
        let mut heartbeat = interval_at(Instant::now() + HEARTBEAT, HEARTBEAT);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let went = tokio::select! {
                () = stopped(&mut stopping) => return,
                () = self.events.closed() => return,
                heard = listener.changes.recv() => match heard {
                    Ok(change) => self.hand_on(&change).await,
                    Err(RecvError::Lagged(_)) => self.catch_up().await,
                    Err(RecvError::Closed) => return,
                },
                _ = heartbeat.tick() => self.beat().await,
            };
            if went.is_err() {
                return;
            }
        }
    }

    /// A sign of life, if the caller still counts.
    async fn beat(&self) -> Result<(), Gone> {
        let mut request = Request::new(());
        request.headers_mut().extend(self.credentials.iter().cloned());
        let (mut parts, ()) = request.into_parts();
        match Viewer::from_request_parts(&mut parts, &self.state).await {
            Ok(Viewer(caller)) if caller.scope() == self.scope => {}
            // The database may be away for a moment; that says nothing of the caller.
            Err(error) if error.status().is_server_error() => {}
            Ok(_) | Err(_) => return Err(Gone),
        }
        self.send(Event::default().comment("still here")).await
    }

    /// Hands on what the table says has changed since the last change that was handed on.
    async fn catch_up(&mut self) -> Result<(), Gone> {
        let mut since = self.since.minus(OVERLAP);
        loop {
            let changes = match self.state.store.health_changes_since(since, PAGE).await {
                Ok(changes) => changes,
                Err(error) => {
                    // The client comes again and resumes.
                    tracing::warn!(error = chain(&error), "a stream of health broke off");
                    return Err(Gone);
                }
            };
            let is_last = changes.len() < PAGE as usize;
            let newest = changes.last().map_or(since, HealthChange::changed_at);
            for change in changes {
                self.hand_on(&Arc::new(change)).await?;
            }
            if is_last || newest <= since {
                return Ok(());
            }
            since = newest;
        }
    }

    async fn hand_on(&mut self, change: &Arc<HealthChange>) -> Result<(), Gone> {
        self.since = self.since.max(change.changed_at());
        if self.scope.partner_id().is_some_and(|own| own != change.partner_id()) {
            return Ok(());
        }
        let event = match &**change {
            HealthChange::Changed(entry) => {
                Event::default().event("health").json_data(HealthSummary::from((**entry).clone()))
            }
            HealthChange::Removed { integration_id, .. } => {
                Event::default().event("removed").json_data(HealthRemoved { integration_id: *integration_id })
            }
        };
        match event {
            Ok(event) => self.send(event.id(change.changed_at().millis().to_string())).await,
            Err(error) => {
                tracing::error!(%error, "a change of health cannot be written as JSON");
                Ok(())
            }
        }
    }

    async fn send(&self, event: Event) -> Result<(), Gone> {
        match timeout(PATIENCE, self.events.send(event)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Gone),
        }
    }
}

#[cfg(test)]
mod tests;
