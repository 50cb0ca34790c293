//! The queue: retries, the channel that takes over, and a node that dies between.

use std::time::Duration;

use simpul_core::access::Scope;
use simpul_core::alert::AlertDeliveryState;

use super::world::{World, channel, on_both};
use crate::alert::deliver;

on_both! {
    async fn a_channel_that_fails_is_tried_eight_times_and_then_another_takes_over(world: World) {
        let second = channel("second", Some(world.channel.id), world.now());
        world.store.insert_alert_channel(&second).await.unwrap();
        world.channel.fallback_channel_id = Some(second.id);
        world.store.update_alert_channel(&world.channel).await.unwrap();
        world.rule(|rule| rule.group_seconds = 0).await;
        world.incident(|_| ()).await;
        world.after(1).await;
        let courier = world.courier();
        let mut tries = Vec::new();
        for _ in 0..120 {
            deliver::pass(&courier, &world.store, &*world.clock).await.unwrap();
            tries.push(world.deliveries().await[0].attempts);
            world.clock.advance(Duration::from_secs(30));
        }
        let found = world.deliveries().await;
        assert_eq!(found.len(), 2, "one message, through two channels, and no loop back");
        assert_eq!((found[0].state, found[0].attempts), (AlertDeliveryState::Failed, 8));
        assert_eq!(found[0].error_type.as_deref(), Some("connection_refused"));
        assert!(tries.iter().filter(|tries| **tries < 8).count() > 30, "spread over half an hour: {tries:?}");
        assert_eq!((found[1].channel_id, &found[1].failed_channels), (second.id, &vec![world.channel.id]));
        let text = found[1].message.text(4_000);
        assert!(text.contains("because \"first\" failed: "), "{text}");
        assert_eq!(found[1].message_id, found[0].message_id);
        let shown = world.store.find_alert_channel(Scope::All, world.channel.id).await.unwrap().unwrap();
        assert_eq!(shown.last_status.as_deref(), Some("failed"));
        assert!(shown.last_error.is_some_and(|error| !error.contains("/hook")));
        assert!(!world.store.delete_alert_channel(second.id).await.unwrap(), "it is in use");
    }

    async fn a_message_survives_the_node_that_was_sending_it(world: World) {
        world.rule(|rule| rule.group_seconds = 0).await;
        world.incident(|_| ()).await;
        world.after(1).await;
        let lease = Duration::from_secs(120);
        let taken = world.store.claim_alert_deliveries(world.now(), lease, 10).await.unwrap();
        assert_eq!(taken.len(), 1);
        let (store, _) = world.node().await;
        assert!(store.claim_alert_deliveries(world.now(), lease, 10).await.unwrap().is_empty(), "it is being sent");
        world.clock.advance(lease);
        let again = store.claim_alert_deliveries(world.now(), lease, 10).await.unwrap();
        assert_eq!((again.len(), again[0].id, again[0].attempts), (1, taken[0].id, 2));
        let outcome = simpul_store::AlertOutcome {
            state: AlertDeliveryState::Sent, next_attempt_at: None, failure: None, remaining: None, fallback: None, at: world.now(),
        };
        assert!(!world.store.settle_alert_delivery(&taken[0], &outcome).await.unwrap(), "the first one is too late");
        assert!(store.settle_alert_delivery(&again[0], &outcome).await.unwrap());
        assert_eq!(world.store.alert_delivery_counts().await.unwrap(), [("sent".to_owned(), 1)]);
        store.close().await;
    }
}
