//! The status page as HTML: no script, no request to anywhere, one style sheet whose hash the content policy names.

use std::fmt::Write as _;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use simpul_core::health::HealthStatus;
use simpul_core::language::Language;
use simpul_core::time::{Timestamp, WIB};

use super::view::{DAYS, DayView, IntegrationView, StatusView};
use crate::http::badges::percentage;
use crate::http::public_answer::escape;

const STYLE: &str = include_str!("style.css");

/// Forbids everything but this style sheet.
pub(super) static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
});

/// Words of the page in its two languages.
struct Text {
    days_ago: &'static str,
    today: &'static str,
    uptime: &'static str,
    not_observed: &'static str,
    incidents: &'static str,
    since: &'static str,
    updated: &'static str,
    other_language: &'static str,
    none: &'static str,
    absent: &'static str,
    absent_help: &'static str,
}

const ENGLISH: Text = Text {
    days_ago: "90 days ago",
    today: "today",
    uptime: "uptime in 90 days",
    not_observed: "not observed",
    incidents: "What is wrong now",
    since: "since",
    updated: "Last updated",
    other_language: "<a href=\"?lang=id\" hreflang=\"id\" lang=\"id\">Bahasa Indonesia</a>",
    none: "No service is shown here.",
    absent: "There is no status page at this address",
    absent_help: "It was closed or has moved. Ask whoever gave you the address for the present one.",
};

const INDONESIAN: Text = Text {
    days_ago: "90 hari lalu",
    today: "hari ini",
    uptime: "waktu aktif dalam 90 hari",
    not_observed: "tidak teramati",
    incidents: "Gangguan saat ini",
    since: "sejak",
    updated: "Terakhir diperbarui",
    other_language: "<a href=\"?lang=en\" hreflang=\"en\" lang=\"en\">English</a>",
    none: "Tidak ada layanan yang ditampilkan.",
    absent: "Tidak ada halaman status di alamat ini",
    absent_help: "Halaman ini sudah ditutup atau dipindahkan. Mintalah alamat terbaru kepada pihak yang memberikannya.",
};

impl Text {
    fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &ENGLISH,
            Language::Indonesian => &INDONESIAN,
        }
    }
}

/// What stands before the words of any page; `refresh` is in seconds.
fn head(title: &str, language: Language, refresh: Option<u32>) -> String {
    let code = language.as_str();
    let refresh = refresh.map(|after| format!("<meta http-equiv=\"refresh\" content=\"{after}\">")).unwrap_or_default();
    format!(
        "<!doctype html><html lang=\"{code}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"robots\" content=\"noindex\"><meta name=\"color-scheme\" content=\"light dark\">\
         {refresh}<title>{title}</title><style>{STYLE}</style></head><body><main>"
    )
}

/// What is shown at an address that leads nowhere.
pub(super) fn absent(language: Language) -> String {
    let text = Text::of(language);
    let head = head(text.absent, language, None);
    let (title, help, other) = (text.absent, text.absent_help, text.other_language);
    format!("{head}<h1>{title}</h1><p>{help}</p></main><footer><p>{other}</p></footer></body></html>")
}

/// The page.
pub(super) fn page(view: &StatusView, language: Language) -> String {
    let text = Text::of(language);
    let (title, summary) = (escape(&view.title), escape(&view.summary));
    let mut html = head(&format!("{title}: {summary}"), language, Some(60));
    let band = view.health_status.as_str();
    push(&mut html, format_args!("<h1>{title}</h1><p class=\"overall {band}\">{summary}</p>"));
    incidents(&mut html, view, text);
    if view.integrations.is_empty() {
        push(&mut html, format_args!("<p>{}</p>", text.none));
    }
    for integration in &view.integrations {
        service(&mut html, integration, text, language);
    }
    push(
        &mut html,
        format_args!(
            "</main><footer><p>{}: {}</p><p>{}</p></footer></body></html>",
            text.updated,
            time(view.updated_at),
            text.other_language
        ),
    );
    html
}

/// Writing into a string cannot fail.
fn push(html: &mut String, arguments: std::fmt::Arguments<'_>) {
    html.write_fmt(arguments).unwrap_or_default();
}

/// A time in Jakarta, where the readers are.
fn time(at: Timestamp) -> String {
    let text = at.to_string();
    let local = Timestamp::from_millis(at.millis() + WIB).to_string();
    let shown = local.get(..16).unwrap_or(&local).replace('T', " ");
    format!("<time datetime=\"{text}\">{shown} WIB</time>")
}

fn incidents(html: &mut String, view: &StatusView, text: &Text) {
    if view.incidents.is_empty() {
        return;
    }
    push(html, format_args!("<section class=\"incidents\"><h2>{}</h2><ul>", text.incidents));
    for incident in &view.incidents {
        let (summary, at) = (escape(&incident.summary), time(incident.started_at));
        push(html, format_args!("<li>{summary} <span>{} {at}</span></li>", text.since));
    }
    html.push_str("</ul></section>");
}

fn service(html: &mut String, view: &IntegrationView, text: &Text, language: Language) {
    let (name, words, band) = (escape(&view.display_name), escape(&view.summary), view.health_status.as_str());
    let uptime = match view.uptime {
        Some(share) => format!("{} {}", percentage(share, language), text.uptime),
        None => text.not_observed.to_owned(),
    };
    push(
        html,
        format_args!(
            "<section><h2>{name} <span class=\"band {band}\">{words}</span></h2><div class=\"bars\" aria-hidden=\"true\">"
        ),
    );
    for day in &view.days {
        bar(html, day, text, language);
    }
    push(
        html,
        format_args!(
            "</div><p class=\"scale\"><span>{}</span><span>{uptime}</span><span>{}</span></p></section>",
            text.days_ago, text.today
        ),
    );
}

fn bar(html: &mut String, day: &DayView, text: &Text, language: Language) {
    let (class, words) = match day.uptime {
        None => (HealthStatus::Unknown, text.not_observed.to_owned()),
        Some(share) => (band(share), percentage(share, language)),
    };
    push(html, format_args!("<i class=\"{}\" title=\"{}: {words}\"></i>", class.as_str(), day.date));
}

/// A day's colour, by the bounds of the bands.
fn band(share: f64) -> HealthStatus {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 10 000")]
    let hundredths = (share * 100.0).round() as u64;
    HealthStatus::of(hundredths, 10_000)
}

const _: () = assert!(DAYS == 90, "the words speak of 90 days");
