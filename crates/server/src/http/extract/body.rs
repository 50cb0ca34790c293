//! A request body that is read only when the handler asks for it, and read to a limit.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::extract::{FromRequest, Request};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::json;
use tokio::sync::Semaphore;

use super::reason;
use crate::http::ApiError;
use crate::http::error::Fields;

/// Bytes of an ordinary body.
pub const BODY_LIMIT: usize = 1024 * 1024;
/// Bytes of a list of events or logs.
pub const LIST_LIMIT: usize = 4 * BODY_LIMIT;
/// Items of such a list.
pub const ITEM_LIMIT: usize = 1_000;
/// Bytes of all bodies that are just arriving; past them a request is told to come again.
static ARRIVING: Semaphore = Semaphore::const_new(128 * BODY_LIMIT);
const BUSY: Duration = Duration::from_secs(1);
/// Bytes of an oversized body that are read past, and how long that may take.
const DRAIN_LIMIT: usize = 16 << 20;
const DRAIN_TIME: Duration = Duration::from_secs(5);
/// How long a body may take to arrive.
const READ_TIME: Duration = Duration::from_secs(30);

/// The unread body and the headers of a request.
#[derive(Debug)]
pub struct RequestBody {
    headers: HeaderMap,
    body: Body,
}

impl<S: Send + Sync> FromRequest<S> for RequestBody {
    type Rejection = Infallible;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Infallible> {
        let (parts, body) = request.into_parts();
        Ok(Self { headers: parts.headers, body })
    }
}

impl RequestBody {
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The raw bytes, as they came.
    ///
    /// # Errors
    /// 413 over `limit` bytes, declared or real; 400 when the body breaks off or takes too long.
    pub async fn bytes(self, limit: usize) -> Result<Bytes, ApiError> {
        let declared = self.headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
        if declared.is_some_and(|declared| usize::try_from(declared).map_or(true, |declared| declared > limit)) {
            drain(self.body.into_data_stream()).await;
            return Err(ApiError::payload_too_large(limit));
        }
        let slow = |_| ApiError::bad_request("The body did not arrive within 30 seconds.");
        tokio::time::timeout(READ_TIME, collect(self.body, limit)).await.map_err(slow)?
    }

    /// The body as `T`; [`BODY_LIMIT`] is the contract's limit.
    ///
    /// # Errors
    /// 415, 413, 400 and 422, in this order. Every unknown member is named.
    pub async fn json<T: DeserializeOwned>(self, limit: usize) -> Result<T, ApiError> {
        require_json(&self.headers)?;
        read(&self.bytes(limit).await?)
    }

    /// The body as `T`, or `T`'s default where there is no body at all.
    ///
    /// # Errors
    /// As [`Self::json`].
    pub async fn optional_json<T: DeserializeOwned + Default>(self, limit: usize) -> Result<T, ApiError> {
        let typed = require_json(&self.headers);
        let is_declared = self.headers.contains_key(CONTENT_TYPE);
        if is_declared {
            typed.clone()?;
        }
        let bytes = self.bytes(limit).await?;
        if bytes.is_empty() {
            return Ok(T::default());
        }
        typed?;
        read(&bytes)
    }

    /// One `T` of at most [`BODY_LIMIT`] bytes, or a list of 1 to [`ITEM_LIMIT`] in at most [`LIST_LIMIT`].
    ///
    /// # Errors
    /// As [`Self::json`]; the path of a problem in a list begins with its index, such as `[3].type`.
    pub async fn one_or_many<T: DeserializeOwned>(self) -> Result<OneOrMany<T>, ApiError> {
        require_json(&self.headers)?;
        let bytes = self.bytes(LIST_LIMIT).await?;
        let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
        if first != Some(&b'[') {
            if bytes.len() > BODY_LIMIT {
                return Err(ApiError::payload_too_large(BODY_LIMIT));
            }
            return read(&bytes).map(OneOrMany::One);
        }
        // Counted first: what is refused for its length is not built in memory.
        let count = serde_json::from_slice::<Vec<IgnoredAny>>(&bytes).map_err(|error| malformed(&error))?.len();
        if count == 0 || count > ITEM_LIMIT {
            let problem = format!("must hold 1 to {ITEM_LIMIT} items; it holds {count}");
            return Err(ApiError::invalid(reason::WHOLE, problem));
        }
        read(&bytes).map(OneOrMany::Many)
    }
}

/// One item or a list of them; the answer has the form of the question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OneOrMany<T> {
    One(T),
    Many(Vec<T>),
}

/// Reads on for a little and throws it away: a client that is still sending would see a broken connection in place of
/// the answer.
async fn drain(mut stream: BodyDataStream) {
    let reading = async {
        let mut read = 0;
        while let Some(Ok(chunk)) = stream.next().await {
            read += chunk.len();
            if read > DRAIN_LIMIT {
                return;
            }
        }
    };
    // Whoever sends for longer than this is cut off.
    drop(tokio::time::timeout(DRAIN_TIME, reading).await);
}

async fn collect(body: Body, limit: usize) -> Result<Bytes, ApiError> {
    let mut stream = body.into_data_stream();
    let mut collected = BytesMut::new();
    let mut held = Vec::new();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| ApiError::bad_request("The body broke off before its end."))?;
        if collected.len() + chunk.len() > limit {
            drain(stream).await;
            return Err(ApiError::payload_too_large(limit));
        }
        let bytes = u32::try_from(chunk.len()).unwrap_or(u32::MAX);
        // Only what has arrived is counted: a client that sends slowly takes no more than it has sent.
        held.push(ARRIVING.try_acquire_many(bytes).map_err(|_| ApiError::unavailable(BUSY))?);
        collected.extend_from_slice(&chunk);
    }
    Ok(collected.freeze())
}

fn require_json(headers: &HeaderMap) -> Result<(), ApiError> {
    let essence = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .map(|value| value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
        .unwrap_or_default();
    let is_json = essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"));
    let is_plain = headers.get(CONTENT_ENCODING).is_none_or(|encoding| encoding == "identity");
    if is_json && is_plain { Ok(()) } else { Err(ApiError::unsupported_media_type()) }
}

fn malformed(error: &serde_json::Error) -> ApiError {
    let message = error.to_string();
    ApiError::bad_request(format!("The body is not JSON that can be read: {message}."))
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(ApiError::bad_request("The body is empty: send a JSON value."));
    }
    let mut unknown = Vec::new();
    let mut input = serde_json::Deserializer::from_slice(bytes);
    let mut track = serde_path_to_error::Track::new();
    let result: Result<T, serde_json::Error> =
        serde_ignored::deserialize(serde_path_to_error::Deserializer::new(&mut input, &mut track), |path| {
            unknown.push(reason::ignored_path(&path))
        });
    let result = result.and_then(|value| input.end().map(|()| value));
    match result {
        Ok(value) if unknown.is_empty() => Ok(value),
        Ok(_) => Err(refuse(None, unknown)),
        Err(error) if !error.is_data() => Err(malformed(&error)),
        Err(error) => {
            // Broken text after a member of the wrong type is broken text in the first place.
            serde_json::from_slice::<IgnoredAny>(bytes).map_err(|error| malformed(&error))?;
            let (field, problem) = reason::explain(&reason::failed_path(&track.path()), &error.to_string());
            Err(refuse(Some((field, problem)), unknown))
        }
    }
}

fn refuse(problem: Option<(String, String)>, unknown: Vec<String>) -> ApiError {
    let mut fields = Fields::new();
    if let Some((field, problem)) = problem {
        fields.insert(field, json!([problem]));
    }
    reason::add_unknown(&mut fields, unknown, "is not a known member");
    ApiError::validation(fields)
}
