//! Nothing that a provider says is without its Indonesian: the manifests are asked, and the sources are read.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::*;
use crate::registry::all;

/// Files whose sentences are about notifications and sending: they go into the log, in English.
const OF_THE_LOG: &[&str] = &["notification.rs", "notifications.rs", "confirmation.rs", "sending.rs", "signature.rs"];

/// Sentences in the other files that the same is true of, and what is no sentence.
const LEFT: &[&str] = &[
    "The body of this {} notification is not JSON.",
    "This {} notification holds more than {} parts; it was not read.",
    "This {} notification holds nothing that ties it to the account.",
    // What stands in the catalogue with what is said around it.
    "The mail server {}:{}",
    "{} could not be reached by TLS: {}",
    "{} did not accept the connection in time",
    "Mailgun knows no domain {}{} for this account",
    " in either region",
    // What providers and servers are recognised by, dates, and what goes over the wire.
    "required permissions",
    "not authorized for this API service",
    "Mailgun Magnificent API",
    "HTTP/1.1 400",
    "unknown user",
    "invalid user",
    "too many",
    "rate limit",
    "not active",
    "limit exceeded",
    "account disabled",
    "account is disabled",
    "user disabled",
    "account locked",
    "basic authentication is disabled",
    "smtpclientauthentication is disabled",
    "not valid after",
    "not valid for",
    "self signed",
    "unknown authority",
    "AUTH PLAIN {}",
    "AUTH LOGIN",
    // An example, and the hub's own log.
    "Toko Contoh",
    "a connection was opened without TCP_NODELAY",
    "no system certificates were found; install the ca-certificates package, or no HTTPS receiver can be verified",
    "holds no certificate that can be read (PEM is expected)",
    "TLS could not be set up: {}",
];

/// Words that no Indonesian sentence and no menu of a console here has.
const ENGLISH: &[&str] = &[
    "the", "is", "are", "was", "were", "not", "does", "did", "has", "have", "and", "that", "this", "its", "which",
    "cannot", "must", "may", "could", "answered", "rejected", "check", "enter", "again",
];

fn is_english(text: &str) -> bool {
    let mut words = text.split(|character: char| !character.is_alphanumeric());
    words.any(|word| ENGLISH.contains(&word.to_lowercase().as_str()))
}

fn indonesian(text: &str) -> Cow<'_, str> {
    sentence(text, Language::Indonesian)
}

/// Every English sentence of the catalogue.
fn known() -> HashSet<&'static str> {
    CATALOGUES.iter().copied().flatten().map(|(english, _)| *english).collect()
}

#[test]
fn every_sentence_is_there_once_and_its_translation_has_the_same_gaps() {
    let mut seen = HashSet::new();
    for (english, translation) in CATALOGUES.iter().copied().flatten() {
        assert!(seen.insert(english), "twice: {english}");
        assert!(!translation.trim().is_empty() && !is_english(translation), "{english}: {translation}");
        assert_eq!(english.matches(GAP).count(), translation.matches(GAP).count(), "{english}");
        assert!(english.replace(GAP, "").chars().any(|character| !character.is_whitespace()), "all gap: {english}");
        let ends_alike = |mark: char| english.ends_with(mark) == translation.ends_with(mark);
        assert!(ends_alike('.') && ends_alike(':'), "{english}");
    }
}

#[test]
fn every_string_of_every_manifest_has_its_translation() {
    let known = known();
    for provider in all() {
        let manifest = provider.manifest();
        let fields = manifest.fields.iter().flat_map(|field| {
            [Some(field.title), Some(field.help), field.pattern.map(|(_, sentence)| sentence)].into_iter().flatten()
        });
        for text in fields.chain([manifest.credentials_help]).chain(manifest.notifications_help) {
            assert!(known.contains(text), "{}: {text}", manifest.slug);
        }
    }
}

/// The string literals of a source, but for its tests and comments, with the gaps of formats made alike.
fn literals(source: &str) -> Vec<String> {
    let source = source.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let lines = source.lines().filter(|line| !line.trim_start().starts_with("//"));
    let source = lines.collect::<Vec<_>>().join("\n").replace("'\"'", "' '");
    let string = regex_lite::Regex::new(r#"b?"((?:[^"\\]|\\[\s\S])*)""#).unwrap();
    let continued = regex_lite::Regex::new(r"\\\n\s*").unwrap();
    let gap = regex_lite::Regex::new(r"\{[^{}]*\}").unwrap();
    string
        .captures_iter(&source)
        .filter(|found| !found[0].starts_with('b'))
        .map(|found| gap.replace_all(&continued.replace_all(&found[1], ""), GAP).into_owned())
        .collect()
}

/// Whether two words follow each other, as they do in every sentence and hardly anywhere else.
fn is_sentence(text: &str) -> bool {
    let is_word = |word: &str| {
        word.len() > 1 && word.chars().all(|character| character.is_alphabetic() || "'’,:;.".contains(character))
    };
    let words: Vec<&str> = text.split(' ').collect();
    words.windows(2).any(|pair| pair.iter().all(|word| is_word(word)))
        || (text.contains(GAP) && words.iter().any(|word| is_word(word) && word.chars().all(char::is_lowercase)))
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        if path.is_dir() {
            if !["indonesian", "tests"].contains(&name.as_str()) {
                sources(&path, found);
            }
        } else if !OF_THE_LOG.contains(&name.as_str())
            && !["tests.rs", "fake_network.rs", "scripted.rs"].contains(&name.as_str())
        {
            found.push(path);
        }
    }
}

#[test]
fn every_sentence_of_the_sources_has_its_translation() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = vec![crates.join("../engine/src/tls.rs"), crates.join("../engine/src/egress/resolver.rs")];
    for name in ["failure.rs", "guard.rs", "connector.rs", "dial.rs"] {
        files.push(crates.join("../engine/src/egress").join(name));
    }
    sources(&crates.join("src"), &mut files);
    let known = known();
    let mut read = 0;
    let mut missing = Vec::new();
    for file in files {
        for text in literals(&fs::read_to_string(&file).unwrap()).into_iter().filter(|text| is_sentence(text)) {
            read += 1;
            let translated = indonesian(&text);
            let is_translated =
                known.contains(text.as_str()) || (translated != text.as_str() && !is_english(&translated));
            if !is_translated && !LEFT.contains(&text.as_str()) {
                missing.push(format!("{}: {text}", file.display()));
            }
        }
    }
    assert!(read > 250, "only {read} sentences were found: are the sources still read?");
    assert!(missing.is_empty(), "without Indonesian:\n{}", missing.join("\n"));
}

#[test]
fn what_fills_a_sentence_is_translated_and_what_is_unknown_stays() {
    for (english, translation) in [
        ("Midtrans connection successful", "Koneksi Midtrans berhasil"),
        (
            "Stripe could not be reached: no complete answer within 9 seconds",
            "Stripe tidak dapat dijangkau: tidak ada jawaban lengkap dalam 9 detik",
        ),
        (
            "The mail server ::1:25 could not be reached: the connection broke off",
            "Server email ::1:25 tidak dapat dijangkau: koneksi terputus",
        ),
        (
            "The mail server rejected the login: SMTP AUTH may be turned off for this mailbox (535)",
            "Server email menolak login: SMTP AUTH mungkin dimatikan untuk kotak surat ini (535)",
        ),
        (
            "is required: Midtrans dashboard: Settings > Access Keys > Merchant ID",
            "wajib diisi: Dasbor Midtrans: Settings > Access Keys > Merchant ID",
        ),
        (
            "is a Stripe publishable key: enter the Xendit secret API key",
            "adalah publishable key Stripe: isikan kunci API rahasia (secret key) Xendit",
        ),
        (
            "The server key belongs to production, but the integration is in sandbox mode",
            "Server key ini milik lingkungan produksi, tetapi integrasi dalam mode sandbox",
        ),
        (
            "The SMTP configuration cannot be used: port must be a whole number from 1 to 65535",
            "Konfigurasi SMTP tidak dapat digunakan: port harus berupa bilangan bulat dari 1 sampai 65535",
        ),
        ("mail.example.com ESMTP Postfix (Ubuntu)", "mail.example.com ESMTP Postfix (Ubuntu)"),
        ("", ""),
    ] {
        assert_eq!(indonesian(english), translation);
        assert_eq!(sentence(english, Language::English), english);
    }
}
