//! What fuzzers feed. Corpora are replayed by the tests.

use std::net::IpAddr;

use model::{HookUrl, PlainHttp};
use url::Host;

use crate::egress::{Loopback, Options, Policy};

/// Reads bytes as a destination and judges it.
///
/// # Panics
/// If an address passes that the plainest reading of the registries forbids.
pub fn url_guard(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok((url, _)) = HookUrl::read(text, PlainHttp::Allowed) else { return };
    let policy = Policy::new(Options::default(), Loopback::Refused);
    let ip = match url.host() {
        Host::Ipv4(ip) => IpAddr::V4(ip),
        Host::Ipv6(ip) => IpAddr::V6(ip),
        Host::Domain(_) => return,
    };
    if policy.allows_literal(ip, url.port()) {
        assert!(!is_plainly_private(ip), "the guard lets {ip} through");
    }
}

/// Written without looking at the guard's tables.
fn is_plainly_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, ..] = ip.octets();
            ip.is_private()
                || ip.is_loopback()
                || ip.is_link_local()
                || ip.is_broadcast()
                || ip.is_documentation()
                || matches!(a, 0 | 127 | 224..)
                || (a == 100 && (64..128).contains(&b))
                || (a == 198 && (18..20).contains(&b))
        }
        IpAddr::V6(ip) => {
            let [a, b, ..] = ip.segments();
            !(0x2000..0x4000).contains(&a) || a == 0x2002 || (a == 0x2001 && (b < 0x200 || b == 0xdb8))
        }
    }
}
