//! The badge as a picture: two boxes with white text, dark enough for a contrast of 4.5 to 1 (WCAG 2.2, AA).

use simpul_core::health::HealthStatus;
use simpul_core::language::Language;

use crate::http::public_answer::escape;

/// Behind the name.
const NAME: &str = "#24292f";
/// Longer names are cut.
const LONGEST_NAME: usize = 40;

fn colour(status: HealthStatus) -> &'static str {
    match status {
        HealthStatus::Healthy => "#1a7f37",
        HealthStatus::Warning => "#8a5d00",
        HealthStatus::Degraded => "#b04a00",
        HealthStatus::Critical => "#c02020",
        HealthStatus::Unknown => "#57606a",
    }
}

/// The band in words.
fn word(status: HealthStatus, language: Language) -> &'static str {
    let (en, id) = match status {
        HealthStatus::Healthy => ("healthy", "sehat"),
        HealthStatus::Warning => ("warning", "perlu perhatian"),
        HealthStatus::Degraded => ("degraded", "terganggu"),
        HealthStatus::Critical => ("critical", "kritis"),
        HealthStatus::Unknown => ("unknown", "belum diketahui"),
    };
    match language {
        Language::English => en,
        Language::Indonesian => id,
    }
}

/// A share of 0 to 100 with one decimal, rounded down, as the language writes it.
pub(in crate::http) fn percentage(share: f64, language: Language) -> String {
    let text = format!("{:.1} %", (share * 10.0 + 1e-9).floor() / 10.0);
    match language {
        Language::English => text,
        Language::Indonesian => text.replace('.', ","),
    }
}

/// The width of text of 11 pixels, generously; the picture states it, so that every font fits.
fn width(text: &str) -> usize {
    text.chars().map(|character| if "il.,:'| ".contains(character) { 4 } else { 7 }).sum()
}

/// The picture.
pub(super) fn badge(name: &str, status: HealthStatus, success_rate: Option<f64>, language: Language) -> String {
    let name: String = name.chars().take(LONGEST_NAME).collect();
    let value = match success_rate.filter(|_| status != HealthStatus::Unknown) {
        Some(share) => format!("{} {}", word(status, language), percentage(share, language)),
        None => word(status, language).to_owned(),
    };
    let (left, right) = (width(&name) + 12, width(&value) + 12);
    let (whole, fill) = (left + right, colour(status));
    let (name_width, value_width) = (left - 12, right - 12);
    let (name, value, code) = (escape(&name), escape(&value), language.as_str());
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{whole}\" height=\"20\" viewBox=\"0 0 {whole} 20\" role=\"img\" \
         xml:lang=\"{code}\" aria-label=\"{name}: {value}\"><title>{name}: {value}</title>\
         <clipPath id=\"r\"><rect width=\"{whole}\" height=\"20\" rx=\"3\"/></clipPath>\
         <g clip-path=\"url(#r)\"><rect width=\"{left}\" height=\"20\" fill=\"{NAME}\"/>\
         <rect x=\"{left}\" width=\"{right}\" height=\"20\" fill=\"{fill}\"/></g>\
         <g fill=\"#fff\" font-family=\"Verdana,Geneva,'DejaVu Sans',sans-serif\" font-size=\"11\">\
         <text x=\"6\" y=\"14\" textLength=\"{name_width}\" lengthAdjust=\"spacingAndGlyphs\">{name}</text>\
         <text x=\"{value_x}\" y=\"14\" textLength=\"{value_width}\" lengthAdjust=\"spacingAndGlyphs\">{value}</text></g></svg>",
        value_x = left + 6,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance (WCAG 2.2).
    fn luminance(colour: &str) -> f64 {
        let channel = |from: usize| {
            let value = f64::from(u8::from_str_radix(&colour[from..from + 2], 16).unwrap()) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    #[test]
    fn white_text_can_be_read_on_every_colour() {
        for colour in HealthStatus::ALL.iter().map(|status| colour(*status)).chain([NAME]) {
            let contrast = 1.05 / (luminance(colour) + 0.05);
            assert!(contrast >= 4.5, "{colour}: {contrast}");
        }
    }

    #[test]
    fn it_says_the_band_and_the_rate_rounded_down_in_both_languages() {
        let drawn = |rate, language| badge("Midtrans", HealthStatus::Healthy, rate, language);
        assert!(drawn(Some(99.89), Language::English).contains(">healthy 99.8 %</text>"));
        assert!(drawn(Some(100.0), Language::Indonesian).contains(">sehat 100,0 %</text>"));
        let unknown = badge("Midtrans", HealthStatus::Unknown, None, Language::English);
        assert!(unknown.contains(">unknown</text>"));
    }

    #[test]
    fn a_name_cannot_break_out_of_the_picture() {
        let drawn = badge("<script>\"&'</title>\u{0}", HealthStatus::Critical, Some(1.0), Language::English);
        assert!(!drawn.contains("<script") && drawn.contains("&lt;script&gt;&quot;&amp;&#39;"));
        assert!(!drawn.contains('\u{0}'));
        assert!(badge(&"ü".repeat(500), HealthStatus::Critical, None, Language::English).len() < 2_000);
    }
}
