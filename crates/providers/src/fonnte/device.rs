//! The test of a Fonnte device: is the token known, is the package good, is the device linked, is it the one that the
//! partner named.

use http::{HeaderValue, Method, header};
use serde_json::{Map, Value, json};
use simpul_core::activity::clip;
use simpul_core::error_type::ErrorType;

use super::Device;
use crate::http_answer::{authorize, common_failure, excerpt, get, json as body_json, unreachable};
use crate::messaging::{day, is_past, member, number_digits, truth, words};
use crate::network::HttpResponse;
use crate::steps::{Outcome, Steps, TestFailure, TestSuccess};

const LABEL: &str = "Fonnte";

pub(super) async fn test(device: &Device, steps: &mut Steps) -> Outcome {
    steps.begin("authentication");
    let answer = ask(device).await?;
    let profile = profile(&answer)?;
    steps.pass(None);
    let mut details = shown(&profile);

    steps.begin("account");
    judge_account(&profile, &answer, steps);

    steps.begin("device");
    if let Some(failure) = disconnected(&profile) {
        return Err(TestFailure { details: Box::new(details), ..failure }.with("httpStatus", answer.status));
    }
    match other_number(device, &profile) {
        Some(warning) => {
            details.insert("deviceMatches".to_owned(), false.into());
            steps.warn(warning);
        }
        None => steps.pass(None),
    }
    Ok(TestSuccess { message: "Fonnte connection successful".to_owned(), details, limited: None })
}

async fn ask(device: &Device) -> Result<HttpResponse, TestFailure> {
    let mut request = get(format!("{}/device", device.base));
    request.method = Method::POST;
    request
        .headers
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    authorize(&mut request, &device.token)?;
    device.network.send(request).await.map_err(|failure| unreachable(LABEL, &failure))
}

/// The device's profile, once the token was accepted. Fonnte spells `status` in more than one way.
pub(super) fn profile(answer: &HttpResponse) -> Result<Map<String, Value>, TestFailure> {
    if answer.status == 401 {
        return Err(told(rejected(), answer));
    }
    if let Some(failure) = common_failure(LABEL, answer) {
        return Err(told(failure, answer));
    }
    let profile = match body_json(answer) {
        Some(Value::Object(profile)) => profile,
        _ => return Err(told(not_fonnte(answer), answer)),
    };
    match truth(member(&profile, "status")) {
        Some(true) if answer.status < 300 => Ok(profile),
        Some(false) => Err(told(refused(&profile), answer)),
        _ if answer.status == 403 => Err(told(
            TestFailure::new(
                ErrorType::PermissionDenied,
                "Fonnte refuses the call",
                "Check that token is the device's token, and the package in Fonnte.",
            ),
            answer,
        )),
        _ => Err(told(not_fonnte(answer), answer)),
    }
}

/// A `status` of false; its reason is all that tells what is wrong.
fn refused(profile: &Map<String, Value>) -> TestFailure {
    let reason = reason(profile).unwrap_or_default().to_lowercase();
    let speaks_of = |parts: &[&str]| parts.iter().any(|part| reason.contains(part));
    if speaks_of(&["token", "unknown user", "unauthorized", "invalid user"]) {
        rejected()
    } else if speaks_of(&["disconnect"]) {
        unlinked("Fonnte answers, but its device is not linked to WhatsApp")
    } else if speaks_of(&["too many", "limit"]) {
        TestFailure::new(
            ErrorType::RateLimited,
            "Fonnte limits the rate of calls",
            "Wait a minute and test less often.",
        )
    } else if speaks_of(&["expired", "suspend", "blocked"]) {
        TestFailure::new(
            ErrorType::AccountSuspended,
            "The Fonnte device is expired or suspended",
            "Extend the package: Fonnte → Device → Order.",
        )
    } else {
        TestFailure::new(
            ErrorType::UnexpectedResponse,
            "Fonnte refused the call for a reason of its own",
            "See what Fonnte said, and the device in Fonnte.",
        )
    }
}

fn judge_account(profile: &Map<String, Value>, answer: &HttpResponse, steps: &mut Steps) {
    let is_expired = day(member(profile, "expired")).is_some_and(|expiry| is_past(expiry, answer));
    if is_expired {
        steps.warn("The package has expired: Fonnte may stop sending at any time");
    } else if words(member(profile, "quota")).as_deref() == Some("0") {
        steps.warn("The quota is used up: messages will not be sent");
    } else {
        steps.pass(None);
    }
}

fn disconnected(profile: &Map<String, Value>) -> Option<TestFailure> {
    match words(member(profile, "device_status")).map(|status| status.to_ascii_lowercase()).as_deref() {
        Some("connect" | "connected") => None,
        Some(status) => Some(unlinked(&format!(
            "Fonnte answers, but its device is not linked to WhatsApp ({})",
            clip(status, 50)
        ))),
        None => Some(TestFailure::new(
            ErrorType::UnexpectedResponse,
            "Fonnte did not say whether the device is linked",
            "See the device in Fonnte, and test again.",
        )),
    }
}

/// The warning for a token that belongs to another device than the partner named.
fn other_number(device: &Device, profile: &Map<String, Value>) -> Option<String> {
    let expected = device.number.as_deref()?;
    let actual = words(member(profile, "device"))?;
    (number_digits(expected) != number_digits(&actual)).then(|| {
        format!(
            "The token belongs to the device {}, not to the configured one; its notifications will be refused until device is corrected",
            clip(&actual, 30)
        )
    })
}

/// What an operator wants to see of the device; its name may be a person's and is left out.
fn shown(profile: &Map<String, Value>) -> Map<String, Value> {
    let members = [
        ("deviceStatus", "device_status"),
        ("device", "device"),
        ("quota", "quota"),
        ("expiry", "expired"),
        ("package", "package"),
    ];
    members
        .into_iter()
        .filter_map(|(name, theirs)| {
            let text = words(member(profile, theirs))?;
            // Unix seconds, as the account's own list has them, say nothing to people.
            let is_moment = name == "expiry" && text.len() >= 9 && text.bytes().all(|byte| byte.is_ascii_digit());
            let date = is_moment.then(|| day(member(profile, theirs))).flatten();
            Some((name.to_owned(), json!(date.map_or_else(|| clip(&text, 100), |date| date.to_string()))))
        })
        .collect()
}

fn rejected() -> TestFailure {
    TestFailure::new(
        ErrorType::AuthenticationFailed,
        "Fonnte rejected the token",
        "Copy the device's token again (Fonnte → Device → Token); the account's token does not work here, and a device that was made anew has a new one.",
    )
    .with("field", "token")
}

fn unlinked(message: &str) -> TestFailure {
    TestFailure::new(
        ErrorType::DeviceDisconnected,
        message,
        "Scan the QR code again: Fonnte → Device → Connect.",
    )
}

fn not_fonnte(answer: &HttpResponse) -> TestFailure {
    TestFailure::new(
        ErrorType::UnexpectedResponse,
        "This answer is not what the Fonnte interface answers",
        "Check for a proxy in between, and the address if it was overridden.",
    )
    .with("providerMessage", excerpt(answer))
}

fn reason(profile: &Map<String, Value>) -> Option<String> {
    words(member(profile, "reason")).or_else(|| words(member(profile, "message")))
}

/// The failure with the status and what Fonnte said of it.
fn told(failure: TestFailure, answer: &HttpResponse) -> TestFailure {
    let failure = failure.with("httpStatus", answer.status);
    match body_json(answer).as_ref().and_then(Value::as_object).and_then(reason) {
        Some(reason) => failure.with("providerMessage", clip(&reason, 300)),
        None => failure,
    }
}
