//! Connections that nobody tests, or whose last test has something to say.

use super::words::{days, say, time};
use super::{ActionKind, Evidence, LastTest, Recommendation, Severity, Situation};
use crate::time::DAY;

/// How long ago a test may lie before it should be repeated.
const STALE_AFTER_DAYS: i64 = 7;

pub(super) fn find(situation: &Situation<'_>) -> Vec<Recommendation> {
    let state = match &situation.last_test {
        None => Some(never(situation)),
        Some(test) if test.limited => Some(limited(situation, test)),
        Some(test) if test.failed && situation.errors.is_empty() => Some(failed(situation, test)),
        Some(test) => stale(situation, test),
    };
    state.into_iter().chain(paused(situation)).collect()
}

fn never(situation: &Situation<'_>) -> Recommendation {
    let label = situation.provider_label;
    Recommendation::new(
        "never_tested",
        Severity::Info,
        say!("The {label} connection was never tested.", "Koneksi {label} belum pernah diuji."),
        say!("Test it now.", "Uji sekarang."),
        ActionKind::Test,
    )
}

fn limited(situation: &Situation<'_>, test: &LastTest<'_>) -> Recommendation {
    let label = situation.provider_label;
    let evidence = Evidence { last_error: Some(test.message.to_owned()), ..Evidence::default() };
    Recommendation::new(
        "limited_permission",
        Severity::Info,
        say!(
            "The {label} key is genuine, but may not make the test call.",
            "Kunci {label} sah, tetapi tidak diizinkan melakukan panggilan uji."
        ),
        say!(
            "Give the key the permission that the last test names, so that it can be watched fully.",
            "Berikan izin yang disebutkan pada uji terakhir agar koneksi ini dapat dipantau sepenuhnya."
        ),
        ActionKind::OpenProvider,
    )
    .with(evidence)
}

fn failed(situation: &Situation<'_>, test: &LastTest<'_>) -> Recommendation {
    let label = situation.provider_label;
    let at = time(test.at, situation.now);
    let (en, id) = (at.en, at.id);
    let evidence =
        Evidence { last_error: Some(test.message.to_owned()), last_error_at: Some(test.at), ..Evidence::default() };
    Recommendation::new(
        "last_test_failed",
        Severity::Warning,
        say!("The last test of {label} failed ({en}).", "Uji terakhir {label} gagal ({id})."),
        say!(
            "Read its result, correct what it names and test again.",
            "Baca hasilnya, perbaiki yang disebutkan, lalu uji lagi."
        ),
        ActionKind::Test,
    )
    .since(Some(test.at))
    .with(evidence)
}

fn stale(situation: &Situation<'_>, test: &LastTest<'_>) -> Option<Recommendation> {
    let (label, age) = (situation.provider_label, situation.now.since(test.at) / DAY);
    if age < STALE_AFTER_DAYS {
        return None;
    }
    let words = days(age);
    let (en, id) = (words.en, words.id);
    let evidence = Evidence { age_days: Some(age), ..Evidence::default() };
    Some(
        Recommendation::new(
            "test_stale",
            Severity::Info,
            say!("The {label} connection was last tested {en} ago.", "Koneksi {label} terakhir diuji {id} yang lalu."),
            say!("Test it now.", "Uji sekarang."),
            ActionKind::Test,
        )
        .since(Some(test.at))
        .with(evidence),
    )
}

fn paused(situation: &Situation<'_>) -> Option<Recommendation> {
    let pause = situation.pause?;
    let label = situation.provider_label;
    let since = time(pause.since, situation.now);
    let (since_en, since_id) = (since.en, since.id);
    let message = match pause.until.map(|until| time(until, situation.now)) {
        Some(until) => {
            let (en, id) = (until.en, until.id);
            say!(
                "The tests of {label} are paused from {since_en} until {en}.",
                "Pengujian {label} dijeda dari {since_id} sampai {id}."
            )
        }
        None => say!(
            "The tests of {label} have been paused since {since_en}, without an end.",
            "Pengujian {label} dijeda sejak {since_id}, tanpa batas waktu."
        ),
    };
    let action = say!(
        "Resume them once the work is done; until then a failure goes unnoticed.",
        "Lanjutkan setelah pekerjaan selesai; sampai saat itu gangguan tidak akan terdeteksi."
    );
    let about = pause.since.millis().to_string();
    let found = Recommendation::new("tests_paused", Severity::Info, message, action, ActionKind::Test);
    Some(found.since(Some(pause.since)).about(about))
}
