//! What a rule tells: grouping, outages, repetition, quiet hours, the bound, and two nodes at once.

use simpul_core::alert::QuietHours;
use simpul_core::incident::{IncidentKind, IncidentSeverity};

use super::world::{World, on_both};

on_both! {
    async fn troubles_of_a_minute_are_one_message_and_so_is_their_end(world: World) {
        world.rule(|_| ()).await;
        let mut open = Vec::new();
        for _ in 0..34 {
            open.push(world.incident(|_| ()).await);
        }
        world.after(0).await;
        world.after(30).await;
        assert!(world.texts().await.is_empty(), "it gathers");
        open.push(world.incident(|_| ()).await);
        world.after(30).await;
        let texts = world.texts().await;
        assert_eq!(texts.len(), 1);
        assert!(texts[0].starts_with("Alert: 35 problems need attention.") || texts[0].starts_with("Alert: 34"), "{}", texts[0]);
        assert!(texts[0].contains("Kopi Senja: Midtrans answers too late") && texts[0].contains("more"), "{}", texts[0]);
        world.after(90).await;
        assert!(world.texts().await.len() <= 2, "the late one at most has its own");
        let told = world.texts().await.len();
        for incident in &mut open {
            world.close(incident).await;
        }
        world.after(1).await;
        world.after(60).await;
        world.after(60).await;
        let texts = world.texts().await;
        assert_eq!(texts.len(), told + 1, "{texts:?}");
        assert!(texts[told].starts_with("Resolved: 35 problems are over."), "{}", texts[told]);
    }

    async fn a_providers_outage_is_one_message_whatever_came_before(world: World) {
        world.rule(|_| ()).await;
        let mut early = world.incident(|_| ()).await;
        world.after(0).await;
        world.after(60).await;
        assert_eq!(world.texts().await.len(), 1, "one alone, told before the outage was known");
        let mut outage = world.outage(300).await;
        let mut members = Vec::new();
        for _ in 0..300 {
            members.push(world.incident(|incident| incident.outage_id = Some(outage.id)).await);
        }
        world.change(&mut early, |incident, _| incident.outage_id = Some(outage.id)).await;
        world.after(5).await;
        world.after(60).await;
        world.after(60).await;
        let texts = world.texts().await;
        assert_eq!(texts.len(), 2, "{texts:?}");
        assert!(texts[1].contains("Midtrans is down for 300 of 300 integrations"), "{}", texts[1]);
        assert!(texts[1].contains("nothing needs to be changed at your side"), "{}", texts[1]);
        world.close(&mut outage).await;
        world.close(&mut early).await;
        for member in members.iter_mut().skip(1) {
            world.close(member).await;
        }
        world.after(1).await;
        world.after(61).await;
        let texts = world.texts().await;
        assert_eq!(texts.len(), 3, "{texts:?}");
        assert!(texts[2].starts_with("Resolved: Midtrans is down for 300 of 300 integrations: over after"), "{}", texts[2]);
        // One has stayed behind: it is told on its own, after a while.
        world.after(300).await;
        let texts = world.texts().await;
        assert_eq!(texts.len(), 4, "{texts:?}");
        assert!(texts[3].starts_with("Alert: Kopi Senja: Midtrans answers too late"), "{}", texts[3]);
    }

    async fn a_partners_rule_hears_of_an_outage_through_its_own_and_of_no_others(world: World) {
        let own = world.partner_id;
        world.rule(|rule| rule.partner_id = Some(own)).await;
        let outage = world.outage(300).await;
        world.incident(|incident| incident.partner_id = None).await;
        world.after(0).await;
        world.after(120).await;
        assert!(world.texts().await.is_empty(), "none of its own is part of it");
        for _ in 0..2 {
            world.incident(|incident| incident.outage_id = Some(outage.id)).await;
        }
        world.after(0).await;
        world.after(60).await;
        let texts = world.texts().await;
        assert_eq!(texts.len(), 1);
        assert!(texts[0].contains("Midtrans is down for 2 of 2 integrations") && texts[0].contains("6 calls failed"), "{}", texts[0]);
    }

    async fn what_is_over_before_it_is_told_is_not_told(world: World) {
        world.rule(|_| ()).await;
        let mut short = world.incident(|_| ()).await;
        world.after(0).await;
        world.close(&mut short).await;
        world.after(30).await;
        world.after(600).await;
        assert!(world.texts().await.is_empty());
    }

    async fn a_rule_tells_of_its_own_kinds_severity_and_providers(world: World) {
        world.rule(|rule| rule.minimum_severity = IncidentSeverity::Critical).await;
        world.rule(|rule| rule.kinds = vec![IncidentKind::Expiry]).await;
        world.rule(|rule| rule.providers = vec!["xendit".to_owned()]).await;
        let mut warning = world.incident(|_| ()).await;
        world.after(0).await;
        world.after(60).await;
        assert!(world.texts().await.is_empty());
        world.change(&mut warning, |incident, _| incident.severity = IncidentSeverity::Critical).await;
        world.after(1).await;
        world.after(60).await;
        assert_eq!(world.texts().await.len(), 1, "it has become critical");
    }

    async fn it_is_told_again_until_somebody_acknowledges_it(world: World) {
        world.rule(|rule| rule.repeat_minutes = Some(30)).await;
        let mut incident = world.incident(|_| ()).await;
        world.after(0).await;
        world.after(60).await;
        world.after(29 * 60).await;
        assert_eq!(world.texts().await.len(), 1);
        world.after(60).await;
        world.after(1_800).await;
        let texts = world.texts().await;
        assert_eq!(texts.len(), 3);
        assert!(texts[1].starts_with("Still: ") && texts[2].starts_with("Still: "), "{texts:?}");
        world.change(&mut incident, |incident, now| incident.acknowledged_at = Some(now)).await;
        world.after(1).await;
        world.after(7_200).await;
        assert_eq!(world.texts().await.len(), 3, "acknowledged");
        world.close(&mut incident).await;
        world.after(1).await;
        world.after(60).await;
        assert!(world.texts().await[3].starts_with("Resolved: "), "its end is told all the same");
    }

    async fn quiet_hours_hold_back_warnings_and_not_what_is_critical(world: World) {
        let night = QuietHours {
            from: "11:00".to_owned(), to: "18:00".to_owned(), time_zone: "Asia/Jakarta".to_owned(), allow_critical: true,
        };
        world.rule(|rule| rule.quiet_hours = Some(night)).await;
        let mut passing = world.incident(|_| ()).await;
        world.incident(|_| ()).await;
        world.incident(|incident| incident.severity = IncidentSeverity::Critical).await;
        world.after(0).await;
        world.after(60).await;
        let texts = world.texts().await;
        assert_eq!(texts.len(), 1, "{texts:?}");
        assert!(texts[0].starts_with("Alert: Kopi Senja"), "the critical one alone: {}", texts[0]);
        world.close(&mut passing).await;
        world.after(3_600).await;
        assert_eq!(world.texts().await.len(), 1);
        world.after(5 * 3_600).await;
        let texts = world.texts().await;
        assert_eq!(texts.len(), 2, "the morning: {texts:?}");
        assert!(texts[1].starts_with("Alert: Kopi Senja"), "one has passed in between: {}", texts[1]);
    }

    async fn a_flapping_world_is_bounded_and_summed_up(world: World) {
        let rule_id = world.rule(|rule| rule.group_seconds = 0).await;
        for _ in 0..40 {
            let mut incident = world.incident(|_| ()).await;
            world.after(20).await;
            world.close(&mut incident).await;
            world.after(20).await;
        }
        let texts = world.texts().await;
        assert_eq!(texts.len(), 30, "{texts:?}");
        assert!(texts[29].contains("too many messages within an hour"), "{}", texts[29]);
        let rule = world.store.find_alert_rule(simpul_core::access::Scope::All, rule_id).await.unwrap().unwrap();
        assert!(rule.held_until.is_some_and(|until| until > world.now()));
        world.incident(|_| ()).await;
        world.after(1).await;
        world.after(3_600).await;
        let texts = world.texts().await;
        assert_eq!(texts.len(), 31, "one message for all that followed");
        assert!(texts[30].contains("came and went"), "{}", texts[30]);
    }

    async fn two_nodes_that_look_at_once_send_one_message(world: World) {
        world.rule(|_| ()).await;
        for _ in 0..5 {
            world.incident(|_| ()).await;
        }
        let (store, mut other) = world.node().await;
        world.after(0).await;
        world.clock.advance(std::time::Duration::from_secs(60));
        let (one, two) = tokio::join!(world.judge.pass(), other.pass());
        // On SQLite a second writer may find the file busy; that is an error to try again, not a second message.
        one.and(two).unwrap();
        assert_eq!(world.texts().await.len(), 1);
        store.close().await;
    }

    async fn a_node_that_takes_over_knows_everything_from_the_table(world: World) {
        world.rule(|_| ()).await;
        let mut incident = world.incident(|_| ()).await;
        world.after(0).await;
        let (store, other) = world.node().await;
        world.judge = other;
        world.after(60).await;
        assert_eq!(world.texts().await.len(), 1, "taken up by one node, told by the next");
        world.close(&mut incident).await;
        let (second, third) = world.node().await;
        world.judge = third;
        world.after(7_200).await;
        world.after(60).await;
        let texts = world.texts().await;
        assert_eq!(texts.len(), 2, "it ended while nobody led: {texts:?}");
        store.close().await;
        second.close().await;
    }
}
