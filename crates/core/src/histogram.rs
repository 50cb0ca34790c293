//! Latency buckets on a fixed scale, so that counts taken anywhere can be added and percentiles read from the sum.

/// Number of buckets: 0 to 15 ms exactly, then 48 that each reach 18.7 % further, the last without an end.
pub const BUCKETS: usize = 64;
const EXACT: i64 = 16;
const LARGEST: f64 = 60_000.0;

fn ratio() -> f64 {
    (LARGEST / 16.0).powf(1.0 / 48.0)
}

/// The bucket that a duration in milliseconds falls into.
#[must_use]
pub fn bucket_of(duration: i64) -> i32 {
    if duration < EXACT {
        return i32::try_from(duration.max(0)).unwrap_or(0);
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "a duration that loses digits here is years long"
    )]
    let steps = ((duration as f64 / 16.0).ln() / ratio().ln()).floor() as i32;
    16 + steps.clamp(0, 47)
}

/// The duration that stands for a bucket, in milliseconds: within 10 % of everything in it, up to 60 s.
#[must_use]
pub fn representative(bucket: i32) -> i64 {
    if bucket < 16 {
        return i64::from(bucket.max(0));
    }
    // The harmonic mean of the first and the last whole millisecond: as far from either, in proportion.
    let start = |bucket: i32| (16.0 * ratio().powf(f64::from(bucket - 16)) - 1e-9).ceil();
    let (first, last) = (start(bucket), start(bucket + 1) - 1.0);
    #[expect(clippy::cast_possible_truncation, reason = "at most 65 000")]
    let middle = (2.0 * first * last / (first + last)).round() as i64;
    middle
}

/// The duration that `percent` of the counted calls stayed at or under (nearest rank), in milliseconds; `None` when nothing was
/// counted. `counts` holds (bucket, count) in rising order of bucket.
#[must_use]
pub fn percentile(counts: &[(i32, u64)], percent: u64) -> Option<i64> {
    let total: u64 = counts.iter().map(|(_, count)| count).sum();
    if total == 0 {
        return None;
    }
    let rank = (total * percent).div_ceil(100).max(1);
    let mut seen = 0;
    for (bucket, count) in counts {
        seen += count;
        if seen >= rank {
            return Some(representative(*bucket));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn buckets_keep_order(a in 0_i64..200_000, b in 0_i64..200_000) {
            prop_assert!(a > b || bucket_of(a) <= bucket_of(b));
            prop_assert!((0..64).contains(&bucket_of(a)));
        }

        #[test]
        fn percentiles_are_within_ten_percent_of_exact(mut durations in prop::collection::vec(1_i64..60_000, 1..400), percent in 1_u64..=100) {
            durations.sort_unstable();
            let rank = (durations.len() as u64 * percent).div_ceil(100).max(1);
            let exact = durations[usize::try_from(rank).expect("small") - 1];
            let mut counts = std::collections::BTreeMap::new();
            for duration in &durations {
                *counts.entry(bucket_of(*duration)).or_insert(0_u64) += 1;
            }
            let counts: Vec<_> = counts.into_iter().collect();
            let shown = percentile(&counts, percent).expect("not empty");
            prop_assert!((shown - exact).abs() * 10 <= exact, "exact {exact}, shown {shown}");
        }
    }

    #[test]
    fn every_duration_is_within_ten_percent_of_its_bucket() {
        for duration in 0_i64..60_000 {
            let shown = representative(bucket_of(duration));
            assert!((shown - duration).abs() * 10 <= duration, "{duration} is shown as {shown}");
        }
    }

    #[test]
    fn nothing_counted_has_no_percentile() {
        assert_eq!(percentile(&[], 95), None);
    }
}
