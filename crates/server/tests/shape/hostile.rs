//! Programs that loop, grow, nest or are killed: each fails by itself, in time, and the next evaluation works.

use std::sync::Arc;
use std::time::{Duration, Instant};

use simpul_engine::{Expression, ShapeError, Shaped};

use crate::workers::{Bench, busy_worker, event, event_with, signal, states, webhook};

fn was_stopped(outcome: &Result<Shaped, ShapeError>) -> bool {
    matches!(outcome, Err(ShapeError::TimedOut { .. } | ShapeError::OutOfMemory { .. } | ShapeError::WorkerDied { .. }))
}

#[tokio::test]
async fn hostile_transformations_are_stopped_in_time() {
    let bench = Bench::start().await;
    bench.is_well("the start").await;
    for program in [
        "def f: f; f",
        "last(range(1e12))",
        "[limit(1e9; repeat(1))]",
        "reduce range(60) as $i (\"x\"; . + .)",
        "{a: (\"x\" * 1000000000)}",
        "reduce range(1e9) as $i ([]; . + [$i])",
        "def f: 1 + f; f",
        "def f: [f]; f",
        "{}, (def f: f; f)",
        "{a: (\"[\" * 10000000 | fromjson)}",
        "{a: (reduce range(100000) as $i (1; [.]) | tojson)}",
        "[range(1e7)] | {a: (map(tostring) | join(\",\"))}",
        "{a: ([range(2000)] | combinations(5))}",
    ] {
        let begun = Instant::now();
        let outcome = bench.transform(program, &event()).await;
        let took = begun.elapsed();
        println!("{took:>10.1?} {program}: {}", outcome.as_ref().err().map(ToString::to_string).unwrap_or_default());
        assert!(outcome.is_err(), "{program}: {outcome:?}");
        assert!(took < Duration::from_secs(5), "{program} took {took:?}");
        bench.is_well(program).await;
    }
}

#[tokio::test]
async fn an_endless_program_is_named_and_repeated_offences_cost_no_time() {
    let bench = Bench::start().await;
    let endless = "def f: f; f";
    for _ in 0..3 {
        let outcome = bench.transform(endless, &event()).await;
        assert!(matches!(outcome, Err(ShapeError::TimedOut { which: Expression::Transformation, .. })), "{outcome:?}");
    }
    let begun = Instant::now();
    for _ in 0..100 {
        assert!(was_stopped(&bench.transform(endless, &event()).await));
    }
    assert!(begun.elapsed() < Duration::from_millis(200), "{:?}", begun.elapsed());
    let both = webhook(Some("true"), Some(endless));
    let outcome = bench.shaper.shape(&both, &event()).await;
    assert!(matches!(outcome, Err(ShapeError::TimedOut { which: Expression::Transformation, .. })), "{outcome:?}");
    bench.is_well("an endless program").await;
}

#[tokio::test]
async fn hostile_filters_are_stopped_in_time() {
    let bench = Bench::start().await;
    let list: Vec<String> = (0..3_000).map(|number| number.to_string()).collect();
    let big = event_with(&format!(r#"{{"list":[{}]}}"#, list.join(",")));
    let nested = "data.list.all(a, data.list.all(b, data.list.all(c, a + b + c >= 0)))";
    let growing = "data.list.map(a, data.list.map(b, data.list.map(c, [a, b, c]))).size() == 1";
    for (program, event) in [(nested, &big), (growing, &big)] {
        let begun = Instant::now();
        let outcome = bench.filter(program, event).await;
        println!("{:>10.1?} {program}: {outcome:?}", begun.elapsed());
        assert!(was_stopped(&outcome), "{program}: {outcome:?}");
        assert!(begun.elapsed() < Duration::from_secs(5));
        bench.is_well(program).await;
    }
}

#[tokio::test]
async fn deep_nesting_harms_nobody() {
    let bench = Bench::start().await;
    let deep = |open: &str, close: &str| format!("{}1{}", open.repeat(1_900), close.repeat(1_900));
    for text in [
        deep("(", ")"),
        deep("[", "]"),
        format!("{}true", "!".repeat(3_990)),
        format!("{}1", "-".repeat(3_990)),
        format!("data{}", ".a".repeat(1_990)),
        format!("1{}", "+1".repeat(1_990)),
        format!("true{}", "?true:true".repeat(390)),
        "[".repeat(4_000),
        "'".repeat(3_999),
        deep("size(", ")").chars().take(4_000).collect(),
        deep("{1:", "}").chars().take(4_000).collect(),
    ] {
        let checked = bench.shaper.check_filter(&text).await;
        let used = bench.filter(&text, &event()).await;
        println!("filter {}…: {checked:?} {used:?}", &text[..8]);
        bench.is_well("a nested filter").await;
    }
    for text in [
        deep("(", ")"),
        deep("[", "]"),
        format!("{}.", "[.]|".repeat(900)),
        format!(".{}", ".a".repeat(1_990)),
        format!(".{}", "[0]".repeat(1_300)),
        format!("{}1", "-".repeat(3_990)),
        "[".repeat(4_000),
        "\"\\(".repeat(1_300),
        deep("{a:", "}").chars().take(4_000).collect(),
        format!("{}1", "if 1 then ".repeat(390)),
    ] {
        let checked = bench.shaper.check_transformation(&text).await;
        let used = bench.transform(&text, &event()).await;
        println!("transformation {}…: {checked:?} {used:?}", &text[..8]);
        assert!(!matches!(checked, Err(ShapeError::Unavailable { .. })));
        bench.is_well("a nested transformation").await;
    }
}

#[tokio::test]
async fn memory_has_its_bound() {
    let bench = Bench::start().await;
    let outcome = bench.transform("{a: (\"x\" * 1000000000)}", &event()).await;
    assert_eq!(outcome, Err(ShapeError::OutOfMemory { which: Expression::Transformation }));
    bench.is_well("a gigabyte").await;
}

#[tokio::test]
async fn large_events_and_large_bodies_have_their_bounds() {
    let bench = Bench::start().await;
    // Long notes: an unoptimised build reads many small members slowly.
    let item = format!(r#"{{"sku":"A-123","price":"18000","note":"{}"}},"#, "kopi susu ".repeat(20));
    let items = item.repeat(1024 * 1024 / item.len());
    let large = event_with(&format!(r#"{{"currency":"IDR","items":[{}]}}"#, items.trim_end_matches(',')));
    assert!(large.len() > 1_000_000);
    let preview = |filter, transformation| {
        let (webhook, large, shaper) = (webhook(filter, transformation), Arc::clone(&large), bench.shaper.clone());
        async move { shaper.preview(&webhook, &large).await.expect("a worker").shaped }
    };
    assert_eq!(preview(Some("size(data.items) > 1000"), None).await, Ok(Shaped::AsIs));
    assert_eq!(preview(Some("size(data.items) < 1000"), None).await, Ok(Shaped::Filtered));
    let counted = preview(None, Some("{items: (.data.items | length)}")).await;
    assert!(matches!(&counted, Ok(Shaped::Body(body)) if body.starts_with("{\"items\":4")), "{counted:?}");
    assert_eq!(preview(None, Some("{a: .data, b: .data}")).await, Err(ShapeError::TooLarge));
    assert_eq!(bench.transform("{a: (\"x\" * 1100000)}", &event()).await, Err(ShapeError::TooLarge));
    let oversized = event_with(&format!("\"{}\"", "x".repeat(9 * 1024 * 1024)));
    assert_eq!(bench.transform("{id}", &oversized).await, Err(ShapeError::TooLarge));
    bench.is_well("large events").await;
}

#[tokio::test]
async fn a_worker_that_is_killed_from_outside_costs_nobody_anything() {
    let bench = Bench::start().await;
    bench.is_well("the start").await;
    for (pid, _) in states() {
        signal("-KILL", pid);
    }
    bench.is_well("killing an idle worker").await;
    // Busy for a while but not for ever; killed in the middle of it, it is done again by another worker.
    let busy = webhook(None, Some("{n: (last(range(100000)))}"));
    let shaper = bench.shaper.clone();
    let working = tokio::spawn(async move { shaper.preview(&busy, &event()).await });
    let killed = loop {
        if let Some(pid) = busy_worker() {
            signal("-KILL", pid);
            break !working.is_finished();
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    };
    assert!(killed, "it was at work");
    let preview = working.await.expect("no panic").expect("a worker");
    assert_eq!(preview.shaped, Ok(Shaped::Body(r#"{"n":99999}"#.into())));
    bench.is_well("killing a busy worker").await;
    // One that does not answer at all is past its deadline.
    for (pid, _) in states() {
        signal("-STOP", pid);
    }
    assert!(matches!(bench.filter("testMode", &event()).await, Err(ShapeError::TimedOut { .. })));
    bench.is_well("stopping a worker").await;
}

#[tokio::test]
async fn many_at_once_are_all_answered_and_the_innocent_do_not_pay() {
    let bench = Bench::start().await;
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..400_u32 {
        let shaper = bench.shaper.clone();
        tasks.spawn(async move {
            let text = match number % 100 {
                50 => "def f: f; f".to_owned(),
                75 => "def f: 1 + f; f".to_owned(),
                _ => format!("{{number: {number}}}"),
            };
            (number, shaper.shape(&webhook(Some("data.currency == 'IDR'"), Some(&text)), &event()).await)
        });
    }
    let mut answered = 0;
    while let Some(outcome) = tasks.join_next().await {
        let (number, shaped) = outcome.expect("no panic");
        match number % 100 {
            50 | 75 => assert!(was_stopped(&shaped), "{number}: {shaped:?}"),
            _ => assert_eq!(shaped, Ok(Shaped::Body(format!("{{\"number\":{number}}}").into()))),
        }
        answered += 1;
    }
    assert_eq!(answered, 400);
    bench.is_well("many at once").await;
}

#[tokio::test]
async fn past_the_queue_it_is_unavailable_at_once() {
    let bench = Bench::start().await;
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..2_000_u32 {
        let shaper = bench.shaper.clone();
        tasks.spawn(async move { shaper.shape(&webhook(Some(&format!("{number} >= 0")), None), &event()).await });
    }
    let outcomes = tasks.join_all().await;
    let refused = outcomes.iter().filter(|outcome| matches!(outcome, Err(ShapeError::Unavailable { .. }))).count();
    assert!(refused > 0 && outcomes.iter().any(Result::is_ok), "{refused} refused");
    bench.is_well("a flood").await;
}

#[tokio::test]
#[ignore = "a measurement: run it alone, with --nocapture, preferably in a release build"]
async fn evaluations_per_second() {
    let bench = Bench::start().await;
    let events = [event(), event_with(&format!(r#"{{"currency":"IDR","amount":"1","pad":"{}"}}"#, "x".repeat(10_000)))];
    for (name, filter, transformation) in [
        ("filter", Some("data.currency == 'IDR' && !testMode"), None),
        ("transformation", None, Some("{id, type, payment: .data.amount}")),
        ("both", Some("data.currency == 'IDR' && !testMode"), Some("{id, type, payment: .data.amount}")),
    ] {
        for event in &events {
            for callers in [1_usize, 16] {
                let mut tasks = tokio::task::JoinSet::new();
                let begun = Instant::now();
                for _ in 0..callers {
                    let (shaper, event) = (bench.shaper.clone(), Arc::clone(event));
                    let webhook = webhook(filter, transformation);
                    tasks.spawn(async move {
                        for _ in 0..5_000 / callers {
                            shaper.shape(&webhook, &event).await.expect("shaped");
                        }
                    });
                }
                tasks.join_all().await;
                let rate = 5_000.0 / begun.elapsed().as_secs_f64();
                println!("{name}, {} bytes, {callers} callers: {rate:.0} evaluations/s", event.len());
            }
        }
    }
}
