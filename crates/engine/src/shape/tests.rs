use super::*;

#[tokio::test]
async fn without_a_program_what_needs_a_worker_is_unavailable() {
    let shaper = Shaper::new(None);
    assert!(matches!(shaper.check_filter("true").await, Err(ShapeError::Unavailable { .. })));
    let gone = Shaper::new(Some(PathBuf::from("/nonexistent/simpul")));
    assert!(matches!(gone.check_transformation(".").await, Err(ShapeError::Unavailable { .. })));
    let other = Shaper::new(Some(PathBuf::from("/bin/cat")));
    assert!(matches!(other.check_filter("true").await, Err(ShapeError::Unavailable { .. })));
}

#[test]
fn a_failing_filter_lets_the_event_through_and_a_transformation_wins_over_thin() {
    let payload: Arc<str> = r#"{"id":"e","type":"t","timestamp":"","integrationId":"","partnerId":"","provider":"","testMode":true,"data":1}"#.into();
    let failed = || Evaluated { filter: Some(Err("names x".to_owned())), body: None };
    assert_eq!(outcome(PayloadStyle::Full, &payload, failed()), Ok(Shaped::AsIs));
    assert!(
        matches!(outcome(PayloadStyle::Thin, &payload, failed()), Ok(Shaped::Body(body)) if body.contains("links"))
    );
    let made = Evaluated { filter: Some(Ok(true)), body: Some(Ok("{}".to_owned())) };
    assert_eq!(outcome(PayloadStyle::Thin, &payload, made), Ok(Shaped::Body("{}".into())));
    let kept_back = Evaluated { filter: Some(Ok(false)), body: None };
    assert_eq!(outcome(PayloadStyle::Full, &payload, kept_back), Ok(Shaped::Filtered));
    let refused = Evaluated { filter: None, body: Some(Err(ShapeError::TooLarge)) };
    assert_eq!(outcome(PayloadStyle::Full, &payload, refused), Err(ShapeError::TooLarge));
}

#[test]
fn every_error_says_what_to_do() {
    let which = Expression::Transformation;
    for (error, part) in [
        (ShapeError::Invalid { which, message: "yields nothing".to_owned() }, "the transformation yields nothing; try"),
        (ShapeError::TimedOut { which, limit: Duration::from_millis(250) }, "after 250 ms"),
        (ShapeError::TooLarge, "1024 KiB"),
        (ShapeError::OutOfMemory { which }, "512 MiB"),
        (ShapeError::WorkerDied { which }, "simplify"),
        (ShapeError::Unavailable { reason: "it rains" }, "because it rains: try again later"),
    ] {
        assert!(error.to_string().contains(part), "{error}");
    }
}
