//! Which addresses are on the public network, from the IANA registries.
//!
//! The rule is positive for IPv6: only what is inside `2000::/3` and not carved
//! out of it. Enumerating ways to write an IPv4 address inside an IPv6 one is a
//! race that senders keep losing (SIIT, ISATAP, Teredo, NAT64).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};

/// Whether anybody on the internet could be called at this address.
#[must_use]
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => !SPECIAL_V4.iter().any(|net| net.contains(&ip)),
        IpAddr::V6(ip) => GLOBAL_V6.contains(&ip) && !SPECIAL_V6.iter().any(|net| net.contains(&ip)),
    }
}

/// Whether no operator can open this address: services that hand out a
/// machine's credentials, and addresses that are not one receiver.
pub(super) fn is_never_called(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => NEVER_V4.iter().any(|net| net.contains(&ip)),
        IpAddr::V6(ip) => {
            NEVER_V6.iter().any(|net| net.contains(&ip))
                || embedded(ip).is_some_and(|ip| is_never_called(IpAddr::V4(ip)))
        }
    }
}

/// The IPv4 address that a translator would make of an IPv6 one.
fn embedded(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let [a, b, c, d] = [12, 13, 14, 15].map(|at| ip.octets()[at]);
    let last = Ipv4Addr::new(a, b, c, d);
    // `::1` looks like an IPv4-compatible address and is none (RFC 4291 §2.5.3).
    if !ip.is_loopback() && NAT64.iter().any(|net| net.contains(&ip)) {
        return Some(last);
    }
    // RFC 3056 §2: 6to4 carries the address in bits 16 to 48.
    let [_, _, a, b, c, d, ..] = ip.octets();
    SIX_TO_FOUR.contains(&ip).then(|| Ipv4Addr::new(a, b, c, d))
}

const fn v4(a: u8, b: u8, c: u8, d: u8, length: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), length)
}

const fn v6(head: [u16; 4], tail: [u16; 4], length: u8) -> Ipv6Net {
    let ([a, b, c, d], [e, f, g, h]) = (head, tail);
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, d, e, f, g, h), length)
}

const NONE: [u16; 4] = [0; 4];

// https://www.iana.org/assignments/iana-ipv4-special-registry, multicast and class E.
const SPECIAL_V4: [Ipv4Net; 19] = [
    v4(0, 0, 0, 0, 8),
    v4(10, 0, 0, 0, 8),
    v4(100, 64, 0, 0, 10),
    v4(127, 0, 0, 0, 8),
    v4(168, 63, 129, 16, 32), // Azure's wire server: public by number only.
    v4(169, 254, 0, 0, 16),
    v4(172, 16, 0, 0, 12),
    v4(192, 0, 0, 0, 24),
    v4(192, 0, 2, 0, 24),
    v4(192, 31, 196, 0, 24),
    v4(192, 52, 193, 0, 24),
    v4(192, 88, 99, 0, 24),
    v4(192, 168, 0, 0, 16),
    v4(192, 175, 48, 0, 24),
    v4(198, 18, 0, 0, 15),
    v4(198, 51, 100, 0, 24),
    v4(203, 0, 113, 0, 24),
    v4(224, 0, 0, 0, 4),
    v4(240, 0, 0, 0, 4),
];

const GLOBAL_V6: Ipv6Net = v6([0x2000, 0, 0, 0], NONE, 3);
const SIX_TO_FOUR: Ipv6Net = v6([0x2002, 0, 0, 0], NONE, 16);

// What https://www.iana.org/assignments/iana-ipv6-special-registry carves out of 2000::/3.
const SPECIAL_V6: [Ipv6Net; 5] = [
    v6([0x2001, 0, 0, 0], NONE, 23), // Teredo, benchmarking, ORCHID.
    v6([0x2001, 0xdb8, 0, 0], NONE, 32),
    SIX_TO_FOUR,
    v6([0x2620, 0x4f, 0x8000, 0], NONE, 48), // AS112.
    v6([0x3fff, 0, 0, 0], NONE, 20),
];

// RFC 6052 §2.1 and RFC 8215, RFC 4291 §2.5.5, RFC 2765 §2.1: the last 32 bits are an IPv4 address.
const NAT64: [Ipv6Net; 5] = [
    v6([0x64, 0xff9b, 0, 0], NONE, 96),
    v6([0x64, 0xff9b, 1, 0], NONE, 48),
    v6([0, 0, 0, 0], NONE, 96),
    v6([0, 0, 0, 0], [0, 0xffff, 0, 0], 96),
    v6([0, 0, 0, 0], [0xffff, 0, 0, 0], 96),
];

const NEVER_V4: [Ipv4Net; 7] = [
    v4(0, 0, 0, 0, 8),
    v4(100, 100, 100, 200, 32), // Alibaba.
    v4(168, 63, 129, 16, 32),   // Azure.
    v4(169, 254, 0, 0, 16),     // Link-local: AWS, GCP, Azure, Tencent and the rest.
    v4(192, 0, 0, 192, 32),     // Oracle.
    v4(224, 0, 0, 0, 4),
    v4(240, 0, 0, 0, 4),
];

const NEVER_V6: [Ipv6Net; 6] = [
    v6(NONE, NONE, 128),
    v6([0xfd00, 0xec2, 0, 0], [0, 0, 0, 0x254], 128), // AWS.
    v6([0xfd20, 0xce, 0, 0], [0, 0, 0, 0x254], 128),  // GCP.
    v6([0xfd00, 0x42, 0, 0], [0, 0, 0, 0x42], 128),   // Scaleway.
    v6([0xfe80, 0, 0, 0], NONE, 10),
    v6([0xff00, 0, 0, 0], NONE, 8),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(ip: &str, public: bool, never: bool) {
        let ip = ip.parse().unwrap();
        assert_eq!((is_public(ip), is_never_called(ip)), (public, never), "{ip}");
    }

    #[test]
    fn every_edge_of_the_registries_falls_on_its_side() {
        for ip in ["1.0.0.0", "9.255.255.255", "11.0.0.1", "100.63.255.255", "100.128.0.0", "126.255.255.255"]
        {
            check(ip, true, false);
        }
        for ip in
            ["128.0.0.1", "172.15.255.255", "172.32.0.0", "192.169.0.1", "198.20.0.1", "223.255.255.255"]
        {
            check(ip, true, false);
        }
        for ip in ["10.0.0.1", "100.64.0.1", "127.0.0.1", "172.31.255.255", "192.168.0.1", "198.19.255.255"] {
            check(ip, false, false);
        }
        for ip in ["2001:200::1", "2003::1", "2606:2800:21f::1", "3fff:1000::1", "2001:db7::1"] {
            check(ip, true, false);
        }
        for ip in
            ["::1", "fd00::1", "4000::1", "1fff::1", "2001:1ff::1", "2001:db8::1", "3fff:fff::1", "fec0::1"]
        {
            check(ip, false, false);
        }
    }

    #[test]
    fn metadata_is_never_called_however_it_is_written() {
        for ip in ["0.0.0.0", "169.254.169.254", "100.100.100.200", "168.63.129.16", "255.255.255.255", "::"]
        {
            check(ip, false, true);
        }
        for ip in ["fd00:ec2::254", "fe80::a9fe:a9fe", "ff02::1", "::ffff:169.254.169.254", "::a9fe:a9fe"] {
            check(ip, false, true);
        }
        for ip in ["64:ff9b::a9fe:a9fe", "64:ff9b:1::a9fe:a9fe", "2002:a9fe:a9fe::", "::ffff:0:a9fe:a9fe"] {
            check(ip, false, true);
        }
    }
}
