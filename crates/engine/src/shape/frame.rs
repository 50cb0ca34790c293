//! What the hub and its shape worker say to each other: frames of a JSON head and a raw body, each length-prefixed.
//!
//! A frame is the head's length, the body's length (four bytes each, big-endian), the head, the body. The payload travels
//! as the body, so that it is not escaped into JSON once more. Both sides refuse what is longer than agreed.

use std::io::{self, Read, Write};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt as _};

use super::Expression;

/// Bytes of a head: two expressions of 4,000 characters fit, however they are escaped.
const HEAD_LIMIT: usize = 64 * 1024;
/// Bytes of a payload that is shaped.
pub(super) const PAYLOAD_LIMIT: usize = 8 * 1024 * 1024;
/// Bytes of a body that a transformation may make.
pub(super) const OUTPUT_LIMIT: usize = 1024 * 1024;

/// What the hub asks. The body of `Shape` is the event's payload.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Request {
    /// Whether the text can be read as such an expression.
    Check { expression: Expression, text: String },
    /// What becomes of an event: one answer for the filter, where there is one, then one for the transformation, unless
    /// the filter kept the event back.
    Shape { filter: Option<String>, transformation: Option<String> },
}

/// What the worker answers.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Answer {
    /// The worker has limited itself and waits for requests. A worker of another version is not used.
    Ready { version: String },
    /// `None`: it can be read.
    Checked { problem: Option<String> },
    /// Whether the event is wanted, or why that cannot be said.
    Filtered { verdict: Result<bool, String> },
    /// The frame's body is the delivered body, unless there is a problem.
    Transformed { problem: Option<String> },
    /// The transformation makes more than [`OUTPUT_LIMIT`].
    TooLarge,
}

/// A frame as bytes, to be written in one go.
pub(super) fn encode(head: &impl Serialize, body: &[u8]) -> io::Result<Vec<u8>> {
    let head = serde_json::to_vec(head)?;
    let too_long = |_| io::Error::new(io::ErrorKind::InvalidInput, "the frame is too long");
    let mut frame = Vec::with_capacity(8 + head.len() + body.len());
    frame.extend_from_slice(&u32::try_from(head.len()).map_err(too_long)?.to_be_bytes());
    frame.extend_from_slice(&u32::try_from(body.len()).map_err(too_long)?.to_be_bytes());
    frame.extend_from_slice(&head);
    frame.extend_from_slice(body);
    Ok(frame)
}

/// The lengths of head and body, where both are within bounds.
fn lengths(prefix: [u8; 8], body_limit: usize) -> io::Result<(usize, usize)> {
    let [h0, h1, h2, h3, b0, b1, b2, b3] = prefix;
    let length = |bytes| usize::try_from(u32::from_be_bytes(bytes)).unwrap_or(usize::MAX);
    let (head, body) = (length([h0, h1, h2, h3]), length([b0, b1, b2, b3]));
    if head > HEAD_LIMIT || body > body_limit {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "the frame is longer than agreed"));
    }
    Ok((head, body))
}

/// Reads a frame in the worker.
///
/// # Errors
/// The other side has closed its end, or what came is no frame.
pub(super) fn read<T: DeserializeOwned>(input: &mut impl Read, body_limit: usize) -> io::Result<(T, Vec<u8>)> {
    let mut prefix = [0; 8];
    input.read_exact(&mut prefix)?;
    let (head_length, body_length) = lengths(prefix, body_limit)?;
    let mut head = vec![0; head_length];
    input.read_exact(&mut head)?;
    let mut body = vec![0; body_length];
    input.read_exact(&mut body)?;
    Ok((serde_json::from_slice(&head)?, body))
}

/// Writes a frame in the worker.
///
/// # Errors
/// The other side has closed its end.
pub(super) fn write(output: &mut impl Write, head: &impl Serialize, body: &[u8]) -> io::Result<()> {
    output.write_all(&encode(head, body)?)?;
    output.flush()
}

/// As [`read`], in the hub.
///
/// # Errors
/// As [`read`].
pub(super) async fn receive<T: DeserializeOwned>(
    input: &mut (impl AsyncRead + Unpin),
    body_limit: usize,
) -> io::Result<(T, Vec<u8>)> {
    let mut prefix = [0; 8];
    input.read_exact(&mut prefix).await?;
    let (head_length, body_length) = lengths(prefix, body_limit)?;
    let mut head = vec![0; head_length];
    input.read_exact(&mut head).await?;
    let mut body = vec![0; body_length];
    input.read_exact(&mut body).await?;
    Ok((serde_json::from_slice(&head)?, body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_arrives_as_it_was_sent() {
        let text = "\u{1}\"é".repeat(1_000);
        let request = Request::Check { expression: Expression::Filter, text: text.clone() };
        let bytes = encode(&request, b"{\"a\":1}").unwrap();
        let (read, body) = read::<Request>(&mut bytes.as_slice(), PAYLOAD_LIMIT).unwrap();
        assert!(matches!(read, Request::Check { text: read, .. } if read == text));
        assert_eq!(body, b"{\"a\":1}");
    }

    #[tokio::test]
    async fn what_is_longer_than_agreed_or_no_frame_is_refused() {
        let long = encode(&Answer::TooLarge, &vec![b'x'; OUTPUT_LIMIT + 1]).unwrap();
        assert!(receive::<Answer>(&mut long.as_slice(), OUTPUT_LIMIT).await.is_err());
        let short = encode(&Answer::TooLarge, b"").unwrap();
        assert!(receive::<Answer>(&mut &short[..short.len() - 1], OUTPUT_LIMIT).await.is_err());
        for junk in [&b"HTTP/1.1 400 Bad Request"[..], &[0xff; 64], &[0; 8], b""] {
            assert!(receive::<Answer>(&mut &*junk, OUTPUT_LIMIT).await.is_err());
            assert!(read::<Request>(&mut &*junk, PAYLOAD_LIMIT).is_err());
        }
    }
}
