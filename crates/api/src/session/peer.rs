//! Who tries to sign in, as far as the connection or the proxy tells.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::ConnectInfo;
use http::HeaderName;
use http::request::Parts;

use crate::Front;

/// The address of the peer. What a client says of itself counts only behind a proxy, which writes the last entry.
pub(super) fn peer(parts: &Parts, front: Front) -> IpAddr {
    let connected = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    let told = || {
        let lines = parts.headers.get_all(&FORWARDED_FOR).iter();
        let last = lines.filter_map(|line| line.to_str().ok()).next_back()?;
        last.rsplit(',').next()?.trim().parse().ok()
    };
    let found = if front == Front::Proxy { told().or(connected) } else { connected };
    // Only a call that came by no socket has no peer.
    found.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
}

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    #[test]
    fn only_a_proxy_says_who_asks_and_only_its_own_entry_counts() {
        let request = Request::post("/session").header("x-forwarded-for", "198.51.100.7, 203.0.113.9");
        let request = request.header("x-forwarded-for", "198.51.100.8,192.0.2.4");
        let mut parts = request.body(()).unwrap().into_parts().0;
        parts.extensions.insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 9))));
        assert_eq!(peer(&parts, Front::Proxy), "192.0.2.4".parse::<IpAddr>().unwrap());
        assert_eq!(peer(&parts, Front::Plain), "127.0.0.1".parse::<IpAddr>().unwrap());
        parts.headers.clear();
        assert_eq!(peer(&parts, Front::Proxy), "127.0.0.1".parse::<IpAddr>().unwrap());
    }
}
