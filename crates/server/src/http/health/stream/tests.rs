use axum::body::BodyDataStream;
use futures_util::StreamExt as _;
use simpul_core::activity::{Action, Activity, Status};

use super::*;
use crate::health_feed::LISTENERS;
use crate::http::test_hub::{Hub, PATIENCE};

async fn open(hub: &Hub, key: &str, query: &str) -> BodyDataStream {
    let response = hub.open(key, &format!("/api/admin/health/stream{query}")).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut stream = response.into_body().into_data_stream();
    assert_eq!(next(&mut stream).await, ": ready\n\n", "at once");
    stream
}

async fn next(stream: &mut BodyDataStream) -> String {
    let chunk = timeout(PATIENCE, stream.next()).await.expect("in time").expect("goes on").unwrap();
    String::from_utf8(chunk.to_vec()).unwrap()
}

async fn is_silent(stream: &mut BodyDataStream) -> bool {
    timeout(Duration::from_millis(1_500), stream.next()).await.is_err()
}

async fn call(hub: &Hub) {
    let row = Activity::new(hub.integration.id, Action::Transaction, Status::Success, "a call", hub.state.now());
    hub.state.store.insert_activity(&[row]).await.unwrap();
    hub.state.engine.watch_due().await.unwrap();
}

#[tokio::test]
async fn changes_arrive_as_they_happen_to_those_whose_they_are() {
    let hub = Hub::start().await;
    let (mut stream, mut foreign) = (open(&hub, "viewer", "").await, open(&hub, "stranger", "").await);
    call(&hub).await;
    let event = next(&mut stream).await;
    assert!(event.starts_with("event: health\ndata: {\"integrationId\":\""), "{event}");
    assert!(event.contains("\"totalRequests\":1,") && event.contains("\nid: "), "{event}");
    let id = event.lines().find_map(|line| line.strip_prefix("id: ")).unwrap().to_owned();

    // Who was away hears what has changed since, and what it knows already at most once more.
    drop(stream);
    hub.clock.advance(Duration::from_secs(60));
    call(&hub).await;
    let mut resumed = open(&hub, "viewer", &format!("?lastEventId={id}")).await;
    assert!(next(&mut resumed).await.contains("\"totalRequests\":2,"));

    let path = format!("/api/admin/integrations/{}", hub.integration.id);
    assert_eq!(hub.call("admin", "DELETE", &path, None).await.status, 200);
    let mut gone = next(&mut resumed).await;
    while !gone.starts_with("event: removed\n") {
        gone = next(&mut resumed).await;
    }
    assert!(gone.contains(&hub.integration.id.to_string()));
    assert!(is_silent(&mut foreign).await, "another partner's integration");
    assert_eq!(hub.get("/api/admin/health/stream?lastEventId=x").await.status, 400);
    hub.remove().await;
}

#[tokio::test]
async fn a_stream_ends_when_its_key_does() {
    let hub = Hub::start().await;
    let (events, mut waiting) = mpsc::channel(8);
    let stream = |key: &str| HealthStream {
        events: events.clone(),
        scope: Scope::All,
        credentials: vec![(AUTHORIZATION, HeaderValue::from_str(&format!("Bearer {key}")).unwrap())],
        since: hub.state.now(),
        state: hub.state.clone(),
    };
    assert!(stream("spk_revoked").beat().await.is_err());
    assert!(stream(hub.key("viewer")).beat().await.is_ok());
    assert!(waiting.recv().await.is_some(), "a heartbeat");
    assert!(stream(hub.key("stranger")).beat().await.is_err(), "it sees less than when the stream began");
    hub.remove().await;
}

#[tokio::test]
async fn there_is_an_end_to_the_listeners() {
    let hub = Hub::start().await;
    let listen = || hub.state.health_feed.listen(&hub.state.store, hub.state.now(), &hub.state.stopping);
    let held: Vec<Listener> = (0..LISTENERS).map_while(|_| listen()).collect();
    assert_eq!(held.len(), LISTENERS);
    let refused = hub.get("/api/admin/health/stream").await;
    assert_eq!((refused.status, refused.headers.contains_key("retry-after")), (503, true));
    drop(held);
    assert!(listen().is_some());
    hub.remove().await;
}
