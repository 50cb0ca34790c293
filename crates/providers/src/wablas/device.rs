//! The test of a Wablas device: is the token known, does the secret key fit, is the device paid for and linked. The URL of
//! the first call holds the token, as Wablas documents it, and is therefore put into no message.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};
use simpul_core::activity::clip;
use simpul_core::error_type::ErrorType;

use super::Device;
use crate::http_answer::{authorize, common_failure, excerpt, get, json as body_json, unreachable};
use crate::messaging::{day, is_past, truth, words};
use crate::network::HttpResponse;
use crate::steps::{Outcome, Steps, TestFailure, TestSuccess};

const LABEL: &str = "Wablas";
/// Words of a refusal that speak of the credentials; Wablas documents no error of its own.
const OF_CREDENTIALS: &[&str] = &["token", "secret", "auth", "credential", "denied", "forbidden", "unknown user"];

pub(super) async fn test(device: &Device, steps: &mut Steps) -> Outcome {
    steps.begin("authentication");
    let token = utf8_percent_encode(&device.token, NON_ALPHANUMERIC);
    let answer = device.ask(&format!("/api/device/info?token={token}")).await?;
    let data = device_data(&answer)?;
    let mut details = shown(&data);
    let proved = match device.secret_key {
        Some(_) => Some(prove_secret_key(device).await?),
        None => None,
    };
    if let Some(proof) = proved {
        details.insert("secretKeyChecked".to_owned(), proof.is_ok().into());
        match proof {
            Ok(()) => steps.pass(None),
            Err(doubt) => steps.warn(doubt),
        }
    } else {
        steps.pass(None);
    }
    let outcome = judge_account(&data, &answer, steps).and_then(|()| judge_device(&data, steps));
    match outcome {
        Ok(()) => Ok(TestSuccess { message: "Wablas connection successful".to_owned(), details, limited: None }),
        Err(mut failure) => {
            details.append(&mut failure.details);
            *failure.details = details;
            Err(failure.with("httpStatus", answer.status))
        }
    }
}

impl Device {
    async fn ask(&self, path: &str) -> Result<HttpResponse, TestFailure> {
        let mut request = get(format!("{}{path}", self.base));
        match &self.secret_key {
            Some(secret_key) => authorize(&mut request, &format!("{}.{secret_key}", self.token))?,
            None => authorize(&mut request, &self.token)?,
        }
        self.network.send(request).await.map_err(|failure| unreachable(LABEL, &failure))
    }
}

/// The device as Wablas describes it, once the token was accepted.
fn device_data(answer: &HttpResponse) -> Result<Map<String, Value>, TestFailure> {
    if let Some(failure) = refused_by_status(answer, "token") {
        return Err(failure);
    }
    let body = body_json(answer).unwrap_or_default();
    match truth(body.get("status")) {
        Some(true) => match body.get("data") {
            Some(Value::Object(data)) => Ok(data.clone()),
            _ => Err(not_wablas(answer)),
        },
        Some(false) => Err(told(refused_by_body(&body), answer)),
        None => Err(told(not_wablas(answer), answer)),
    }
}

/// Failures that the status alone tells; nothing is documented, so a message about credentials decides between meanings.
pub(super) fn refused_by_status(answer: &HttpResponse, field: &str) -> Option<TestFailure> {
    let speaks_of_credentials = body_json(answer)
        .and_then(|body| words(body.get("message")))
        .is_some_and(|message| contains_any(&message, OF_CREDENTIALS));
    let failure = match answer.status {
        401 => rejected(field),
        403 | 422 if speaks_of_credentials => rejected(field),
        403 => TestFailure::new(
            ErrorType::PermissionDenied,
            "Wablas refuses the call",
            "Check the token and the secret key, and whether the device allows certain IP addresses only (Wablas Dashboard → Device → Settings).",
        ),
        404 => TestFailure::new(
            ErrorType::NotFound,
            "There is no Wablas interface at this address",
            "Check domain: it is the server where the device lives (Wablas Dashboard → Device → Settings → Domain API).",
        ),
        _ => match common_failure(LABEL, answer) {
            Some(failure) => return Some(told(failure, answer)),
            None if answer.status >= 400 => TestFailure::new(
                ErrorType::UnexpectedResponse,
                format!("Wablas answered with an error ({})", answer.status),
                "See what Wablas said, and check domain and token.",
            ),
            None => return None,
        },
    };
    Some(told(failure, answer))
}

/// A `status` of false under HTTP 200.
pub(super) fn refused_by_body(body: &Value) -> TestFailure {
    let message = words(body.get("message")).unwrap_or_default();
    if contains_any(&message, &["too many", "rate limit"]) {
        return TestFailure::new(
            ErrorType::RateLimited,
            "Wablas limits the rate of calls",
            "Wait a little and test less often.",
        );
    }
    if contains_any(&message, &["expired", "suspend", "inactive", "not active"]) {
        return suspended("The Wablas device is expired or not active");
    }
    rejected("token")
}

/// Reads one row of today's report, which wants token and secret key together. `Ok(Err(…))` where the answer neither
/// accepts nor refuses them: that endpoint is known to limit calls and to fail with an accepted body inside.
async fn prove_secret_key(device: &Device) -> Result<Result<(), &'static str>, TestFailure> {
    const DOUBT: &str = "The token was accepted; the secret key could not be checked now";
    let answer = device.ask("/api/report-realtime?limit=1").await?;
    let body = body_json(&answer).unwrap_or_default();
    let accepted = truth(body.get("status"));
    if answer.status == 429 || (answer.status >= 500 && accepted == Some(true)) {
        return Ok(Err(DOUBT));
    }
    if let Some(failure) = refused_by_status(&answer, "secretKey") {
        return Err(failure);
    }
    let message = words(body.get("message")).unwrap_or_default();
    match accepted {
        Some(true) => Ok(Ok(())),
        Some(false) if contains_any(&message, OF_CREDENTIALS) => Err(told(rejected("secretKey"), &answer)),
        // "Nothing found" is said in the same way as a refusal.
        Some(false) => Ok(Err(DOUBT)),
        None => Err(told(not_wablas(&answer), &answer)),
    }
}

fn judge_account(data: &Map<String, Value>, answer: &HttpResponse, steps: &mut Steps) -> Result<(), TestFailure> {
    steps.begin("account");
    let expiry = day(data.get("expired_date"));
    if let Some(expiry) = expiry
        && is_past(expiry, answer)
    {
        return Err(suspended(&format!("The Wablas device expired on {expiry}")));
    }
    if truth(data.get("active")) == Some(false) {
        return Err(suspended("The Wablas device is not active"));
    }
    match words(data.get("quota")).as_deref() {
        Some("0") => steps.warn("The quota is used up: messages will not be sent"),
        _ => steps.pass(None),
    }
    Ok(())
}

fn judge_device(data: &Map<String, Value>, steps: &mut Steps) -> Result<(), TestFailure> {
    steps.begin("device");
    match words(data.get("status")).map(|status| status.to_ascii_lowercase()).as_deref() {
        Some("connected") => {
            steps.pass(None);
            Ok(())
        }
        Some(status) => Err(TestFailure::new(
            ErrorType::DeviceDisconnected,
            format!("Wablas answers, but its device is not linked to WhatsApp ({})", clip(status, 50)),
            "Scan the QR code again: Wablas Dashboard → Device → Scan.",
        )),
        None => Err(TestFailure::new(
            ErrorType::UnexpectedResponse,
            "Wablas did not say whether the device is linked",
            "Check domain, and the device in the Wablas Dashboard.",
        )),
    }
}

/// What an operator wants to see of the device; its name may be a person's and is left out.
fn shown(data: &Map<String, Value>) -> Map<String, Value> {
    let members = [
        ("deviceStatus", "status"),
        ("device", "serial"),
        ("sender", "sender"),
        ("quota", "quota"),
        ("expiry", "expired_date"),
    ];
    let mut details: Map<String, Value> = members
        .into_iter()
        .filter_map(|(name, theirs)| Some((name.to_owned(), json!(clip(&words(data.get(theirs))?, 100)))))
        .collect();
    if let Some(active) = truth(data.get("active")) {
        details.insert("active".to_owned(), active.into());
    }
    details
}

pub(super) fn contains_any(text: &str, parts: &[&str]) -> bool {
    let text = text.to_lowercase();
    parts.iter().any(|part| text.contains(part))
}

fn rejected(field: &str) -> TestFailure {
    let failure = match field {
        "secretKey" => TestFailure::new(
            ErrorType::AuthenticationFailed,
            "Wablas accepted the token, but rejected it together with the secret key",
            "Check secretKey, or generate a new one: Wablas Dashboard → Device → Settings → Secret Key.",
        ),
        _ => TestFailure::new(
            ErrorType::AuthenticationFailed,
            "Wablas rejected the token",
            "Check token and secretKey, and that domain is the server where this device lives: a token works on its own server only.",
        ),
    };
    failure.with("field", field)
}

fn suspended(message: &str) -> TestFailure {
    TestFailure::new(ErrorType::AccountSuspended, message, "Extend the package: Wablas Dashboard → Device → Extend.")
}

pub(super) fn not_wablas(answer: &HttpResponse) -> TestFailure {
    TestFailure::new(
        ErrorType::UnexpectedResponse,
        "This answer is not what the Wablas interface answers",
        "Check domain, and whether a proxy stands in between.",
    )
    .with("providerMessage", excerpt(answer))
}

/// The failure with the status and what Wablas said of it.
pub(super) fn told(failure: TestFailure, answer: &HttpResponse) -> TestFailure {
    let failure = failure.with("httpStatus", answer.status);
    match body_json(answer).and_then(|body| words(body.get("message"))) {
        Some(message) => failure.with("providerMessage", clip(&message, 300)),
        None => failure,
    }
}
