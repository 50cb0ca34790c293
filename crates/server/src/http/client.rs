//! Where a request comes from, as far as it can be told: for the sign-in throttle and the activity log.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use http::header::USER_AGENT;
use http::request::Parts;

/// Longer user agents are cut.
const USER_AGENT_CHARACTERS: usize = 500;

/// The other end of the connection. Behind a proxy that is the proxy: `X-Forwarded-For` is for anyone to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// `0.0.0.0` where there is no connection.
    pub address: IpAddr,
    pub user_agent: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let address = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_canonical());
        let user_agent = parts.headers.get(USER_AGENT).and_then(|value| value.to_str().ok());
        Ok(Self {
            address: address.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
            user_agent: user_agent.map(|text| text.chars().take(USER_AGENT_CHARACTERS).collect()),
        })
    }
}
