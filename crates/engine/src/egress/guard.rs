//! Resolving, judging, and connecting to exactly what was judged: the steps that every outgoing connection takes.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use simpul_core::error_type::ErrorType;
use simpul_providers::HttpFailure;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

use super::failure::{classify_io, failure};
use super::resolver::{Resolve, Unresolved};
use crate::address::Policy;

/// Addresses of one name that are tried.
const ADDRESSES_TRIED: usize = 4;

/// What judges addresses, and where names are looked up.
pub(super) struct Guard {
    pub(super) policy: Policy,
    pub(super) resolver: Arc<dyn Resolve>,
}

/// Why a host has no address that can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoAddress {
    #[error("the name resolves only to private or reserved addresses")]
    Blocked,
    #[error(transparent)]
    Unresolved(#[from] Unresolved),
    #[error("the name could not be resolved in time")]
    Slow,
}

impl From<NoAddress> for HttpFailure {
    fn from(cause: NoAddress) -> Self {
        let error_type = match cause {
            NoAddress::Blocked => ErrorType::BlockedAddress,
            NoAddress::Unresolved(_) | NoAddress::Slow => ErrorType::DnsError,
        };
        failure(error_type, &cause.to_string())
    }
}

impl Guard {
    /// The permitted addresses of a name, or of an address written out; never none.
    pub(super) async fn addresses(&self, host: &str, deadline: Instant) -> Result<Vec<IpAddr>, NoAddress> {
        let found = match host.parse() {
            Ok(address) => vec![address],
            Err(_) => timeout_at(deadline, self.resolver.resolve(host)).await.map_err(|_| NoAddress::Slow)??,
        };
        if found.is_empty() {
            return Err(Unresolved.into());
        }
        let permitted: Vec<IpAddr> = found.into_iter().filter(|address| self.policy.permits(*address)).collect();
        if permitted.is_empty() { Err(NoAddress::Blocked) } else { Ok(permitted) }
    }
}

/// Connects to the first address that answers. Each is given its share of the time that is left, so that one that swallows packets
/// leaves time for the others.
pub(super) async fn connect_first(
    addresses: impl IntoIterator<Item = SocketAddr>,
    deadline: Instant,
) -> Result<(TcpStream, SocketAddr), HttpFailure> {
    let addresses: Vec<SocketAddr> = addresses.into_iter().take(ADDRESSES_TRIED).collect();
    let mut last = NoAddress::Unresolved(Unresolved).into();
    let mut left = u32::try_from(addresses.len()).unwrap_or(1);
    for address in addresses {
        let now = Instant::now();
        let share = deadline.saturating_duration_since(now) / left;
        left = left.saturating_sub(1).max(1);
        last = match timeout_at(now + share, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok((stream, address)),
            Ok(Err(error)) => classify_io(&error)
                .unwrap_or_else(|| failure(ErrorType::ConnectionRefused, "the connection could not be made")),
            Err(_) => failure(ErrorType::Timeout, "the connection could not be made in time"),
        };
    }
    Err(last)
}
