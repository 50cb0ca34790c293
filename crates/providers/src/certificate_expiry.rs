//! When a server's certificate runs out, read from its DER (RFC 5280, 4.1) without judging anything else in it.

use simpul_core::time::Timestamp;

const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// The end of the certificate's validity; `None` when it cannot be read.
pub(crate) fn expiry(certificate: &[u8]) -> Option<Timestamp> {
    let (_, certificate, _) = element(certificate)?;
    let (_, mut fields, _) = element(certificate)?;
    if fields.first() == Some(&VERSION) {
        fields = element(fields)?.2;
    }
    // Serial number, signature algorithm and issuer stand before the validity.
    for _ in 0..3 {
        fields = element(fields)?.2;
    }
    let (tag, validity, _) = element(fields)?;
    let (_, _, not_after) = element(validity)?;
    let (kind, text, _) = element(not_after)?;
    if tag != SEQUENCE { None } else { time(kind, std::str::from_utf8(text).ok()?) }
}

/// Tag, content, and what follows the element.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let (digits, rest) =
            rest.split_at_checked(usize::from(first & 0x7f)).filter(|(digits, _)| digits.len() <= 4)?;
        (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
    };
    let (content, after) = rest.split_at_checked(length)?;
    Some((tag, content, after))
}

/// `YYMMDDHHMMSSZ` (years from 50 are of the last century) or `YYYYMMDDHHMMSSZ`.
fn time(kind: u8, text: &str) -> Option<Timestamp> {
    let (year, rest) = match kind {
        UTC_TIME => {
            let (year, rest) = text.split_at_checked(2)?;
            let century = if year.parse::<u8>().ok()? < 50 { "20" } else { "19" };
            (format!("{century}{year}"), rest)
        }
        GENERALIZED_TIME => text.split_at_checked(4).map(|(year, rest)| (year.to_owned(), rest))?,
        _ => return None,
    };
    let part = |from: usize| rest.get(from..from + 2);
    format!("{year}-{}-{}T{}:{}:{}Z", part(0)?, part(2)?, part(4)?, part(6)?, part(8)?).parse().ok()
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    use super::*;

    fn certificate(year: i32) -> Vec<u8> {
        let mut parameters = CertificateParams::new(vec!["mail.example.com".to_owned()]).unwrap();
        parameters.not_after = date_time_ymd(year, 3, 4);
        parameters.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec()
    }

    #[test]
    fn both_ways_of_writing_the_time_are_read() {
        assert_eq!(expiry(&certificate(2027)).map(|t| t.to_string()), Some("2027-03-04T00:00:00.000Z".into()));
        assert_eq!(expiry(&certificate(2061)).map(|t| t.to_string()), Some("2061-03-04T00:00:00.000Z".into()));
    }

    #[test]
    fn a_broken_certificate_has_no_expiry_and_breaks_nothing() {
        let whole = certificate(2027);
        for length in 0..whole.len().min(300) {
            expiry(&whole[..length]);
            let mut altered = whole.clone();
            altered[length] = altered[length].wrapping_add(0x7f);
            expiry(&altered);
        }
        assert_eq!(expiry(b""), None);
        assert_eq!(expiry(&[0x30, 0xff, 0xff]), None);
    }
}
