//! Addresses nobody uses.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::atomic::{AtomicU16, Ordering};

/// A free port of this machine.
///
/// Below the range that connections take theirs from, so that it stays free
/// while its server is down; another run of the tests begins elsewhere.
pub(crate) fn free_port() -> SocketAddr {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let offset = (std::process::id() % 89) as u16 * 150;
    loop {
        let step = NEXT.fetch_add(1, Ordering::Relaxed) % 14_000;
        let port = FIRST + (offset + step) % 14_000;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}

const FIRST: u16 = 17_000;
