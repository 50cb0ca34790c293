//! Sending by Fonnte: a form, not JSON; a refusal comes under HTTP 200 with its reason.

use async_trait::async_trait;
use serde_json::Value;

use super::Device;
use super::device::profile;
use crate::http_answer::authorize;
use crate::messaging::{member, number_digits, words};
use crate::sending::{FORM, Messages, SendError, call, form, not_sent, post};

const LONGEST: usize = 60_000;

#[async_trait]
impl Messages for Device {
    async fn send_text(&self, to: &str, text: &str) -> Result<Option<String>, SendError> {
        // The number is whole already, so Fonnte must not put a country code before it.
        let members = [("target", &*number_digits(to)), ("message", text), ("countryCode", "0"), ("connectOnly", "true")];
        let mut request = post(format!("{}/send", self.base), FORM, form(&members));
        authorize(&mut request, &self.token).map_err(|failure| not_sent(&failure))?;
        let answer = call(&*self.network, "Fonnte", request).await?;
        let body = profile(&answer).map_err(|failure| not_sent(&failure))?;
        Ok(match member(&body, "id") {
            Some(Value::Array(list)) => words(list.first()),
            other => words(other),
        })
    }

    fn longest_text(&self) -> usize {
        LONGEST
    }
}
