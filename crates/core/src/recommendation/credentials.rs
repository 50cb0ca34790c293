//! Keys that a provider does not take: rejected, of the other environment, short of a permission, of a closed account.

use super::words::{calls, say, time};
use super::{ActionKind, Evidence, Failures, Recommendation, Severity, Situation, Words};
use crate::error_type::ErrorType;
use crate::integration::IntegrationType;

pub(super) fn find(situation: &Situation<'_>, failures: &Failures) -> Option<Recommendation> {
    let found = match failures.error_type {
        // A mail server's refusal of a login has a remedy of its own.
        ErrorType::AuthenticationFailed if rejects_mail_login(situation) => return None,
        ErrorType::AuthenticationFailed => rejected(situation, failures),
        ErrorType::EnvironmentMismatch => wrong_environment(situation, failures),
        ErrorType::PermissionDenied => permission_missing(situation, failures),
        ErrorType::AccountSuspended => suspended(situation, failures),
        _ => return None,
    };
    let changed_at = situation.credentials_changed_at.map(|at| at.millis().to_string()).unwrap_or_default();
    Some(found.since(failures.spell.map(|(since, _)| since)).with(failures.evidence(situation)).about(changed_at))
}

fn rejects_mail_login(situation: &Situation<'_>) -> bool {
    situation.integration_type == Some(IntegrationType::EmailSmtp)
        && situation.mail_refusals.iter().any(super::mail::is_login)
}

impl Failures {
    pub(super) fn evidence(&self, situation: &Situation<'_>) -> Evidence {
        Evidence {
            calls: Some(self.spell.map_or(self.count, |(_, count)| count)),
            of_calls: Some(situation.requests),
            error_type: Some(self.error_type),
            last_error: self.last_error.clone(),
            last_error_at: self.last_at,
            field: self.field.as_ref().map(|(name, _)| name.clone()),
            retry_after: self.retry_after,
            ..Evidence::default()
        }
    }

    /// ` since 10:42 UTC (14 calls)`, or ` on 14 calls in the last 24 hours` where a success came after.
    pub(super) fn since_when(&self, situation: &Situation<'_>) -> Words {
        match self.spell {
            Some((since, count)) => {
                let (at, calls) = (time(since, situation.now), calls(count));
                Words::new(format!("since {} ({})", at.en, calls.en), format!("sejak {} ({})", at.id, calls.id))
            }
            None => {
                let (calls, window) = (calls(self.count), &situation.window);
                Words::new(
                    format!("on {} in the last {}", calls.en, window.en),
                    format!("pada {} dalam {} terakhir", calls.id, window.id),
                )
            }
        }
    }

    /// Still so, as far as is known; where a success came after, it may be over.
    fn severity(&self) -> Severity {
        if self.spell.is_some() { Severity::Critical } else { Severity::Warning }
    }
}

fn rejected(situation: &Situation<'_>, failures: &Failures) -> Recommendation {
    let label = situation.provider_label;
    let when = failures.since_when(situation);
    let what = match &failures.field {
        Some((_, title)) => Words::new(format!("the {}", lowered(&title.en)), title.id.clone()),
        None => say!("the credentials", "kredensial"),
    };
    let (help_en, help_id) = (&situation.credentials_help.en, &situation.credentials_help.id);
    let (en, id) = (&when.en, &when.id);
    let (what_en, what_id) = (&what.en, &what.id);
    let message = if failures.spell.is_some() {
        say!("{label} has rejected {what_en} {en}.", "{label} menolak {what_id} {id}.")
    } else {
        say!(
            "{label} rejected {what_en} {en}; the last call was accepted.",
            "{label} menolak {what_id} {id}; panggilan terakhir sudah diterima."
        )
    };
    let action = if help_en.is_empty() {
        say!(
            "Copy {what_en} again from the {label} console, save and test the connection.",
            "Salin ulang {what_id} dari dasbor {label}, simpan, lalu uji koneksinya."
        )
    } else {
        say!(
            "Copy {what_en} again ({help_en}), save and test the connection.",
            "Salin ulang {what_id} ({help_id}), simpan, lalu uji koneksinya."
        )
    };
    Recommendation::new("key_rejected", failures.severity(), message, action, ActionKind::EditConfiguration)
}

/// The title inside a sentence: `Server key` becomes `server key`, `API key` stays.
fn lowered(title: &str) -> String {
    let mut letters = title.chars();
    match (letters.next(), letters.next()) {
        (Some(first), Some(second)) if second.is_lowercase() => {
            first.to_lowercase().chain(std::iter::once(second)).chain(letters).collect()
        }
        _ => title.to_owned(),
    }
}

fn wrong_environment(situation: &Situation<'_>, failures: &Failures) -> Recommendation {
    let label = situation.provider_label;
    let title = failures.field.as_ref().map(|(_, title)| title.clone()).unwrap_or_default();
    let (title_en, title_id) = (&title.en, &title.id);
    let message = if title_en.is_empty() {
        say!(
            "The {label} key belongs to the other environment (sandbox or production) than this integration.",
            "Kunci {label} berasal dari lingkungan lain (sandbox atau produksi) daripada integrasi ini."
        )
    } else {
        say!(
            "{title_en} of {label} belongs to the other environment (sandbox or production) than this integration.",
            "{title_id} {label} berasal dari lingkungan lain (sandbox atau produksi) daripada integrasi ini."
        )
    };
    let action = say!(
        "Switch the integration's mode, or enter the key of the environment that it is set to.",
        "Ubah mode integrasi ini, atau masukkan kunci untuk lingkungan yang sedang dipilih."
    );
    Recommendation::new("wrong_environment", Severity::Critical, message, action, ActionKind::SwitchMode)
}

fn permission_missing(situation: &Situation<'_>, failures: &Failures) -> Recommendation {
    let label = situation.provider_label;
    let when = failures.since_when(situation);
    let (en, id) = (&when.en, &when.id);
    Recommendation::new(
        "permission_missing",
        Severity::Warning,
        say!(
            "{label} accepts the key but refuses what was asked, because a permission is missing: {en}.",
            "{label} menerima kuncinya, tetapi menolak permintaan karena ada izin yang kurang: {id}."
        ),
        say!(
            "Give the key the missing permission in the {label} console; the last error names it.",
            "Berikan izin yang kurang pada kunci itu di dasbor {label}; galat terakhir menyebutkannya."
        ),
        ActionKind::OpenProvider,
    )
}

fn suspended(situation: &Situation<'_>, failures: &Failures) -> Recommendation {
    let label = situation.provider_label;
    let when = failures.since_when(situation);
    let (en, id) = (&when.en, &when.id);
    Recommendation::new(
        "account_suspended",
        failures.severity(),
        say!(
            "The {label} account is suspended, expired or closed: {en}.",
            "Akun {label} ditangguhkan, kedaluwarsa, atau ditutup: {id}."
        ),
        say!(
            "Settle the account with {label}, then test the connection.",
            "Selesaikan status akun dengan {label}, lalu uji koneksinya."
        ),
        ActionKind::OpenProvider,
    )
}
