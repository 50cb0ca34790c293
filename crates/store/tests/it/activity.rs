//! The log: its counts are exact however they are computed, its pages are in order, old rows go.

use std::collections::BTreeMap;
use std::time::Duration;

use simpul_core::activity::{Action, Activity, Status};
use simpul_core::error_type::ErrorType;
use simpul_core::time::{DAY, HOUR, MINUTE, SECOND, Timestamp};
use simpul_store::{ActivityFilter, ActivityPage};

use crate::support::{Bench, NOW, log_of, on_both};

/// Rows spread over three hours, denser than minutes, in no order.
fn rows(bench: &Bench) -> Vec<Activity> {
    let mut seed = 7_u64;
    let mut next = move |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    (0..1_500)
        .map(|_| {
            let at =
                Timestamp::from_millis(NOW - 3 * HOUR + i64::try_from(next(3 * HOUR.unsigned_abs())).expect("small"));
            let action = Action::ALL[usize::try_from(next(5)).expect("small")];
            let status = Status::ALL[usize::try_from(next(3)).expect("small")];
            let mut row = log_of(bench.integration.id, action, status, at);
            row.duration = Some(i64::try_from(next(5_000)).expect("small"));
            row.error_type = (status == Status::Failed).then_some(ErrorType::Timeout);
            row.message = if next(2) == 0 { "Ditolak 100%".to_owned() } else { "Diterima".to_owned() };
            row
        })
        .collect()
}

fn counted(rows: &[Activity], filter: &ActivityFilter) -> BTreeMap<(String, String), i64> {
    let mut counts = BTreeMap::new();
    for row in rows {
        let matches = filter.start.is_none_or(|start| row.created_at >= start)
            && filter.end.is_none_or(|end| row.created_at <= end)
            && (filter.actions.is_empty() || filter.actions.contains(&row.action))
            && (filter.statuses.is_empty() || filter.statuses.contains(&row.status))
            && filter.error_type.is_none_or(|error_type| row.error_type == Some(error_type))
            && filter.words.as_ref().is_none_or(|words| row.message.to_lowercase().contains(&words.to_lowercase()));
        if matches {
            *counts.entry((row.action.as_str().to_owned(), row.status.as_str().to_owned())).or_default() += 1;
        }
    }
    counts
}

on_both! {
    async fn counts_from_rollups_equal_counts_of_rows(bench: Bench) {
        let rows = rows(bench);
        for chunk in rows.chunks(400) {
            bench.store.insert_activity(chunk).await.expect("stored");
        }
        let at = |offset: i64| Some(Timestamp::from_millis(NOW - offset));
        let mut filters = Vec::new();
        for (start, end) in [
            (None, None), (at(2 * HOUR), None), (None, at(HOUR)), (at(2 * HOUR + 12_345), at(HOUR + 54_321)),
            (at(90 * MINUTE), at(90 * MINUTE - 1)), (at(100 * MINUTE + 30 * SECOND), at(100 * MINUTE + 10 * SECOND)),
            (at(2 * HOUR), at(HOUR)), (at(2 * HOUR - 1), at(HOUR + 1)), (at(61 * MINUTE), at(59 * MINUTE + 1)),
            (at(DAY), at(-DAY)), (at(0), at(DAY)),
        ] {
            filters.push(ActivityFilter { start, end, ..ActivityFilter::default() });
            filters.push(ActivityFilter { start, end, actions: vec![Action::Test, Action::Webhook], ..ActivityFilter::default() });
            filters.push(ActivityFilter { start, end, statuses: vec![Status::Failed], error_type: Some(ErrorType::Timeout), ..ActivityFilter::default() });
            filters.push(ActivityFilter { start, end, words: Some("100%".to_owned()), ..ActivityFilter::default() });
        }
        let mut expected_config_change = rows.clone();
        expected_config_change.push(log_of(bench.integration.id, Action::ConfigChange, Status::Success, Timestamp::from_millis(NOW)));
        for filter in filters {
            let stats = bench.store.count_activity(bench.integration.id, &filter).await.expect("counted");
            let stats: BTreeMap<_, _> = stats.into_iter().map(|stat| ((stat.action, stat.status), stat.count)).collect();
            assert_eq!(stats, counted(&expected_config_change, &filter), "{filter:?}");
        }
    }

    async fn pages_follow_each_other_without_gap_or_overlap(bench: Bench) {
        let rows = rows(bench);
        bench.store.insert_activity(&rows).await.expect("stored");
        let filter = ActivityFilter { statuses: vec![Status::Success], ..ActivityFilter::default() };
        let mut seen = Vec::new();
        let mut page = ActivityPage::Offset(0);
        loop {
            let found = bench.store.list_activity(bench.integration.id, &filter, page, 100).await.expect("read");
            let Some(last) = found.last() else { break };
            page = ActivityPage::After(last.created_at, last.id);
            seen.extend(found.into_iter().map(|row| (row.created_at, row.id)));
        }
        let mut sorted = seen.clone();
        sorted.sort_unstable_by(|left, right| right.cmp(left));
        sorted.dedup();
        assert_eq!(seen, sorted);
        assert_eq!(seen.len(), rows.iter().filter(|row| row.status == Status::Success).count() + 1);
        let by_offset = bench.store.list_activity(bench.integration.id, &filter, ActivityPage::Offset(100), 100).await.expect("read");
        assert_eq!(by_offset[0].id, seen[100].1);
    }

    async fn retention_removes_rows_and_their_counts(bench: Bench) {
        let now = bench.now();
        let old = log_of(bench.integration.id, Action::Test, Status::Success, now.minus(Duration::from_secs(100 * 86_400)));
        let young = log_of(bench.integration.id, Action::Test, Status::Success, now);
        bench.store.insert_activity(&[old, young]).await.expect("stored");
        let cutoff = now.minus(Duration::from_secs(90 * 86_400));
        bench.remove_behind(cutoff).await;
        let filter = ActivityFilter { actions: vec![Action::Test], ..ActivityFilter::default() };
        assert_eq!(bench.store.count_activity(bench.integration.id, &filter).await.expect("counted")[0].count, 1);
        assert_eq!(bench.store.list_activity(bench.integration.id, &filter, ActivityPage::Offset(0), 10).await.expect("read").len(), 1);
    }

    async fn a_nul_character_is_no_trouble(bench: Bench) {
        let mut row = log_of(bench.integration.id, Action::Error, Status::Failed, bench.now());
        row.message = "a\0b".to_owned();
        row.request_data = Some(serde_json::json!({"text": "a\0b", "☕": "\u{1F44D}"}));
        bench.store.insert_activity(&[row]).await.expect("stored");
        let filter = ActivityFilter { actions: vec![Action::Error], ..ActivityFilter::default() };
        let found = bench.store.list_activity(bench.integration.id, &filter, ActivityPage::Offset(0), 10).await.expect("read");
        assert_eq!(found[0].message, "ab");
        assert!(found[0].request_data.as_ref().is_some_and(|data| data.contains("\\u0000")));
    }
}
