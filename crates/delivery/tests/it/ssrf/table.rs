//! Every destination against a canary in place of the network.

use std::sync::Arc;
use std::time::Duration;

use delivery::egress::{Loopback, Options, Policy};
use model::Category;

use super::{Line, corpus, names, parsed, policy};
use crate::memory::Memory;
use crate::receiver::{Do, answer, say};
use crate::stage::{self, Table, call, webhook};

/// How a destination ended: contacts made, and the category of the failure.
async fn visit(policy: Policy, url: &str, scripts: Vec<Vec<Do>>) -> (usize, Option<Category>) {
    let network = Memory::new(scripts);
    let caller = stage::in_world(policy, Arc::new(Table(names::resolve)), Arc::clone(&network) as _);
    let prepared = caller.prepare(&webhook(url)).unwrap();
    let report = call(&caller, &prepared, Duration::from_secs(15)).await;
    (network.contacts(), stage::category(&report))
}

fn is_refusal(category: Option<Category>) -> bool {
    matches!(category, Some(Category::NetworkBlocked | Category::Dns))
}

fn of(verdicts: &[&str]) -> Vec<Line> {
    corpus().into_iter().filter(|line| verdicts.contains(&line.verdict.as_str())).collect()
}

#[tokio::test(start_paused = true)]
async fn what_must_be_refused_is_refused_before_anything_is_dialled() {
    let mut wrong = Vec::new();
    for line in of(&["DENY", "DENY-DEFAULT"]) {
        let Some(url) = parsed(&line) else { continue };
        let (contacts, category) = visit(policy(), url.as_url().as_str(), vec![]).await;
        if contacts > 0 || !is_refusal(category) {
            wrong.push(format!("{line:?}: {contacts} contacts, {category:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(start_paused = true)]
async fn what_must_be_reached_is_dialled_once_and_nothing_else_is() {
    for line in of(&["ALLOW", "CONTROL"]) {
        let url = parsed(&line).unwrap_or_else(|| panic!("{line:?} is a URL"));
        let (contacts, category) = visit(policy(), url.as_url().as_str(), vec![]).await;
        assert!((1..=2).contains(&contacts), "{line:?}: {contacts} contacts");
        assert_eq!(category, Some(Category::ConnectRefused), "{line:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_port_of_another_protocol_is_reached_if_the_operator_lists_it() {
    for line in of(&["DENY-DEFAULT"]) {
        let url = parsed(&line).unwrap();
        let options = Options { ports: vec![url.port()], ..Options::default() };
        let opened = Policy::new(options, Loopback::Refused);
        assert!(visit(opened, url.as_url().as_str(), vec![]).await.0 > 0, "{line:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_answer_leads_to_a_second_contact() {
    for line in of(&["NOFOLLOW"]) {
        let (status, place) = line.note.strip_prefix("status ").unwrap().split_once(", ").unwrap();
        let script = if status == "103" {
            vec![
                Do::Hear,
                say(format!("HTTP/1.1 103 Hints\r\nlink: <{place}>\r\n\r\n")),
                answer("200 OK", "", ""),
            ]
        } else {
            let headers = format!("location: {place}\r\nalt-svc: {place}\r\nwww-authenticate: {place}\r\n");
            vec![Do::Hear, answer(&format!("{status} Go"), &headers, "")]
        };
        // The canary speaks no TLS; what an answer leads to does not depend on it.
        let url = line.url.replacen("https:", "http:", 1);
        let (contacts, category) = visit(policy(), &url, vec![script]).await;
        assert_eq!(contacts, 1, "{line:?}");
        let is_success = matches!(status, "103" | "201");
        assert_eq!(category.is_none(), is_success, "{line:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn without_the_guard_the_canary_is_reached() {
    // The negative control: a table that cannot catch an open guard proves nothing.
    let mut reached = 0;
    for line in of(&["DENY"]) {
        let Some(url) = parsed(&line) else { continue };
        let everything = ["0.0.0.0/0", "::/0"].map(|text| text.parse().unwrap());
        let options = Options { allow: everything.to_vec(), ..Options::default() };
        let open = Policy::new(options, Loopback::Allowed);
        reached += usize::from(visit(open, url.as_url().as_str(), vec![]).await.0 > 0);
    }
    assert!(reached >= 15, "{reached}");
}
