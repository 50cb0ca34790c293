//! A store with one partner, one integration and as many webhooks as a test wants.

use std::collections::BTreeMap;
use std::sync::Arc;

use simpul_core::activity::{Action, Activity, Status};
use simpul_core::event::EventType;
use simpul_core::id::{EventId, IntegrationId, PartnerId, WebhookId};
use simpul_core::integration::{Configuration, Integration, IntegrationType, Settings};
use simpul_core::partner::Partner;
use simpul_core::time::{Clock, ManualClock, Timestamp};
use simpul_core::webhook::Webhook;
use simpul_store::testing::TestDatabase;
use simpul_store::{
    ClaimRules, DisableRules, EventSource, Horizons, Ingest, LeasedDelivery, NewEvent, Old, Room, Store, Writer,
    WriterOptions,
};
use tokio::sync::{Notify, mpsc};

/// Runs a test on both backends: `on_both! { async fn name(bench: Bench) { … } }`.
macro_rules! on_both {
    ($($(#[$meta:meta])* async fn $name:ident($bench:ident: Bench) $body:block)+) => {$(
        $(#[$meta])*
        mod $name {
            use super::*;

            async fn run($bench: &Bench) $body

            #[tokio::test]
            async fn sqlite() {
                let bench = Bench::on(simpul_store::testing::TestDatabase::sqlite()).await;
                run(&bench).await;
                bench.remove().await;
            }

            #[tokio::test]
            async fn postgres() {
                let bench = Bench::on(simpul_store::testing::TestDatabase::postgres().await).await;
                run(&bench).await;
                bench.remove().await;
            }
        }
    )+};
}
pub(crate) use on_both;

pub(crate) const NOW: i64 = 1_771_668_000_000;

pub(crate) struct Bench {
    pub(crate) database: TestDatabase,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) store: Store,
    pub(crate) partner_id: PartnerId,
    pub(crate) integration: Integration,
}

impl Bench {
    pub(crate) async fn on(database: TestDatabase) -> Self {
        let clock = Arc::new(ManualClock::at(Timestamp::from_millis(NOW)));
        let store = database.open(clock.clone()).await;
        let partner_id = add_partner(&store, "kopi-senja", clock.now()).await;
        let integration = integration(partner_id, "midtrans", clock.now());
        store.insert_integration(&integration, &["serverKey"], log(integration.id, clock.now())).await.expect("stored");
        Self { database, clock, store, partner_id, integration }
    }

    pub(crate) async fn remove(self) {
        self.store.close().await;
        self.database.remove().await;
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) async fn add_webhook(&self, change: impl FnOnce(&mut Webhook)) -> WebhookId {
        let mut webhook = webhook(self.integration.id, self.now());
        change(&mut webhook);
        self.store.insert_webhook(&webhook, log(self.integration.id, self.now())).await.expect("stored");
        webhook.id
    }

    pub(crate) async fn webhook(&self, id: WebhookId) -> Webhook {
        self.store.find_webhook(simpul_core::access::Scope::All, id).await.expect("read").expect("is there")
    }

    pub(crate) fn event(&self, event_type: EventType, key: &str) -> NewEvent {
        let id = EventId::generate(self.now());
        NewEvent {
            id,
            integration_id: self.integration.id,
            partner_id: self.partner_id,
            event_type,
            source: EventSource::Provider,
            deduplication_key: Some(key.to_owned()),
            replay_guard: None,
            key_lifetime: None,
            subject: None,
            order_key: None,
            rank: event_type.rank(),
            occurred_at: self.now(),
            payload: Arc::from(format!("{{\"id\":\"{id}\"}}")),
        }
    }

    pub(crate) fn ingest(&self, events: Vec<NewEvent>) -> Ingest {
        let log = log_of(self.integration.id, Action::Webhook, Status::Success, self.now());
        Ingest { events, notification: None, log: Some((log, "a duplicate".to_owned())), created_at: self.now() }
    }

    /// A writer whose leased deliveries arrive in the returned channel, with room for `places` of them.
    pub(crate) fn writer(&self, places: usize) -> (Writer, mpsc::Receiver<LeasedDelivery>) {
        writer(&self.store, places)
    }

    /// A writer of another node.
    pub(crate) fn writer_of(store: &Store) -> (Writer, mpsc::Receiver<LeasedDelivery>) {
        writer(store, 0)
    }

    /// Lets go of everything from before the day (UTC) of this time.
    pub(crate) async fn remove_behind(&self, cutoff: Timestamp) {
        let logs = Some(cutoff.floor(simpul_core::time::DAY));
        self.fold(Horizons { logs, ..Horizons::default() }).await;
    }

    /// Notes horizons and removes what is behind them, in small batches.
    pub(crate) async fn fold(&self, wanted: Horizons) {
        let horizons = self.store.note_horizons(wanted).await.expect("noted");
        for old in Old::ALL {
            while self.store.remove_behind(&horizons, *old, 100).await.expect("removed") == 100 {}
        }
    }

    /// Claims everything that is due, one webhook after another, into a room of its own.
    pub(crate) async fn claim(&self, store: &Store, places: usize) -> Vec<LeasedDelivery> {
        let rules = rules(places);
        let mut leased = Vec::new();
        let mut after = None;
        loop {
            let claimed = store.claim_due(&rules, after, self.now()).await.expect("claimed");
            let is_last = claimed.next.is_none() && claimed.deliveries.is_empty();
            leased.extend(claimed.deliveries);
            if is_last {
                return leased;
            }
            after = claimed.next;
        }
    }
}

/// Claims into a room of this size.
pub(crate) fn rules(places: usize) -> ClaimRules {
    ClaimRules { room: Room::new(places, 1 << 20), drain_rate: 10 }
}

pub(crate) const DISABLE: DisableRules =
    DisableRules { after_exhausted: 2, after: std::time::Duration::from_secs(100 * 3_600) };

fn writer(store: &Store, places: usize) -> (Writer, mpsc::Receiver<LeasedDelivery>) {
    let (leased, arriving) = mpsc::channel(places.max(1));
    let options = WriterOptions {
        leased,
        room: Room::new(places, 1 << 20),
        waiting: Arc::new(Notify::new()),
        recall: Arc::new(|_| {}),
        disable: DISABLE,
    };
    (Writer::start(store.clone(), options).0, arriving)
}

pub(crate) async fn add_partner(store: &Store, slug: &str, now: Timestamp) -> PartnerId {
    let id = PartnerId::generate(now);
    let partner =
        Partner { id, name: slug.to_owned(), slug: slug.to_owned(), is_active: true, created_at: now, updated_at: now };
    store.insert_partner(&partner).await.expect("stored");
    id
}

pub(crate) fn integration(partner_id: PartnerId, provider: &str, now: Timestamp) -> Integration {
    let members = [("serverKey", "SB-Mid-server-very-secret-1a2b"), ("merchantId", "G123")];
    Integration {
        id: IntegrationId::generate(now),
        partner_id,
        outlet_id: None,
        integration_type: IntegrationType::PaymentGateway,
        provider: provider.to_owned(),
        display_name: "Midtrans utama".to_owned(),
        is_active: true,
        test_mode: true,
        use_partner_config: false,
        configuration: Configuration(
            members.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect(),
        ),
        settings: Settings { confirm_notifications: true, test_interval_minutes: 5, latency_target_ms: 2_000 },
        inbound_token: format!("token-{}", EventId::generate(now)),
        last_tested_at: None,
        last_test_status: None,
        last_test_message: None,
        created_by: "test".to_owned(),
        updated_by: "test".to_owned(),
        created_at: now,
        updated_at: now,
    }
}

fn webhook(integration_id: IntegrationId, now: Timestamp) -> Webhook {
    Webhook {
        headers: BTreeMap::from([("X-Api-Key".to_owned(), "sesame".to_owned())]),
        ..Webhook::new(
            integration_id,
            "https://receiver.example/hook".to_owned(),
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned(),
            "test",
            now,
        )
    }
}

pub(crate) fn log(integration_id: IntegrationId, now: Timestamp) -> Activity {
    log_of(integration_id, Action::ConfigChange, Status::Success, now)
}

pub(crate) fn log_of(integration_id: IntegrationId, action: Action, status: Status, now: Timestamp) -> Activity {
    Activity::new(integration_id, action, status, "something happened", now)
}
