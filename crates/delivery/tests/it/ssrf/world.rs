//! Every destination with the real dialer, in a network namespace in which
//! every address on earth is this machine and nothing can leave it.

use std::collections::BTreeSet;
use std::net::Ipv6Addr;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use delivery::Caller;
use delivery::egress::{Egress, Loopback, Options, Policy, SystemDialer};
use tokio::net::TcpListener;

use super::{Line, corpus, names, parsed, policy};
use crate::stage::{Table, call, webhook};

const INSIDE: &str = "CAREHOOK_SSRF_INSIDE";
const SCRIPT: &str = "set -e; ip link set lo up; ip route add local 0.0.0.0/0 dev lo; \
    ip -6 route add local ::/0 dev lo; exec \"$0\" --exact ssrf::world::real_connects_reach_only_what_they_may --nocapture";

#[test]
fn real_connects_reach_only_what_they_may() {
    if std::env::var_os(INSIDE).is_some() {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(inside());
        return;
    }
    let mut outside = Command::new("unshare");
    outside.args(["--user", "--map-root-user", "--net", "sh", "-c", SCRIPT]);
    outside.arg(std::env::current_exe().unwrap()).env(INSIDE, "1");
    let ran = outside.output().expect("the program `unshare` (util-linux) is needed for this test");
    let told = String::from_utf8_lossy(&ran.stderr) + String::from_utf8_lossy(&ran.stdout);
    assert!(
        ran.status.success(),
        "a network namespace (unshare --net, ip route add local) is needed: {told}"
    );
    assert!(told.contains("1 passed"), "{told}");
}

async fn inside() {
    let lines: Vec<_> = corpus().into_iter().filter_map(|line| Some((parsed(&line)?, line))).collect();
    let ports: BTreeSet<u16> = lines.iter().map(|(url, _)| url.port()).collect();
    let contacts = Arc::new(AtomicUsize::new(0));
    for port in ports {
        listen(port, &contacts).await;
    }
    let mut wrong = Vec::new();
    for (url, line) in &lines {
        let Some(expected) = expectation(line) else { continue };
        let reached = visit(policy(), url.as_url().as_str(), &contacts).await;
        if reached != expected {
            wrong.push(format!("{line:?}: reached: {reached}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));

    // The negative control: with the guard open the canary must be caught out.
    let everything = ["0.0.0.0/0", "::/0"].map(|text| text.parse().unwrap());
    let options = Options { allow: everything.to_vec(), ..Options::default() };
    let mut caught = 0;
    for (url, _) in lines.iter().filter(|(_, line)| line.verdict == "DENY") {
        let open = Policy::new(options.clone(), Loopback::Allowed);
        caught += usize::from(visit(open, url.as_url().as_str(), &contacts).await);
    }
    assert!(caught >= 15, "{caught}");
}

/// Whether a line may be reached; none if its verdict is about what comes after.
fn expectation(line: &Line) -> Option<bool> {
    match line.verdict.as_str() {
        "DENY" | "DENY-DEFAULT" => Some(false),
        "ALLOW" | "CONTROL" => Some(true),
        _ => None,
    }
}

async fn visit(policy: Policy, url: &str, contacts: &AtomicUsize) -> bool {
    let egress = Egress::new(policy, Arc::new(Table(names::resolve)), Arc::new(SystemDialer::default()));
    let caller = Caller::new(Arc::new(egress));
    let prepared = caller.prepare(&webhook(url)).unwrap();
    let before = contacts.load(Ordering::SeqCst);
    call(&caller, &prepared, Duration::from_secs(5)).await;
    // An accept is counted as soon as the canary gets its turn.
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    contacts.load(Ordering::SeqCst) > before
}

/// A canary: counts whoever connects, and closes. A socket for IPv6 takes IPv4 too.
async fn listen(port: u16, contacts: &Arc<AtomicUsize>) {
    let listener = TcpListener::bind((Ipv6Addr::UNSPECIFIED, port)).await.unwrap();
    let contacts = Arc::clone(contacts);
    drop(observe::tasks::spawn("test-canary", async move {
        while let Ok((stream, _)) = listener.accept().await {
            contacts.fetch_add(1, Ordering::SeqCst);
            drop(stream);
        }
    }));
}
