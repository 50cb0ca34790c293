//! What is in order, but should not stay as it is: old credentials, and nothing to fall back on.

use super::words::{days, say};
use super::{ActionKind, Evidence, Recommendation, Severity, Situation};
use crate::integration::IntegrationType;
use crate::time::DAY;

pub(super) fn find(situation: &Situation<'_>) -> impl Iterator<Item = Recommendation> {
    [old(situation), only(situation)].into_iter().flatten()
}

fn old(situation: &Situation<'_>) -> Option<Recommendation> {
    let changed_at = situation.credentials_changed_at?;
    let age = situation.now.since(changed_at) / DAY;
    let most = i64::from(situation.credential_max_age_days);
    if most == 0 || age < most {
        return None;
    }
    let label = situation.provider_label;
    let (age_words, most_words) = (days(age), days(most));
    let (en, id, most_en, most_id) = (age_words.en, age_words.id, most_words.en, most_words.id);
    let message = say!(
        "The {label} credentials are {en} old; they should be changed every {most_en}.",
        "Kredensial {label} sudah berumur {id}; seharusnya diganti setiap {most_id}."
    );
    let action = say!(
        "Make a new key in the {label} console, enter it here, test, then delete the old one there.",
        "Buat kunci baru di dasbor {label}, masukkan di sini, uji, lalu hapus kunci lamanya di sana."
    );
    let evidence = Evidence { age_days: Some(age), ..Evidence::default() };
    Some(
        Recommendation::new("credential_old", Severity::Info, message, action, ActionKind::Rotate)
            .since(Some(changed_at))
            .with(evidence)
            .about(changed_at.millis().to_string()),
    )
}

fn only(situation: &Situation<'_>) -> Option<Recommendation> {
    if !situation.is_only_of_its_kind || !situation.is_active || situation.requests == 0 {
        return None;
    }
    let (kind_en, kind_id) = match situation.integration_type? {
        IntegrationType::PaymentGateway => ("payment gateway", "gerbang pembayaran"),
        IntegrationType::Whatsapp => ("WhatsApp gateway", "gerbang WhatsApp"),
        IntegrationType::EmailSmtp => ("e-mail provider", "penyedia surel"),
    };
    let label = situation.provider_label;
    let message = say!(
        "{label} is the partner's only {kind_en}; if it fails, there is nothing to fall back on.",
        "{label} adalah satu-satunya {kind_id} mitra ini; jika terganggu, tidak ada cadangannya."
    );
    let action = say!("Set up a second {kind_en} as a fallback.", "Siapkan {kind_id} kedua sebagai cadangan.");
    let evidence = Evidence { calls: Some(situation.requests), ..Evidence::default() };
    Some(Recommendation::new("only_of_its_kind", Severity::Info, message, action, ActionKind::None).with(evidence))
}
