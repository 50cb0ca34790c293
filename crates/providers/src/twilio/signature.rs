//! `X-Twilio-Signature`, byte for byte: HMAC-SHA1 over the URL as Twilio knew it and the form's parameters. The URL is only
//! ever cut as text, for a URL library would rewrite what was signed.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::messaging::hex;

/// The values of each name, in code-point order: sorted and each value once, as the signature wants them.
pub(super) type Parameters = BTreeMap<String, BTreeSet<String>>;

/// What `JavaScript`'s `encodeURIComponent` leaves alone.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');
const COMPONENT_WITHOUT_QUOTE: &AsciiSet = &COMPONENT.add(b'\'');

/// The pairs of an `application/x-www-form-urlencoded` text in their order, decoded, nothing trimmed, empty values kept.
pub(super) fn form_pairs(form: &[u8]) -> Vec<(String, String)> {
    form.split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let at = pair.iter().position(|byte| *byte == b'=');
            let (name, value) = at.map_or((pair, &b""[..]), |at| (&pair[..at], &pair[at + 1..]));
            (decode(name), decode(value))
        })
        .collect()
}

fn decode(text: &[u8]) -> String {
    let spaced: Vec<u8> = text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    let decoded: Vec<u8> = percent_encoding::percent_decode(&spaced).collect();
    String::from_utf8_lossy(&decoded).into_owned()
}

/// The pairs as the signature wants them.
pub(super) fn parameters(pairs: Vec<(String, String)>) -> Parameters {
    let mut parameters = Parameters::new();
    for (name, value) in pairs {
        parameters.entry(name).or_default().insert(value);
    }
    parameters
}

/// Whether the signature fits the URL and the parameters. Twilio is not consistent about the port, and its own library also
/// accepts the query in another spelling, so every form that Twilio may have signed is tried.
pub(super) fn holds(auth_token: &str, url: &str, parameters: &Parameters, signature: &str) -> bool {
    let Ok(signature) = STANDARD.decode(signature.trim()) else { return false };
    let Ok(keyed) = Hmac::<Sha1>::new_from_slice(auth_token.as_bytes()) else { return false };
    spellings(url).iter().any(|url| {
        let mut mac = keyed.clone();
        mac.update(url.as_bytes());
        for (name, values) in parameters {
            for value in values {
                mac.update(name.as_bytes());
                mac.update(value.as_bytes());
            }
        }
        mac.verify_slice(&signature).is_ok()
    })
}

/// The hash of a JSON body that the (signed) query carries, still to be compared.
pub(super) fn body_hash(url: &str) -> Option<&str> {
    query(url)?.split('&').find_map(|pair| pair.strip_prefix("bodySHA256="))
}

/// Whether the body is the one whose hash the URL carries.
pub(super) fn body_matches(body: &[u8], hash: &str) -> bool {
    hex(&Sha256::digest(body)).as_bytes().ct_eq(hash.as_bytes()).into()
}

/// The query of a URL, without the question mark.
pub(super) fn query(url: &str) -> Option<&str> {
    without_fragment(url).split_once('?').map(|(_, query)| query)
}

fn without_fragment(url: &str) -> &str {
    url.split('#').next().unwrap_or(url)
}

/// The URL as it is, without and with its port, and each of these with the query encoded anew in both ways.
fn spellings(url: &str) -> Vec<String> {
    let url = without_fragment(url);
    let mut spellings = vec![url.to_owned()];
    for base in [without_port(url), with_port(url)] {
        if let Some((front, query)) = base.split_once('?') {
            for set in [COMPONENT, COMPONENT_WITHOUT_QUOTE] {
                spellings.push(format!("{front}?{}", encoded_anew(query, set)));
            }
        }
        spellings.push(base);
    }
    spellings.sort();
    spellings.dedup();
    spellings
}

fn encoded_anew(query: &str, set: &'static AsciiSet) -> String {
    let encode = |text: &str| {
        let spaced = text.replace('+', " ");
        utf8_percent_encode(&percent_decode_str(&spaced).decode_utf8_lossy(), set).to_string()
    };
    let pairs: Vec<String> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            format!("{}={}", encode(name), encode(value))
        })
        .collect();
    pairs.join("&")
}

/// A URL cut into what stands before the port, the port, and what follows it.
struct Cut<'a> {
    front: &'a str,
    port: Option<&'a str>,
    rest: &'a str,
}

fn cut(url: &str) -> Option<Cut<'_>> {
    let authority = url.find("://")? + 3;
    let end = url[authority..].find(['/', '?']).map_or(url.len(), |at| authority + at);
    let host = url[authority..end].rfind('@').map_or(authority, |at| authority + at + 1);
    // The colons inside [::1] are no port's.
    let search_from = url[host..end].rfind(']').map_or(host, |at| host + at);
    let (front, port) = match url[search_from..end].rfind(':') {
        Some(at) => (&url[..search_from + at], Some(&url[search_from + at + 1..end])),
        None => (&url[..end], None),
    };
    Some(Cut { front, port, rest: &url[end..] })
}

fn without_port(url: &str) -> String {
    match cut(url) {
        Some(cut) => format!("{}{}", cut.front, cut.rest),
        None => url.to_owned(),
    }
}

fn with_port(url: &str) -> String {
    match cut(url) {
        Some(Cut { front, port: None | Some(""), rest }) => {
            let port = if url.starts_with("http://") { 80 } else { 443 };
            format!("{front}:{port}{rest}")
        }
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    const TOKEN: &str = "12345";
    const VECTORS: &str = include_str!("../../../../fixtures/twilio/signature-vectors.json");

    fn verdict(url: &str, form: &str, signature: &str) -> bool {
        holds(TOKEN, url, &parameters(form_pairs(form.as_bytes())), signature)
    }

    fn sign(url: &str) -> String {
        let mut mac = Hmac::<Sha1>::new_from_slice(TOKEN.as_bytes()).unwrap();
        mac.update(url.as_bytes());
        STANDARD.encode(mac.finalize().into_bytes())
    }

    #[test]
    fn every_published_signature_is_judged_as_published() {
        let vectors: Vec<Value> = serde_json::from_str(VECTORS).unwrap();
        assert_eq!(vectors.len(), 29);
        for vector in &vectors {
            let text = |name: &str| vector[name].as_str().unwrap_or_default();
            let valid = vector["valid"].as_bool().unwrap();
            assert_eq!(verdict(text("url"), text("form"), text("signature")), valid, "{vector}");
            if let Some(body) = vector["body"].as_str() {
                let hash = body_hash(text("url")).unwrap();
                assert!(body_matches(body.as_bytes(), hash), "{vector}");
                assert!(!body_matches(format!("{body} ").as_bytes(), hash), "{vector}");
            }
            if valid {
                assert!(!holds("54321", text("url"), &parameters(form_pairs(text("form").as_bytes())), text("signature")));
                assert!(!verdict(text("url"), &format!("{}&Extra=1", text("form")), text("signature")), "{vector}");
            }
        }
    }

    #[test]
    fn the_port_may_be_there_or_not_on_either_side() {
        for (signed, requested, holds) in [
            ("https://hub.example/in?a=1", "https://hub.example:443/in?a=1", true),
            ("https://hub.example:443/in?a=1", "https://hub.example/in?a=1", true),
            ("http://hub.example:80/in", "http://hub.example/in", true),
            ("https://hub.example/in", "https://hub.example:8443/in", true),
            ("https://hub.example:8443/in", "https://hub.example:8443/in", true),
            ("https://hub.example:443/in", "https://hub.example:8443/in", false),
            ("https://user:pass@hub.example:443/in", "https://user:pass@hub.example/in", true),
            ("https://[::1]:443/in", "https://[::1]/in", true),
            ("https://[::1]/in", "https://[::1]:8443/in", true),
            ("https://hub.example:443", "https://hub.example", true),
            ("https://hub.example/in", "https://hub.example/in#rc=5&rp=all", true),
            ("https://hub.example/in?a=1", "https://hub.example/in?a=2", false),
            ("https://hub.example/in", "https://hub.example/In", false),
        ] {
            assert_eq!(verdict(requested, "", &sign(signed)), holds, "{signed} as {requested}");
        }
    }

    #[test]
    fn a_quote_in_the_query_may_be_encoded_or_not_on_either_side() {
        let plain = "https://hub.example/in?name=O'Brien&b=x%20y";
        let encoded = "https://hub.example/in?name=O%27Brien&b=x%20y";
        for signed in [plain, encoded] {
            for requested in [plain, encoded] {
                assert!(verdict(requested, "", &sign(signed)), "{signed} as {requested}");
            }
        }
        assert!(!verdict("https://hub.example/in?name=OBrien&b=x%20y", "", &sign(plain)));
    }

    #[test]
    fn no_nonsense_makes_it_fall_over() {
        for url in ["", "https://", "https://:", "://@:?", "https://[", "https://ä:b@ö:ü/ñ?%", "?", "#", "https://a?%zz&=&&"] {
            for signature in ["", "!", "AAAA", "====", "RSOYDt4T1cUTdK1PDd93/VVr8B8="] {
                assert!(!verdict(url, "%&%z=%%ff&=&", signature), "{url}");
            }
            assert!(verdict(url, "", &sign(without_fragment(url))), "{url}");
        }
    }
}
