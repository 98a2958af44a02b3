//! The corpora of the fuzz targets, replayed.

use proptest::prelude::*;

#[test]
fn no_known_destination_breaks_the_guard() {
    for line in crate::ssrf::corpus() {
        delivery::fuzz::url_guard(line.url.as_bytes());
    }
}

proptest! {
    #[test]
    fn no_destination_breaks_the_guard(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        delivery::fuzz::url_guard(&bytes);
        delivery::fuzz::url_guard(&[b"http://", bytes.as_slice()].concat());
    }

    #[test]
    fn no_address_breaks_the_guard(v4 in any::<u32>(), v6 in any::<u128>()) {
        for text in [
            format!("http://{}/", std::net::Ipv4Addr::from(v4)),
            format!("http://{v4}/"),
            format!("http://[{}]/", std::net::Ipv6Addr::from(v6)),
            // Most of the space is outside 2000::/3; this half is not.
            format!("http://[{}]/", std::net::Ipv6Addr::from(v6 >> 3 | 1 << 125)),
        ] {
            delivery::fuzz::url_guard(text.as_bytes());
        }
    }
}
