//! Mailgun's connection test: reads the sending domain, looks for it in the other region when it is not found, and says
//! what keeps it from sending.

use std::time::Duration;

use serde_json::{Map, Value, json};
use simpul_core::activity::clip;
use simpul_core::error_type::ErrorType;

use super::{Account, Region};
use crate::email::{wait_until_reset, words};
use crate::http_answer::{authorize, basic, common_failure, excerpt, get, json as body_json, unreachable};
use crate::network::HttpResponse;
use crate::steps::{Outcome, Steps, TestFailure, TestSuccess};

/// Each region gets its share of the test's budget, so that the second is asked even if the first is slow.
const CALL_TIMEOUT: Duration = Duration::from_millis(4_500);

/// What one region answered about the domain.
enum Answer {
    /// The domain and its DNS records, as Mailgun describes them.
    Domain(Value),
    /// 401: the key is wrong, of the wrong kind, or of the other region.
    KeyRefused(String),
    /// 404: the region does not know the domain.
    Unknown(String),
    /// The key is genuine but its role may not read domains.
    Limited(String),
}

impl Account {
    pub(super) async fn check(&self, steps: &mut Steps) -> Outcome {
        steps.begin("authentication");
        let asked = self.region.unwrap_or(Region::Us);
        let first = self.ask(asked).await?;
        let mut answered = asked;
        let mut answer = first;
        if self.base_url.is_none() && matches!(answer, Answer::KeyRefused(_) | Answer::Unknown(_)) {
            // A region that cannot be asked leaves the first one's answer standing.
            if let Ok(second) = self.ask(asked.other()).await
                && is_more_telling(&second, &answer)
            {
                answered = asked.other();
                answer = second;
            }
        }
        let region = self.base_url.is_none().then_some(answered);
        self.judge(answer, region, steps)
    }

    async fn ask(&self, region: Region) -> Result<Answer, TestFailure> {
        let base = self.base_url.as_deref().unwrap_or(region.url());
        let mut request = get(format!("{base}/v4/domains/{}", self.domain));
        request.timeout = CALL_TIMEOUT;
        authorize(&mut request, &basic("api", &self.key))?;
        let response = self.network.send(request).await.map_err(|failure| unreachable("Mailgun", &failure))?;
        read_answer(&response)
    }

    fn judge(&self, answer: Answer, region: Option<Region>, steps: &mut Steps) -> Outcome {
        let mut details = Map::new();
        details.insert("domain".to_owned(), self.domain.clone().into());
        if let Some(region) = region {
            details.insert("region".to_owned(), region.word().into());
        }
        match answer {
            Answer::KeyRefused(said) => Err(self.key_refused().with("httpStatus", 401).with("providerMessage", said)),
            Answer::Unknown(said) => Err(self.not_found().with("httpStatus", 404).with("providerMessage", said)),
            Answer::Limited(said) => {
                steps.pass(None);
                steps.begin("permission");
                steps.warn("The key's role may not read domains");
                details.insert("httpStatus".to_owned(), 403.into());
                details.insert("providerMessage".to_owned(), said.into());
                let message = "Mailgun accepts the key, but its role lacks the permission to read domains".to_owned();
                let limited = "The domain's state is unknown. Use a key with the role Developer, Analyst or Admin to see it.";
                Ok(TestSuccess { message, details, limited: Some(limited.to_owned()) })
            }
            Answer::Domain(body) => {
                steps.pass(None);
                if let (Some(wanted), Some(found)) = (self.region, region)
                    && wanted != found
                {
                    return Err(wrong_region(&self.domain, wanted, found));
                }
                steps.begin("account");
                self.judge_domain(&body, details, steps)
            }
        }
    }

    fn key_refused(&self) -> TestFailure {
        TestFailure::new(
            ErrorType::AuthenticationFailed,
            "Mailgun rejected the API key",
            "Paste an account API key from Settings → API Security. A domain sending key is rejected here too: it may only send. \
             The webhook signing key and the SMTP password are other secrets.",
        )
    }

    fn not_found(&self) -> TestFailure {
        let place = if self.base_url.is_some() { "" } else { " in either region" };
        TestFailure::new(
            ErrorType::NotFound,
            format!("Mailgun knows no domain {}{place} for this account", self.domain),
            "Check the spelling of the domain, and that the API key belongs to the account that owns it.",
        )
    }

    /// Whether the domain may send; what Mailgun tells besides (an SMTP password among it) is not taken over.
    fn judge_domain(&self, body: &Value, mut details: Map<String, Value>, steps: &mut Steps) -> Outcome {
        let domain = &body["domain"];
        let name = words(domain.get("name")).unwrap_or_default();
        if !name.eq_ignore_ascii_case(&self.domain) {
            return Err(TestFailure::new(
                ErrorType::UnexpectedResponse,
                "Mailgun answered with another domain than was asked for",
                "Check the configured address; a proxy may answer in Mailgun's place.",
            )
            .with("httpStatus", 200));
        }
        let state = words(domain.get("state"));
        let kind = words(domain.get("type"));
        for (member, value) in [("domainState", &state), ("domainType", &kind)] {
            if let Some(value) = value {
                details.insert(member.to_owned(), value.clone().into());
            }
        }
        let failure = if domain.get("is_disabled") == Some(&json!(true)) || domain["disabled"].is_object() {
            Some(disabled(&self.domain, &domain["disabled"]))
        } else {
            state.as_deref().and_then(|state| not_sending(&self.domain, state, body))
        };
        if let Some(mut failure) = failure {
            failure.details.extend(details);
            return Err(failure);
        }
        if kind.as_deref() == Some("sandbox") {
            steps.warn("A sandbox domain sends to authorised recipients only");
        } else if state.as_deref() != Some("active") {
            steps.warn("Mailgun did not say that the domain is active");
        } else {
            steps.pass(None);
        }
        Ok(TestSuccess { message: "Mailgun connection successful".to_owned(), details, limited: None })
    }
}

/// A domain outranks a refused permission, which outranks an unknown domain: each shows that the key was accepted.
fn is_more_telling(second: &Answer, first: &Answer) -> bool {
    let weight = |answer: &Answer| match answer {
        Answer::Domain(_) => 3,
        Answer::Limited(_) => 2,
        Answer::Unknown(_) => 1,
        Answer::KeyRefused(_) => 0,
    };
    weight(second) > weight(first)
}

fn read_answer(response: &HttpResponse) -> Result<Answer, TestFailure> {
    let text = excerpt(response);
    // Mailgun greets with 200 on every path that it does not know.
    if text.contains("Mailgun Magnificent API") {
        return Err(TestFailure::new(
            ErrorType::UnexpectedResponse,
            "Mailgun answered, but not on the path of its API",
            "The configured base address holds a path or a version; it must be the host alone, such as https://api.mailgun.net.",
        )
        .with("httpStatus", response.status)
        .with("providerMessage", text));
    }
    let body = body_json(response);
    let said = body.as_ref().and_then(|body| words(body.get("message"))).map_or(text, |said| clip(&said, 300));
    match (response.status, body) {
        (401, _) => Ok(Answer::KeyRefused(said)),
        (404, Some(_)) => Ok(Answer::Unknown(said)),
        (403, Some(_)) if is_suspension(&said) => Err(TestFailure::new(
            ErrorType::AccountSuspended,
            "Mailgun has disabled this account",
            "Sign in to Mailgun to see why, and ask its support to enable the account again.",
        )
        .with("httpStatus", 403)
        .with("providerMessage", said)),
        (403, Some(_)) => Ok(Answer::Limited(said)),
        (_, body) => match common_failure("Mailgun", response) {
            Some(failure) => Err(add_rate_limit(failure, response, body.as_ref(), said)),
            None => match body {
                Some(body) if response.status == 200 && body["domain"].is_object() => Ok(Answer::Domain(body)),
                _ => Err(TestFailure::new(
                    ErrorType::UnexpectedResponse,
                    format!("Mailgun gave an answer that holds no domain ({})", response.status),
                    "Check the configured address; a proxy may answer in Mailgun's place.",
                )
                .with("httpStatus", response.status)
                .with("providerMessage", said)),
            },
        },
    }
}

fn is_suspension(said: &str) -> bool {
    let said = said.to_ascii_lowercase();
    ["disabled", "suspended", "deactivated"].iter().any(|word| said.contains(word))
}

fn add_rate_limit(
    mut failure: TestFailure,
    response: &HttpResponse,
    body: Option<&Value>,
    said: String,
) -> TestFailure {
    if response.status == 429 && failure.retry_after.is_none() {
        let seconds = body.and_then(|body| body.get("retry-seconds")?.as_u64()).filter(|seconds| *seconds <= 86_400);
        failure.retry_after = seconds.map(Duration::from_secs).or_else(|| wait_until_reset(response));
    }
    failure.with("providerMessage", said)
}

fn wrong_region(domain: &str, wanted: Region, found: Region) -> TestFailure {
    let name = |region: Region| region.word().to_uppercase();
    TestFailure::new(
        ErrorType::InvalidConfiguration,
        format!("The domain {domain} is in Mailgun's {} region, not in the {} region", name(found), name(wanted)),
        format!("Set the region to {} or to auto.", found.word()),
    )
    .with("domain", domain)
    .with("region", found.word())
}

fn disabled(domain: &str, why: &Value) -> TestFailure {
    let mut failure = TestFailure::new(
        ErrorType::AccountSuspended,
        format!("Mailgun has disabled the domain {domain}"),
        "Sign in to Mailgun to see why, and ask its support to enable the domain again.",
    )
    .with("httpStatus", 200);
    for (member, name) in
        [("code", "disabledCode"), ("reason", "disabledReason"), ("until", "disabledUntil"), ("note", "disabledNote")]
    {
        if let Some(value) = words(why.get(member)) {
            failure = failure.with(name, clip(&value, 300));
        }
    }
    failure
}

/// The failure of a domain that exists but cannot send; `None` for an active one and for states we do not know.
fn not_sending(domain: &str, state: &str, body: &Value) -> Option<TestFailure> {
    let failure = match state {
        "unverified" => TestFailure::new(
            ErrorType::InvalidConfiguration,
            format!("Mailgun has not verified the domain {domain}: DNS records are missing"),
            "Add the DNS records that Mailgun shows under Sending → Domains, then press Verify there.",
        )
        .with("missingDnsRecords", missing_records(body)),
        "inactive" | "disabled" => TestFailure::new(
            ErrorType::AccountSuspended,
            format!("The domain {domain} is {state} at Mailgun"),
            "Sign in to Mailgun to see why, and ask its support to enable the domain again.",
        ),
        _ => return None,
    };
    Some(failure.with("httpStatus", 200))
}

/// The records for sending that Mailgun does not find in DNS, at most ten.
fn missing_records(body: &Value) -> Vec<Value> {
    let records = body["sending_dns_records"].as_array().map(Vec::as_slice).unwrap_or_default();
    records
        .iter()
        .filter(|record| record["valid"] != "valid")
        .take(10)
        .map(|record| {
            let text = |name: &str| clip(&words(record.get(name)).unwrap_or_default(), 600);
            json!({"type": text("record_type"), "name": text("name"), "value": text("value")})
        })
        .collect()
}
