//! A database with a partner, a channel and a rule, a clock that is stepped, and nodes that judge.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use simpul_core::access::Scope;
use simpul_core::alert::{AlertChannel, AlertDelivery, AlertRule, ChannelConfiguration, ChannelKind};
use simpul_core::error_type::ErrorType;
use simpul_core::id::{AlertChannelId, AlertRuleId, IncidentId, IntegrationId, PartnerId};
use simpul_core::incident::{IncidentCause, IncidentKind, IncidentSeverity, IncidentTrigger};
use simpul_core::language::Language;
use simpul_core::partner::Partner;
use simpul_core::time::{Clock, ManualClock, Timestamp};
use simpul_store::testing::TestDatabase;
use simpul_store::{AlertDeliveryFilter, Incident, Page, Store};

use crate::address::Policy;
use crate::alert::Courier;
use crate::alert::judge::Judge;
use crate::egress::Egress;

/// Runs a test on both backends.
macro_rules! on_both {
    ($($(#[$meta:meta])* async fn $name:ident($world:ident: World) $body:block)+) => {$(
        $(#[$meta])*
        mod $name {
            use super::*;

            async fn run($world: &mut World) $body

            #[tokio::test]
            async fn sqlite() {
                let mut world = World::on(simpul_store::testing::TestDatabase::sqlite()).await;
                run(&mut world).await;
                world.remove().await;
            }

            #[tokio::test]
            async fn postgres() {
                let mut world = World::on(simpul_store::testing::TestDatabase::postgres().await).await;
                run(&mut world).await;
                world.remove().await;
            }
        }
    )+};
}
pub(super) use on_both;

pub(super) struct World {
    database: TestDatabase,
    pub(super) clock: Arc<ManualClock>,
    pub(super) store: Store,
    pub(super) partner_id: PartnerId,
    pub(super) channel: AlertChannel,
    pub(super) judge: Judge,
}

impl World {
    /// Noon in Jakarta.
    pub(super) async fn on(database: TestDatabase) -> Self {
        let clock = Arc::new(ManualClock::at("2026-02-21T05:00:00Z".parse().unwrap()));
        let store = database.open(clock.clone()).await;
        let now = clock.now();
        let partner_id = PartnerId::generate(now);
        let (name, slug) = ("Kopi Senja".to_owned(), "kopi-senja".to_owned());
        let partner = Partner { id: partner_id, name, slug, is_active: true, created_at: now, updated_at: now };
        store.insert_partner(&partner).await.unwrap();
        let channel = channel("first", None, now);
        store.insert_alert_channel(&channel).await.unwrap();
        let judge = Judge::new(store.clone(), clock.clone(), "https://hub.example".to_owned());
        Self { database, clock, store, partner_id, channel, judge }
    }

    pub(super) async fn remove(self) {
        self.store.close().await;
        self.database.remove().await;
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Another node on the same database.
    pub(super) async fn node(&self) -> (Store, Judge) {
        let store = self.database.open(self.clock.clone()).await;
        (store.clone(), Judge::new(store, self.clock.clone(), "https://hub.example".to_owned()))
    }

    pub(super) fn courier(&self) -> Courier {
        Courier {
            store: self.store.clone(),
            egress: Egress::new(Policy::new(vec!["127.0.0.0/8".parse().unwrap()]), None).unwrap(),
            clock: self.clock.clone(),
            provider_urls: Arc::new(HashMap::new()),
            telegram_url: "http://127.0.0.1:9".into(),
        }
    }

    pub(super) async fn rule(&self, change: impl FnOnce(&mut AlertRule)) -> AlertRuleId {
        let mut rule = AlertRule {
            id: AlertRuleId::generate(self.now()),
            partner_id: None,
            name: "Everything".to_owned(),
            is_active: true,
            minimum_severity: IncidentSeverity::Warning,
            kinds: Vec::new(),
            partner_ids: Vec::new(),
            providers: Vec::new(),
            channel_ids: vec![self.channel.id],
            repeat_minutes: None,
            notify_resolved: true,
            quiet_hours: None,
            group_seconds: 60,
            language: Language::English,
            held_until: None,
            created_by: "test".to_owned(),
            updated_by: "test".to_owned(),
            created_at: self.now(),
            updated_at: self.now(),
        };
        change(&mut rule);
        self.store.insert_alert_rule(&rule).await.unwrap();
        rule.id
    }

    pub(super) async fn incident(&self, change: impl FnOnce(&mut Incident)) -> Incident {
        let now = self.now();
        let id = IncidentId::generate(now);
        let mut incident = Incident {
            id,
            kind: IncidentKind::Connection,
            severity: IncidentSeverity::Warning,
            integration_id: Some(IntegrationId::generate(now)),
            partner_id: Some(self.partner_id),
            provider: "midtrans".to_owned(),
            webhook_id: None,
            outage_id: None,
            subject: id.to_string(),
            cause: IncidentCause::Error(ErrorType::Timeout),
            opened_by: IncidentTrigger::Probes,
            started_at: now,
            opened_at: now,
            closed_at: None,
            last_failure_at: now,
            first_error: String::new(),
            last_error: String::new(),
            affected_calls: 3,
            affected_integrations: 1,
            acknowledged_at: None,
            acknowledged_by: None,
            updated_at: now,
        };
        change(&mut incident);
        self.store.put_incident(&incident).await.unwrap();
        incident
    }

    pub(super) async fn outage(&self, affected: i64) -> Incident {
        self.incident(|incident| {
            incident.kind = IncidentKind::ProviderOutage;
            incident.severity = IncidentSeverity::Critical;
            (incident.integration_id, incident.partner_id) = (None, None);
            incident.affected_integrations = affected;
        })
        .await
    }

    pub(super) async fn change(&self, incident: &mut Incident, change: impl FnOnce(&mut Incident, Timestamp)) {
        change(incident, self.now());
        incident.updated_at = self.now();
        self.store.put_incident(incident).await.unwrap();
    }

    pub(super) async fn close(&self, incident: &mut Incident) {
        self.change(incident, |incident, now| incident.closed_at = Some(now)).await;
    }

    /// Steps the clock and lets the leader look.
    pub(super) async fn after(&mut self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
        self.judge.pass().await.unwrap();
    }

    /// All messages so far, the oldest first.
    pub(super) async fn deliveries(&self) -> Vec<AlertDelivery> {
        let page = Page { offset: 0, limit: 500 };
        let filter = AlertDeliveryFilter::default();
        let mut found = self.store.list_alert_deliveries(Scope::All, &filter, page).await.unwrap().0;
        found.reverse();
        found
    }

    pub(super) async fn texts(&self) -> Vec<String> {
        self.deliveries().await.iter().map(|delivery| delivery.message.text(20_000)).collect()
    }
}

/// A Slack-compatible channel to a port where nobody listens.
pub(super) fn channel(name: &str, fallback: Option<AlertChannelId>, now: Timestamp) -> AlertChannel {
    let configuration =
        ChannelConfiguration { url: Some("http://127.0.0.1:9/hook".to_owned()), ..ChannelConfiguration::default() };
    AlertChannel {
        id: AlertChannelId::generate(now),
        partner_id: None,
        name: name.to_owned(),
        kind: ChannelKind::Slack,
        is_active: true,
        configuration,
        fallback_channel_id: fallback,
        last_delivery_at: None,
        last_status: None,
        last_error: None,
        created_by: "test".to_owned(),
        updated_by: "test".to_owned(),
        created_at: now,
        updated_at: now,
    }
}
