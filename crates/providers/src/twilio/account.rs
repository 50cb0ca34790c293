//! The test of a Twilio account: its own resource by auth token, the message list by API key. The account's resource echoes
//! the auth token and names an e-mail address, so nothing of its body is shown but the state and the kind.

use serde_json::{Map, Value};
use simpul_core::activity::clip;
use simpul_core::error_type::ErrorType;
use simpul_core::integration::Mode;

use super::{Account, ApiKey};
use crate::http_answer::{authorize, basic, common_failure, get, json, unreachable};
use crate::messaging::{first_words, words};
use crate::network::HttpResponse;
use crate::steps::{Outcome, Steps, TestFailure, TestSuccess};

const LABEL: &str = "Twilio";
/// The account cannot be used for now: out of funds, trial not activated, parent suspended.
const INACTIVE: &[u32] = &[10_001, 20_005, 90_010];
/// The account may not use the API, mostly because it was suspended or closed.
const FORBIDDEN: u32 = 20_403;
/// Real credentials, but the test pair, which may read nothing.
const TEST_CREDENTIALS: u32 = 20_008;

/// Which pair of credentials a call was made with.
#[derive(Clone, Copy)]
enum Pair<'a> {
    AuthToken(&'a str),
    ApiKey(&'a ApiKey),
}

pub(super) async fn test(account: &Account, steps: &mut Steps) -> Outcome {
    let mut success =
        TestSuccess { message: "Twilio connection successful".to_owned(), ..TestSuccess::default() };
    steps.begin("authentication");
    match (&account.auth_token, &account.api_key) {
        (Some(token), key) => {
            by_auth_token(account, token, steps, &mut success).await?;
            if let Some(key) = key {
                steps.begin("permission");
                by_api_key(account, key, steps, &mut success).await?;
            }
        }
        (None, Some(key)) => by_api_key_alone(account, key, steps, &mut success).await?,
        (None, None) => {
            return Err(TestFailure::new(
                ErrorType::InvalidConfiguration,
                "Twilio needs the auth token or an API key",
                "Fill in authToken, or apiKeySid and apiKeySecret.",
            ));
        }
    }
    if let Some(number) = &account.phone_number {
        success.details.insert("sender".to_owned(), format!("whatsapp:{number}").into());
    }
    Ok(success)
}

async fn by_auth_token(
    account: &Account,
    token: &str,
    steps: &mut Steps,
    success: &mut TestSuccess,
) -> Result<(), TestFailure> {
    let answer = account.ask(".json", Pair::AuthToken(token)).await?;
    match refusal(&answer) {
        None => account_state(account, &answer, steps, &mut success.details),
        Some(Refused { code: Some(TEST_CREDENTIALS), .. }) if account.mode == Mode::Sandbox => {
            steps.pass(Some("Twilio knows these test credentials; they may read nothing".to_owned()));
            success.limited =
                Some("These are Twilio's test credentials: they work, but they may not read the account.".to_owned());
            Ok(())
        }
        Some(refused) => Err(refused.failure(&answer, Pair::AuthToken(token))),
    }
}

/// A standard key may do everything but read the account, so the message list stands in for it.
async fn by_api_key_alone(
    account: &Account,
    key: &ApiKey,
    steps: &mut Steps,
    success: &mut TestSuccess,
) -> Result<(), TestFailure> {
    let answer = account.ask(".json", Pair::ApiKey(key)).await?;
    match refusal(&answer) {
        None => return account_state(account, &answer, steps, &mut success.details),
        Some(refused) if refused.is_inactive() || !matches!(answer.status, 401 | 403) => {
            return Err(refused.failure(&answer, Pair::ApiKey(key)));
        }
        Some(_) => {}
    }
    by_api_key(account, key, steps, success).await?;
    success.details.insert("accountStatus".to_owned(), "unknown".into());
    steps.begin("account");
    steps.warn("This API key may not read the account, so the account's state is unknown");
    Ok(())
}

/// One page of one message: read only, and what a sending key may nearly always read.
async fn by_api_key(
    account: &Account,
    key: &ApiKey,
    steps: &mut Steps,
    success: &mut TestSuccess,
) -> Result<(), TestFailure> {
    let answer = account.ask("/Messages.json?PageSize=1", Pair::ApiKey(key)).await?;
    match refusal(&answer) {
        None if json(&answer).is_some_and(|body| body["messages"].is_array()) => {
            steps.pass(Some("The API key was accepted".to_owned()));
            Ok(())
        }
        None => Err(not_twilio(&answer)),
        Some(refused) if answer.status == 403 && !refused.is_inactive() && refused.code != Some(FORBIDDEN) => {
            steps.warn("The API key was accepted, but may not read messages");
            success.message = "Twilio accepted the API key, which lacks the permission to read messages".to_owned();
            success.limited = Some(
                "Twilio Console → API keys & tokens → the key: allow reading messages, or use a standard key.".to_owned(),
            );
            Ok(())
        }
        Some(refused) => Err(refused.failure(&answer, Pair::ApiKey(key))),
    }
}

impl Account {
    async fn ask(&self, resource: &str, pair: Pair<'_>) -> Result<HttpResponse, TestFailure> {
        let mut request = get(format!("{}/2010-04-01/Accounts/{}{resource}", self.base, self.sid));
        let credentials = match pair {
            Pair::AuthToken(token) => basic(&self.sid, token),
            Pair::ApiKey(key) => basic(&key.sid, &key.secret),
        };
        authorize(&mut request, &credentials)?;
        let answer = self.network.send(request).await.map_err(|failure| unreachable(LABEL, &failure))?;
        match answer.status {
            // Whatever its body is: the credentials were refused.
            401 => Ok(answer),
            _ => match common_failure(LABEL, &answer) {
                Some(mut failure) => {
                    // Half an account resource may hold the auth token.
                    if answer.status < 300 {
                        failure.details.remove("providerMessage");
                    } else if let Some(refused) = refusal(&answer) {
                        failure = refused.told(failure);
                    }
                    Err(failure)
                }
                None => Ok(answer),
            },
        }
    }
}

/// Reads the state from the account's own resource; ends the authentication step and marks the account's.
fn account_state(
    account: &Account,
    answer: &HttpResponse,
    steps: &mut Steps,
    details: &mut Map<String, Value>,
) -> Result<(), TestFailure> {
    let body = json(answer).unwrap_or_default();
    let (Some(status), Some(sid)) = (words(body.get("status")), words(body.get("sid"))) else {
        return Err(not_twilio(answer));
    };
    if !sid.eq_ignore_ascii_case(&account.sid) {
        return Err(TestFailure::new(
            ErrorType::UnexpectedResponse,
            "Twilio answered with another account than the one asked for",
            "Check accountSid, and that no proxy changes the call.",
        ));
    }
    steps.pass(None);
    steps.begin("account");
    details.insert("accountStatus".to_owned(), clip(&status, 50).into());
    if let Some(kind) = words(body.get("type")) {
        details.insert("accountType".to_owned(), clip(&kind, 50).into());
    }
    if status == "active" {
        steps.pass(None);
        return Ok(());
    }
    let mut failure = TestFailure::new(
        ErrorType::AccountSuspended,
        format!("The Twilio account is {}", clip(&status, 50)),
        "The credentials are right, but Twilio has taken the account out of use. See Twilio Console → Account, or ask Twilio's support.",
    );
    (*failure.details).clone_from(details);
    Err(failure.with("httpStatus", answer.status))
}

/// An error as Twilio words it, in the old form or as RFC 9457 has it.
struct Refused {
    code: Option<u32>,
    message: Option<String>,
}

/// The error in an answer, be it by status or, under 200, by what the body says.
fn refusal(answer: &HttpResponse) -> Option<Refused> {
    let body = json(answer).unwrap_or_default();
    let code = words(body.get("code")).and_then(|code| code.parse().ok());
    let is_error = answer.status >= 400 || (code.is_some() && body.get("sid").is_none());
    is_error.then(|| Refused {
        code,
        message: body
            .as_object()
            .and_then(|body| first_words(body, &["message", "detail", "title"]))
            .map(|message| clip(&message, 300)),
    })
}

impl Refused {
    fn is_inactive(&self) -> bool {
        self.code.is_some_and(|code| INACTIVE.contains(&code))
    }

    fn failure(&self, answer: &HttpResponse, pair: Pair<'_>) -> TestFailure {
        let failure = match (answer.status, self.code) {
            _ if self.is_inactive() => inactive(),
            (_, Some(FORBIDDEN)) => inactive(),
            (_, Some(TEST_CREDENTIALS)) => TestFailure::new(
                ErrorType::EnvironmentMismatch,
                "These are Twilio's test credentials, which cannot be used in production",
                "Enter the live credentials (Twilio Console → Account Info), or switch the integration to test mode.",
            ),
            (401, _) | (_, Some(20_003)) => rejected(pair),
            (404, _) => TestFailure::new(
                ErrorType::NotFound,
                "Twilio knows no account of this account SID",
                "Copy accountSid again from Twilio Console → Account Info.",
            ),
            (403, _) => TestFailure::new(
                ErrorType::PermissionDenied,
                "Twilio refuses to show this account",
                "Check in the Twilio Console that the account may use the API, and that the credentials belong to it.",
            ),
            (status, _) => TestFailure::new(
                ErrorType::UnexpectedResponse,
                format!("Twilio answered with an error ({status})"),
                "See the code at twilio.com/docs/errors, and Twilio's status page.",
            ),
        };
        self.told(failure.with("httpStatus", answer.status))
    }

    /// The failure with what Twilio said of it.
    fn told(&self, mut failure: TestFailure) -> TestFailure {
        if let Some(code) = self.code {
            failure = failure.with("providerCode", code);
        }
        if let Some(message) = &self.message {
            failure = failure.with("providerMessage", message.clone());
        }
        failure
    }
}

fn inactive() -> TestFailure {
    TestFailure::new(
        ErrorType::AccountSuspended,
        "The Twilio account is not active",
        "Add funds or finish the trial's activation in the Twilio Console; a suspended or closed account needs Twilio's support.",
    )
}

fn rejected(pair: Pair<'_>) -> TestFailure {
    match pair {
        Pair::AuthToken(_) => TestFailure::new(
            ErrorType::AuthenticationFailed,
            "Twilio rejected the account SID and auth token",
            "Copy both again from Twilio Console → Account Info, without spaces, and check that they are of the same account and region. A suspended account is rejected likewise.",
        )
        .with("field", "authToken"),
        Pair::ApiKey(_) => TestFailure::new(
            ErrorType::AuthenticationFailed,
            "Twilio rejected the API key",
            "Check apiKeySid and apiKeySecret (Twilio Console → API keys & tokens): the key may be deleted, of another account or of another region. A suspended account is rejected likewise.",
        )
        .with("field", "apiKeySecret"),
    }
}

fn not_twilio(answer: &HttpResponse) -> TestFailure {
    TestFailure::new(
        ErrorType::UnexpectedResponse,
        "Twilio's answer is not what its API answers",
        "Check for a proxy in between, and the address if it was overridden.",
    )
    .with("httpStatus", answer.status)
}
