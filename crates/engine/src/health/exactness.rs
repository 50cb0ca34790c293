//! Whatever is written in whatever order, and whatever retention has folded in the meantime: every figure of health, of its series
//! and of the log's statistics is what a count of the rows one by one gives.

mod brute_force;

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use simpul_core::activity::{Action, Activity, Component, Status};
use simpul_core::error_type::ErrorType;
use simpul_core::health::{Trend, percent};
use simpul_core::id::{IntegrationId, PartnerId};
use simpul_core::integration::{Configuration, Integration, IntegrationType, Settings};
use simpul_core::partner::Partner;
use simpul_core::time::{DAY, HOUR, MINUTE, ManualClock, Timestamp};
use simpul_store::testing::TestDatabase;
use simpul_store::{ActivityFilter, ActivityPage, Old, Store};

use super::judgement::{Periods, judge};
use super::{HealthReport, PointState, SeriesPoint, Window, series};
use brute_force::{Expected, up_and_observed};

/// A Saturday, some seconds into a minute.
const START: i64 = 1_771_668_034_567;
const CASES: u32 = 24;
const LOG_DAYS: u32 = 90;
const WINDOWS: [Window; 4] = [Window::Hour, Window::Day, Window::Week, Window::Month];

/// A row before it has a time of its own: how long before now, of which integration, and its parts.
#[derive(Debug, Clone)]
struct Written {
    ago: i64,
    is_second: bool,
    action: Action,
    status: Status,
    component: Component,
    error_type: Option<ErrorType>,
    duration: Option<i64>,
}

/// Milliseconds before now: dense of late, thin long ago, and often on an edge or just beside it.
fn ago() -> impl Strategy<Value = i64> {
    let anywhere = prop_oneof![
        3 => 0..2 * HOUR,
        2 => 0..3 * DAY,
        2 => 0..16 * DAY,
        2 => 0..64 * DAY,
        1 => 0..91 * DAY,
    ];
    let edge = prop_oneof![Just(MINUTE), Just(HOUR), Just(DAY)];
    (anywhere, prop::option::weighted(0.4, (edge, -1_i64..=1))).prop_map(|(ago, edge)| match edge {
        Some((unit, beside)) => (START - (Timestamp::from_millis(START - ago).floor(unit).millis() + beside)).max(0),
        None => ago,
    })
}

fn written() -> impl Strategy<Value = Written> {
    let action = prop_oneof![
        3 => Just(Action::Test), 3 => Just(Action::Transaction), 3 => Just(Action::Webhook), 1 => Just(Action::Error),
        1 => Just(Action::ConfigChange)
    ];
    let status = prop_oneof![5 => Just(Status::Success), 4 => Just(Status::Failed), 1 => Just(Status::Pending)];
    let component = prop_oneof![6 => Just(Component::Connection), 3 => Just(Component::Deliveries), 1 => Just(Component::Maintenance)];
    let error_type = prop::option::weighted(0.8, prop::sample::select(ErrorType::ALL));
    let duration = prop::option::weighted(0.8, prop_oneof![5 => 0_i64..3_000, 1 => 0_i64..120_000]);
    (ago(), any::<bool>(), action, status, component, error_type, duration).prop_map(
        |(ago, is_second, action, status, component, error_type, duration)| Written {
            ago,
            is_second,
            action,
            status,
            component,
            error_type: error_type.filter(|_| status == Status::Failed),
            duration,
        },
    )
}

/// The end of a filter: so long before now, or so long after one of the rows, where it cuts an hour or a day that holds some.
#[derive(Debug, Clone, Copy)]
enum Edge {
    Ago(i64),
    Beside(prop::sample::Index, i64),
}

impl Edge {
    fn at(self, rows: &[Activity], now: Timestamp) -> Timestamp {
        match self {
            Self::Beside(index, after) if !rows.is_empty() => {
                Timestamp::from_millis(index.get(rows).created_at.millis() + after)
            }
            Self::Ago(ago) | Self::Beside(_, ago) => Timestamp::from_millis(now.millis() - ago),
        }
    }
}

fn edge() -> impl Strategy<Value = Edge> {
    let after = prop_oneof![2 => -1_i64..=1, 3 => -2 * MINUTE..2 * MINUTE, 3 => -HOUR..HOUR, 2 => -DAY..DAY];
    prop_oneof![
        1 => ago().prop_map(Edge::Ago),
        3 => (any::<prop::sample::Index>(), after).prop_map(|(index, after)| Edge::Beside(index, after)),
    ]
}

#[derive(Debug, Clone)]
struct Wanted {
    start: Option<Edge>,
    end: Option<Edge>,
    actions: Vec<Action>,
    statuses: Vec<Status>,
    error_type: Option<ErrorType>,
}

fn wanted() -> impl Strategy<Value = Wanted> {
    let actions = prop::sample::subsequence(Action::ALL, 0..3);
    let statuses = prop::sample::subsequence(Status::ALL, 0..3);
    let error_type = prop::option::weighted(0.2, prop::sample::select(ErrorType::ALL));
    let edge = || prop::option::weighted(0.7, edge());
    (edge(), edge(), actions, statuses, error_type).prop_map(|(start, end, actions, statuses, error_type)| Wanted {
        start,
        end,
        actions,
        statuses,
        error_type,
    })
}

/// Rows before and after retention has run, the times of some repeated, and filters to count by.
#[derive(Debug, Clone)]
struct Case {
    before: Vec<Written>,
    after: Vec<Written>,
    filters: Vec<Wanted>,
    interval: u32,
    folds_again: bool,
}

fn case() -> impl Strategy<Value = Case> {
    let rows = || {
        prop::collection::vec((written(), 0_usize..4), 0..60).prop_map(|rows| {
            let again = rows.iter().enumerate().filter(|(_, (_, kind))| *kind == 0);
            let again: Vec<Written> =
                again.map(|(index, (row, _))| Written { ago: rows[index / 2].0.ago, ..row.clone() }).collect();
            rows.into_iter().map(|(row, _)| row).chain(again).collect::<Vec<_>>()
        })
    };
    let interval = prop::sample::select(vec![1_u32, 5, 60, 1_440]);
    (rows(), rows(), prop::collection::vec(wanted(), 12), interval, any::<bool>()).prop_map(
        |(before, after, filters, interval, folds_again)| Case { before, after, filters, interval, folds_again },
    )
}

struct Bench {
    store: Store,
    partner_id: PartnerId,
}

impl Bench {
    async fn on(database: &TestDatabase) -> Self {
        let now = Timestamp::from_millis(START);
        let store = database.open(Arc::new(ManualClock::at(now))).await;
        let partner_id = PartnerId::generate(now);
        let (name, slug) = ("Kopi Senja".to_owned(), "kopi-senja".to_owned());
        let partner = Partner { id: partner_id, name, slug, is_active: true, created_at: now, updated_at: now };
        store.insert_partner(&partner).await.unwrap();
        Self { store, partner_id }
    }

    /// Nothing of an integration but its id and settings is read here, so it needs no row.
    fn integration(&self, interval: u32) -> Integration {
        let now = Timestamp::from_millis(START);
        Integration {
            id: IntegrationId::generate(now),
            partner_id: self.partner_id,
            outlet_id: None,
            integration_type: IntegrationType::PaymentGateway,
            provider: "midtrans".to_owned(),
            display_name: String::new(),
            is_active: true,
            test_mode: true,
            use_partner_config: false,
            configuration: Configuration::default(),
            settings: Settings {
                confirm_notifications: true,
                test_interval_minutes: interval,
                latency_target_ms: 2_000,
            },
            inbound_token: String::new(),
            last_tested_at: None,
            last_test_status: None,
            last_test_message: None,
            created_by: String::new(),
            updated_by: String::new(),
            created_at: now,
            updated_at: now,
        }
    }

    async fn fold(&self, now: Timestamp) {
        let horizons = self.store.note_horizons(crate::retention::wanted(now, LOG_DAYS)).await.unwrap();
        for old in Old::ALL {
            while self.store.remove_behind(&horizons, *old, 50).await.unwrap() == 50 {}
        }
    }

    async fn write(&self, rows: &[Activity]) {
        for chunk in rows.chunks(25) {
            self.store.insert_activity(chunk).await.unwrap();
        }
    }
}

fn rows(written: &[Written], integrations: &[Integration; 2], now: Timestamp) -> Vec<Activity> {
    let row = |row: &Written| {
        let at = Timestamp::from_millis(now.millis() - row.ago);
        let id = integrations[usize::from(row.is_second)].id;
        let mut activity = Activity::new(id, row.action, row.status, "something happened", at);
        activity.component = row.component;
        activity.error_type = row.error_type;
        activity.duration = row.duration;
        activity
    };
    written.iter().map(row).collect()
}

async fn check(bench: &Bench, case: &Case) {
    let now = Timestamp::from_millis(START);
    let integrations = [bench.integration(case.interval), bench.integration(case.interval)];
    let mut all = rows(&case.before, &integrations, now);
    bench.write(&all).await;
    bench.fold(now).await;
    let late = rows(&case.after, &integrations, now);
    bench.write(&late).await;
    all.extend(late);
    if case.folds_again {
        bench.fold(now).await;
    }
    for window in WINDOWS {
        let periods = Periods::of(window, now);
        let mut seen = periods.read(&bench.store, &integrations).await.unwrap();
        for integration in &integrations {
            let own: Vec<Activity> = all.iter().filter(|row| row.integration_id == integration.id).cloned().collect();
            let (report, ..) = judge(integration, &periods, &seen.remove(&integration.id).unwrap_or_default());
            check_health(integration, &own, &periods, &report);
        }
    }
    let [first, _] = &integrations;
    let own: Vec<Activity> = all.into_iter().filter(|row| row.integration_id == first.id).collect();
    for window in WINDOWS {
        for word in window.steps() {
            let step = window.step(Some(word)).unwrap();
            let found = series::read(&bench.store, first, window, step, now).await.unwrap();
            for point in &found.points {
                check_point(first, &own, point, step.millis(), now);
            }
        }
    }
    for filter in &case.filters {
        check_counts(&bench.store, first.id, &own, filter, now).await;
    }
}

fn check_health(integration: &Integration, rows: &[Activity], periods: &Periods, report: &HealthReport) {
    let interval = i64::from(integration.settings.test_interval_minutes) * MINUTE;
    let (from, to) = periods.present;
    let expected = Expected::between(rows, from, to);
    let metrics = &report.metrics;
    assert_eq!((metrics.total_requests, metrics.success_count), (expected.all(), expected.successes()));
    assert_eq!(metrics.failed_count, expected.all() - expected.successes());
    assert_eq!(
        (report.status, metrics.success_rate),
        (expected.status(), percent(expected.successes(), expected.all()))
    );
    assert_eq!(report.provisional, expected.all() < 5);
    for (half, component) in [(&report.connection, Component::Connection), (&report.deliveries, Component::Deliveries)]
    {
        assert_eq!(half.total_requests, expected.count(|row| row.component == component));
        let successes = |row: &Activity| row.component == component && row.status == Status::Success;
        assert_eq!(half.success_count, expected.count(successes));
    }
    assert_eq!(report.errors.iter().copied().collect::<BTreeMap<_, _>>(), expected.errors());
    assert!(report.errors.is_sorted_by(|(_, left), (_, right)| left >= right));
    assert_eq!(report.untyped_errors, expected.count(|row| row.status == Status::Failed && row.error_type.is_none()));
    assert_eq!(metrics.average_response_time, expected.average());
    let percentiles = [metrics.p50_response_time, metrics.p95_response_time, metrics.p99_response_time];
    check_percentiles(&expected, percentiles);
    let (up, observed) = up_and_observed(rows, interval, from, periods.now);
    assert_eq!(metrics.uptime, percent(up, observed));
    assert_eq!(Some(metrics.coverage), percent(observed, periods.now.since(from).unsigned_abs()));
    // Where an outcome was logged that retention may have removed, the age of the last one may be unknown.
    let kept = crate::retention::wanted(periods.now, LOG_DAYS).logs.unwrap();
    let has_all = rows.iter().all(|row| row.created_at >= kept);
    if has_all {
        let score = expected.score(integration, rows, (up, observed), to, periods.now);
        assert_eq!(report.score, score.as_ref().map(|score| score.score));
        assert_eq!(report.deductions, score.map(|score| score.deductions).unwrap_or_default());
    }

    let (from, to) = periods.before;
    let expected = Expected::between(rows, from, to);
    let (up, observed) = up_and_observed(rows, interval, from, to);
    assert_eq!(report.previous.status, expected.status());
    assert_eq!(report.previous.success_rate, percent(expected.successes(), expected.all()));
    assert_eq!(report.previous.p95_response_time, expected.percentile(95).map(|(shown, _)| shown));
    assert_eq!(report.previous.uptime, percent(up, observed));
    assert_eq!(report.trend, Trend::between(report.previous.score, report.score));
    if has_all {
        let before = expected.score(integration, rows, (up, observed), to, to).map(|score| score.score);
        assert_eq!(report.previous.score, before);
    }
}

/// The same as the histogram of the rows gives, and within a tenth of the exact ones as far as the histogram reaches.
fn check_percentiles(expected: &Expected<'_>, found: [Option<i64>; 3]) {
    for (percent, found) in [50, 95, 99].into_iter().zip(found) {
        let wanted = expected.percentile(percent);
        assert_eq!(found, wanted.map(|(shown, _)| shown), "p{percent}");
        if let Some((shown, exact)) = wanted.filter(|(_, exact)| *exact < 60_000) {
            assert!((shown - exact).abs() * 10 <= exact, "p{percent}: {shown} for {exact}");
        }
    }
}

fn check_point(integration: &Integration, rows: &[Activity], point: &SeriesPoint, step: i64, now: Timestamp) {
    let end = Timestamp::from_millis(point.at.millis() + step);
    let expected = Expected::between(rows, point.at, end);
    assert_eq!((point.total_requests, point.success_count), (expected.all(), expected.successes()), "{}", point.at);
    assert_eq!(point.failed_count, expected.all() - expected.successes());
    assert_eq!(point.success_rate, percent(expected.successes(), expected.all()));
    assert_eq!(point.average_response_time, expected.average());
    check_percentiles(&expected, [point.p50_response_time, point.p95_response_time, point.p99_response_time]);
    let interval = i64::from(integration.settings.test_interval_minutes) * MINUTE;
    let (up, observed) = up_and_observed(rows, interval, point.at, end.min(now));
    assert_eq!((point.up, point.down), (up, observed - up), "{}", point.at);
    assert_eq!(point.unknown, end.min(now).since(point.at).unsigned_abs() - observed);
    let is_here = |row: &Activity| row.created_at >= point.at && row.created_at < end;
    let maintenance = rows.iter().any(|row| row.component == Component::Maintenance && is_here(row));
    let state = match (up > 0, observed > up) {
        (true, true) => PointState::Partial,
        (true, false) => PointState::Up,
        (false, true) => PointState::Down,
        (false, false) if maintenance => PointState::Maintenance,
        (false, false) => PointState::Unknown,
    };
    assert_eq!(point.state, state, "{}", point.at);
}

async fn check_counts(store: &Store, id: IntegrationId, rows: &[Activity], wanted: &Wanted, now: Timestamp) {
    let (start, end) = (wanted.start.map(|edge| edge.at(rows, now)), wanted.end.map(|edge| edge.at(rows, now)));
    let (start, end) = match (start, end) {
        (Some(start), Some(end)) => (Some(start.min(end)), Some(start.max(end))),
        other => other,
    };
    let filter = ActivityFilter {
        actions: wanted.actions.clone(),
        statuses: wanted.statuses.clone(),
        error_type: wanted.error_type,
        start,
        end,
        words: None,
    };
    let kept = crate::retention::wanted(now, LOG_DAYS).logs.unwrap();
    let matches = |row: &&Activity| {
        row.created_at >= kept
            && filter.start.is_none_or(|start| row.created_at >= start)
            && filter.end.is_none_or(|end| row.created_at <= end)
            && (filter.actions.is_empty() || filter.actions.contains(&row.action))
            && (filter.statuses.is_empty() || filter.statuses.contains(&row.status))
            && filter.error_type.is_none_or(|error_type| row.error_type == Some(error_type))
    };
    let mut expected: BTreeMap<(String, String), i64> = BTreeMap::new();
    for row in rows.iter().filter(matches) {
        *expected.entry((row.action.as_str().to_owned(), row.status.as_str().to_owned())).or_default() += 1;
    }
    let stats = store.count_activity(id, &filter).await.unwrap();
    let stats: BTreeMap<_, _> = stats.into_iter().map(|stat| ((stat.action, stat.status), stat.count)).collect();
    assert_eq!(stats, expected, "{filter:?}");
    let listed = store.list_activity(id, &filter, ActivityPage::Offset(0), 1_000).await.unwrap();
    assert_eq!(listed.len(), rows.iter().filter(matches).count(), "{filter:?}");
}

/// Many cases on one database, each with integrations of its own.
fn run(database: impl Future<Output = TestDatabase>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let database = runtime.block_on(database);
    let bench = runtime.block_on(Bench::on(&database));
    let config = Config { cases: CASES, failure_persistence: None, max_shrink_iters: 200, ..Config::default() };
    let outcome = TestRunner::new(config).run(&case(), |case| {
        runtime.block_on(check(&bench, &case));
        Ok(())
    });
    runtime.block_on(async {
        bench.store.close().await;
        database.remove().await;
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

#[test]
fn every_figure_is_that_of_the_rows_on_sqlite() {
    run(async { TestDatabase::sqlite() });
}

#[test]
fn every_figure_is_that_of_the_rows_on_postgres() {
    run(TestDatabase::postgres());
}
