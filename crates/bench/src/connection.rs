//! One keep-alive HTTP/1.1 connection on loopback, and the requests that go over it.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::Pin;

use hyper::body::{Body as _, Incoming};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderMap, HeaderValue};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use uuid::Uuid;

use crate::failure::{Failure, Result};

/// An answer, read to its end.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The first event id in the answer of `POST …/events`, found without parsing the JSON.
    pub(crate) fn first_id(&self) -> Option<u128> {
        const NAME: &[u8] = b"\"id\":\"";
        let at = self.body.windows(NAME.len()).position(|window| window == NAME)? + NAME.len();
        Uuid::try_parse_ascii(self.body.get(at..at + 36)?).ok().map(|id| id.as_u128())
    }

    /// For an error message: the status and the beginning of the body.
    pub(crate) fn shown(&self) -> String {
        let text = String::from_utf8_lossy(&self.body);
        format!("{} {}", self.status, text.chars().take(300).collect::<String>())
    }
}

/// Reads a body to its end.
pub(crate) async fn read(mut body: Incoming) -> hyper::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        if let Ok(data) = frame?.into_data() {
            bytes.extend_from_slice(&data);
        }
    }
    Ok(bytes)
}

/// A connection that carries one request after the other.
pub(crate) struct Connection(SendRequest<String>);

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, driver) = handshake(TokioIo::new(stream)).await?;
        // How the connection ended is seen by the request that it was carrying.
        tokio::spawn(async move { drop(driver.await) });
        Ok(Self(sender))
    }

    /// Whether it can carry another request: a server may close what was idle for a while.
    pub(crate) async fn is_open(&mut self) -> bool {
        self.0.ready().await.is_ok()
    }

    pub(crate) async fn send(&mut self, request: Request<String>) -> Result<Answer> {
        self.0.ready().await?;
        let response = self.0.send_request(request).await?;
        let (head, body) = response.into_parts();
        Ok(Answer { status: head.status.as_u16(), headers: head.headers, body: read(body).await? })
    }
}

impl Connection {
    /// Reads an answer's body as it comes and lets it go; answers its bytes and lines.
    pub(crate) async fn drain(&mut self, request: Request<String>) -> Result<(u64, u64)> {
        self.0.ready().await?;
        let response = self.0.send_request(request).await?;
        if response.status() != 200 {
            return Err(Failure::told(format!("a file was answered {}", response.status())));
        }
        let mut body = response.into_body();
        let (mut bytes, mut lines) = (0, 0);
        while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
            if let Ok(data) = frame?.into_data() {
                bytes += data.len() as u64;
                lines += data.iter().filter(|byte| **byte == b'\n').count() as u64;
            }
        }
        Ok((bytes, lines))
    }
}

/// Where requests go and with whose key.
#[derive(Clone)]
pub(crate) struct Target {
    pub(crate) address: SocketAddr,
    authorization: Option<HeaderValue>,
}

impl Target {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self { address, authorization: None }
    }

    pub(crate) fn with_key(address: SocketAddr, key: &str) -> Result<Self> {
        let mut value = HeaderValue::from_str(&format!("Bearer {key}"))
            .map_err(|_| Failure::told("the API key holds characters that no header may have"))?;
        value.set_sensitive(true);
        Ok(Self { address, authorization: Some(value) })
    }

    pub(crate) fn request(&self, method: Method, path: &str, body: String) -> Result<Request<String>> {
        let mut request = Request::builder().method(method).uri(path).header(HOST, self.address.to_string());
        if let Some(authorization) = &self.authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        if !body.is_empty() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        Ok(request.body(body)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(body: &str) -> Answer {
        Answer { status: 202, headers: HeaderMap::new(), body: body.as_bytes().to_vec() }
    }

    #[test]
    fn the_first_id_is_read_from_one_or_many() {
        let id = "019ab4c2-7f00-7cc3-98c4-dc0c0c07398f";
        let expected = Some(id.parse::<Uuid>().unwrap().as_u128());
        let one = format!(r#"{{"success":true,"data":{{"id":"{id}","type":"payment.success"}}}}"#);
        assert_eq!(answer(&one).first_id(), expected);
        let many = format!(r#"{{"success":true,"data":[{{"id":"{id}"}},{{"id":"x"}}]}}"#);
        assert_eq!(answer(&many).first_id(), expected);
    }

    #[test]
    fn an_answer_without_a_whole_id_has_none() {
        for body in
            ["", "{}", r#"{"data":{"id":"019ab4c2"#, r#"{"data":{"id":"not-a-uuid-not-a-uuid-not-a-uuid-not"}}"#]
        {
            assert_eq!(answer(body).first_id(), None, "{body}");
        }
    }
}
