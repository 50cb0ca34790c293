//! Which of a file's forms a caller takes: `Accept-Encoding` as RFC 9110, section 12.5.3, has it.

use http::HeaderMap;
use http::header::ACCEPT_ENCODING;

/// A form in which a file is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Brotli,
    Gzip,
    Identity,
}

impl Encoding {
    /// For `Content-Encoding`; the plain form names none.
    pub(super) fn name(self) -> Option<&'static str> {
        match self {
            Self::Brotli => Some("br"),
            Self::Gzip => Some("gzip"),
            Self::Identity => None,
        }
    }
}

/// The smallest form that is kept and taken. Who takes none of them gets the plain one.
pub(super) fn chosen(headers: &HeaderMap, kept: impl Fn(Encoding) -> bool) -> Encoding {
    let accepted: Vec<(String, bool)> = headers
        .get_all(ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(coding)
        .collect();
    let named = |name: &str| accepted.iter().find(|(coding, _)| coding == name).map(|(_, taken)| *taken);
    let takes = |name: &str| named(name).or_else(|| named("*")).unwrap_or(false);
    [Encoding::Brotli, Encoding::Gzip]
        .into_iter()
        .find(|encoding| kept(*encoding) && encoding.name().is_some_and(takes))
        .unwrap_or(Encoding::Identity)
}

/// A coding, and whether it is taken: `gzip;q=0` is not.
fn coding(item: &str) -> (String, bool) {
    let mut parts = item.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default().to_ascii_lowercase();
    let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    (name, weight.is_none_or(|weight| weight.parse::<f32>().is_ok_and(|weight| weight > 0.0)))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn choose(accept: Option<&'static str>) -> Encoding {
        let headers =
            accept.map(|value| (ACCEPT_ENCODING, HeaderValue::from_static(value))).into_iter().collect::<HeaderMap>();
        chosen(&headers, |_| true)
    }

    #[test]
    fn the_smallest_form_that_the_caller_takes() {
        for (accept, expected) in [
            (Some("gzip, deflate, br, zstd"), Encoding::Brotli),
            (Some("gzip, deflate"), Encoding::Gzip),
            (Some("br;q=0, gzip"), Encoding::Gzip),
            (Some("BR; Q=0.5"), Encoding::Brotli),
            (Some("*"), Encoding::Brotli),
            (Some("br;q=0, *"), Encoding::Gzip),
            (Some("*;q=0"), Encoding::Identity),
            (Some("gzip;q=nonsense"), Encoding::Identity),
            (Some("identity"), Encoding::Identity),
            (Some(""), Encoding::Identity),
            (None, Encoding::Identity),
        ] {
            assert_eq!(choose(accept), expected, "{accept:?}");
        }
    }

    #[test]
    fn a_form_that_is_not_kept_is_not_chosen() {
        let headers = HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static("br, gzip"))]);
        assert_eq!(chosen(&headers, |encoding| encoding == Encoding::Gzip), Encoding::Gzip);
        assert_eq!(chosen(&headers, |_| false), Encoding::Identity);
    }
}
