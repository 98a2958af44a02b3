//! What the names of the table resolve to; a name that is not here does not exist.

use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};

const PUBLIC: &[&str] = &["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"];

pub(super) fn resolve(name: &str) -> Vec<IpAddr> {
    if name == "huge-answer.test" {
        // A thousand addresses, the last of them private.
        let public = (0..999_u32).map(|n| IpAddr::from((0x0800_0000 + n).to_be_bytes()));
        return public.chain([IpAddr::from([10, 0, 0, 1])]).collect();
    }
    listed(name).iter().map(|ip| ip.parse().unwrap()).collect()
}

fn listed(name: &str) -> &'static [&'static str] {
    match name {
        "public.test" | "hooks.test" | "other-public.test" | "example.com" | "xn--bcher-kva.test"
        | "under_score.test" => PUBLIC,
        "localhost" | "foo.localhost" | "localtest.me" => &["127.0.0.1", "::1"],
        "localhost.localdomain" | "127.0.0.1.nip.io" => &["127.0.0.1"],
        "ip6-loopback" => &["::1"],
        "metadata.google.internal"
        | "metadata"
        | "instance-data"
        | "169-254-169-254.sslip.io"
        | "cname-to-internal.test" => &["169.254.169.254"],
        "metadata.tencentyun.com" => &["169.254.0.23"],
        "rancher-metadata" => &["169.254.169.250"],
        "kubernetes.default.svc" | "host.docker.internal" | "gateway.docker.internal" => &["10.43.0.1"],
        "consul.service.consul" | "intranet" | "router.home.arpa" | "db.internal" | "nas.lan" => {
            &["192.168.1.1"]
        }
        "a-private.test" | "cname-chain-9.test" => &["10.0.0.1"],
        "a-cgnat.test" => &["100.64.0.1"],
        "aaaa-ula.test" => &["fd00::1"],
        "aaaa-mapped.test" => &["::ffff:169.254.169.254"],
        "aaaa-6to4.test" => &["2002:7f00:1::1"],
        "mixed-public-private.test" => &["93.184.215.14", "10.0.0.1"],
        "bcast.test" => &["255.255.255.255"],
        "self.test" | "this-server.test" => &["93.184.215.99"],
        "broker.test" | "db.test" => &["93.184.215.20"],
        // Public when the webhook was saved, private by the time of the attempt.
        "rebind-retry.test" | "rebind-keepalive.test" => rebound(),
        "x.onion" | "x.example" => PUBLIC,
        _ => &[],
    }
}

static ASKED: AtomicUsize = AtomicUsize::new(0);

fn rebound() -> &'static [&'static str] {
    ASKED.fetch_add(1, Ordering::SeqCst);
    &["10.0.0.1"]
}
