//! Mail, through one of the hub's own integrations or the operator's own server: plain text and HTML, written by lettre, sent
//! by the provider.

use std::fmt::Write as _;
use std::time::Duration;

use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use serde_json::json;
use simpul_core::alert::ChannelConfiguration;
use simpul_core::alert::message::LISTED;
use simpul_core::error_type::ErrorType;
use simpul_core::integration::{Configuration, Mode};
use simpul_core::time::Timestamp;
use simpul_providers::{MailReceipt, OutgoingMail};

use super::channel::{Parcel, Undelivered};
use super::courier::{Account, Courier};

const TEXT: usize = 20_000;
/// Characters of a subject.
const SUBJECT: usize = 150;

pub(super) async fn send(courier: &Courier, parcel: &Parcel<'_>) -> Result<(), Undelivered> {
    let configuration = &parcel.channel.configuration;
    let account = match configuration.integration_id {
        Some(id) => courier.account(id).await?,
        None => courier.connect("smtp", own_server(configuration), Mode::Production)?,
    };
    let Some(mailer) = account.connection.mailer() else {
        return Err(Undelivered::for_good(ErrorType::InvalidConfiguration, "The integration cannot send mail"));
    };
    let Some(from) = sender(configuration, &account) else {
        let sentence = "No sender address is set: fill in fromEmail of the integration or the channel";
        return Err(Undelivered::for_good(ErrorType::InvalidConfiguration, sentence));
    };
    let message = parcel.message;
    let subject: String = message.title.chars().take(SUBJECT).collect();
    let (text, html) = (message.text(TEXT), html(parcel));
    let whole = mime(parcel, &from, &subject, (&text, &html), courier.clock.now())?;
    let mail = OutgoingMail {
        from: &from,
        to: &parcel.recipients,
        subject: &subject,
        text: &text,
        html: &html,
        whole: &whole,
    };
    let receipt = mailer.send_mail(&mail).await?;
    refusals(receipt)
}

/// Somebody took it; those who did not are named, and tried again where that is of use.
fn refusals(receipt: MailReceipt) -> Result<(), Undelivered> {
    if receipt.refused.is_empty() {
        return Ok(());
    }
    let named = receipt.refused.iter().map(|refused| format!("{}: {}", refused.address, refused.message));
    let message = format!("not taken for {}", named.collect::<Vec<_>>().join("; "));
    let remaining: Vec<String> =
        receipt.refused.iter().filter(|refused| refused.is_transient).map(|refused| refused.address.clone()).collect();
    Err(Undelivered {
        is_final: remaining.is_empty(),
        remaining: (!remaining.is_empty()).then_some(remaining),
        is_partial: true,
        ..Undelivered::later(ErrorType::NotFound, message)
    })
}

fn own_server(channel: &ChannelConfiguration) -> Configuration {
    let members = [
        ("host", json!(channel.host)),
        ("port", json!(channel.port)),
        ("username", json!(channel.username)),
        ("password", json!(channel.password)),
        ("encryption", json!(channel.encryption)),
        ("fromEmail", json!(channel.from_email)),
    ];
    Configuration(
        members
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
    )
}

/// The channel's own sender, else the integration's, else the account's name where it is an address.
fn sender(channel: &ChannelConfiguration, account: &Account) -> Option<String> {
    let own = |name| account.configuration.text(name);
    channel
        .from_email
        .clone()
        .or_else(|| own("fromEmail"))
        .or_else(|| own("username").filter(|name| name.contains('@')))
}

fn unusable(address: &str) -> Undelivered {
    Undelivered::for_good(
        ErrorType::InvalidConfiguration,
        format!("{address} is not an address that mail can be sent to"),
    )
}

/// The whole mail (RFC 5322). Its id is the same on each try, so that a repetition can be told.
fn mime(
    parcel: &Parcel<'_>,
    from: &str,
    subject: &str,
    (text, html): (&str, &str),
    now: Timestamp,
) -> Result<Vec<u8>, Undelivered> {
    let mailbox =
        |address: &str| Ok::<_, Undelivered>(Mailbox::new(None, address.parse().map_err(|_| unusable(address))?));
    let domain = from.rsplit_once('@').map_or("simpul.invalid", |(_, domain)| domain);
    let millis = u64::try_from(now.millis()).unwrap_or_default();
    let mut builder = lettre::Message::builder()
        .from(mailbox(from)?)
        .subject(subject)
        .message_id(Some(format!("<{}@{domain}>", parcel.id)))
        .date(std::time::UNIX_EPOCH + Duration::from_millis(millis));
    for address in &parcel.recipients {
        builder = builder.to(mailbox(address)?);
    }
    let multipart = MultiPart::alternative_plain_html(text.to_owned(), html.to_owned());
    let mut mail = builder.multipart(multipart).map_err(|error| {
        Undelivered::for_good(ErrorType::InvalidConfiguration, format!("the mail cannot be written: {error}"))
    })?;
    // Keeps holiday notes and the like from answering (RFC 3834).
    mail.headers_mut()
        .insert_raw(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()));
    Ok(mail.formatted())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn html(parcel: &Parcel<'_>) -> String {
    let message = parcel.message;
    let mut body = format!("<p><strong>{}</strong></p>", escaped(&message.title));
    for item in message.items.iter().take(LISTED) {
        let (sentence, remedy, link) = (escaped(&item.sentence), escaped(&item.remedy), escaped(&item.link));
        let sentence = if message.items.len() == 1 { String::new() } else { format!("{sentence}<br>") };
        // Writing to a String cannot fail.
        if write!(body, "<p>{sentence}{remedy}<br><a href=\"{link}\">{link}</a></p>").is_err() {
            break;
        }
    }
    let rest = message.items.len().saturating_sub(LISTED) + message.more;
    if rest > 0 {
        body.push_str(&format!("<p>+ {rest}</p>"));
    }
    for note in &message.notes {
        body.push_str(&format!("<p>{}</p>", escaped(note)));
    }
    format!("<!doctype html><html lang=\"{}\"><body>{body}</body></html>", message.language.as_str())
}
