//! The test call, and what is judged before a webhook is saved.

use std::sync::Arc;

use bytes::Bytes;
use delivery::egress::{Loopback, Options, Policy};
use delivery::{Caller, NoSample, Rehearsals, Samples};
use model::{
    Auth, Code, EventType, Ids, ManualClock, Media, Rehearsal, Rehearse, Secret, Timestamp, Webhook,
};

use privacy::Disclosed;

use crate::memory::Memory;
use crate::receiver::{Do, Receiver, answer};
use crate::stage::{self, BODY, Table, now, webhook};

struct Same;

#[async_trait::async_trait]
impl Samples for Same {
    async fn body(&self, _: &Webhook, event_type: &EventType, _: Timestamp) -> Result<Disclosed, NoSample> {
        let is_known = event_type.as_str() == "lab.result.critical";
        let body = || Disclosed::plain(Bytes::from_static(BODY), Media::Json);
        is_known.then(body).ok_or_else(|| NoSample::Unknown(event_type.clone()))
    }
}

fn rehearsals(caller: Arc<Caller>) -> Rehearsals {
    Rehearsals::new(caller, Arc::new(ManualClock::at(now())), Arc::new(Ids::new(7, 0)), Arc::new(Same))
}

async fn rehearse(hook: Webhook) -> Rehearsal {
    let event_type: EventType = serde_json::from_str("\"lab.result.critical\"").unwrap();
    rehearsals(stage::on_loopback().0).rehearse(hook, event_type).await
}

fn names(rehearsal: &Rehearsal) -> Vec<(&'static str, bool)> {
    rehearsal.steps.iter().map(|step| (step.name, step.ok)).collect()
}

#[tokio::test]
async fn a_test_call_tells_each_step_and_masks_credentials() {
    let receiver = Receiver::plain(vec![Do::Hear, answer("200 OK", "", "")]).await;
    let mut hook = webhook(&receiver.url());
    hook.auth = Auth::Bearer { token: Secret::new("very-secret".to_owned()) };
    let rehearsal = rehearse(hook).await;
    assert!(rehearsal.ok);
    assert_eq!(rehearsal.status, Some(200));
    assert_eq!(names(&rehearsal), [("dns", true), ("connect", true), ("request", true), ("response", true)]);
    assert!(receiver.requests()[0].contains("authorization: Bearer very-secret"));
    assert!(!format!("{rehearsal:?}").contains("very-secret"));
    assert!(rehearsal.request_headers.contains(&("authorization".to_owned(), "(masked)".to_owned())));
}

#[tokio::test]
async fn a_test_call_stops_at_the_step_that_failed() {
    let receiver = Receiver::plain(vec![Do::Hear, answer("302 Found", "location: /\r\n", "")]).await;
    let rehearsal = rehearse(webhook(&receiver.url())).await;
    assert_eq!((rehearsal.ok, rehearsal.status), (false, Some(302)));
    assert_eq!(names(&rehearsal).last(), Some(&("response", false)));
    let last = rehearsal.steps.last().unwrap();
    assert_eq!(last.error, Some("redirect_refused"));
    assert!(last.detail.as_ref().unwrap().contains("enter the final URL"));

    let receiver = Receiver::plain(vec![]).await;
    let rehearsal = rehearse(webhook(&format!("https://{}/", receiver.address))).await;
    assert_eq!(names(&rehearsal), [("dns", true), ("connect", true), ("tls", false)]);

    let rehearsal = rehearse(webhook("http://10.0.0.1/")).await;
    assert_eq!(names(&rehearsal), [("dns", false)]);
    assert_eq!(rehearsal.steps[0].error, Some("network_blocked"));
    let why = rehearsal.steps[0].detail.clone().unwrap();
    assert!(why.starts_with("10.0.0.1 is not on the public network"), "{why}");
}

#[tokio::test]
async fn a_test_call_tells_what_the_receiver_answered_and_masks_what_could_be_a_credential() {
    let head = "x-reason: database away\r\nset-cookie: session=very-secret\r\nx-api-key: very-secret\r\n";
    let receiver = Receiver::plain(vec![Do::Hear, answer("500 Oops", head, "{\"why\":\"away\"}")]).await;
    let rehearsal = rehearse(webhook(&receiver.url())).await;
    let last = rehearsal.steps.last().unwrap();
    assert_eq!((last.error, last.detail.as_deref()), (Some("http_5xx"), Some("the receiver answered 500")));
    let answer = rehearsal.answer.unwrap();
    let value = |name: &str| answer.headers.iter().find(|(found, _)| found == name).unwrap().1.clone();
    assert_eq!(value("x-reason"), "database away");
    assert_eq!((value("set-cookie"), value("x-api-key")), ("(masked)".to_owned(), "(masked)".to_owned()));
    assert_eq!(answer.body, "{\"why\":\"away\"}");

    let refused = rehearse(webhook("http://10.0.0.1/")).await;
    assert_eq!(refused.answer, None);
}

fn resolved(name: &str) -> Vec<std::net::IpAddr> {
    let text = match name {
        "public.test" => "93.184.215.14",
        "private.test" => "10.2.3.4",
        _ => return vec![],
    };
    vec![text.parse().unwrap()]
}

#[tokio::test]
async fn a_name_of_documentation_may_be_saved_and_is_never_called() {
    let network = Memory::new(vec![]);
    let policy = Policy::new(Options::default(), Loopback::Refused);
    let caller = stage::in_world(policy, Arc::new(Table(resolved)), Arc::clone(&network) as _);
    let rehearsals = rehearsals(caller);
    for url in ["https://portal.example/hooks", "https://a.example./hook"] {
        let hook = webhook(url);
        assert!(rehearsals.judge(&hook).await.is_ok(), "{url}");
        let rehearsal = rehearsals.rehearse(hook, EventType::from("lab.result.critical")).await;
        assert_eq!(names(&rehearsal), [("dns", false)]);
        assert_eq!(rehearsal.steps[0].error, Some("network_blocked"));
        let why = rehearsal.steps[0].detail.clone().unwrap();
        assert!(why.starts_with("names below .example"), "{why}");
    }
    for url in ["https://nas.lan/", "https://example.internal/", "https://127.0.0.1/"] {
        let problem = rehearsals.judge(&webhook(url)).await.unwrap_err();
        assert_eq!(
            (problem.code, problem.field.as_deref()),
            (Code::UrlPrivateAddress, Some("/url")),
            "{url}"
        );
        assert!(problem.fix.is_some(), "{url}");
    }
    assert_eq!(network.contacts(), 0);
}

#[tokio::test]
async fn where_a_webhook_leads_is_judged_before_it_is_saved() {
    let allow = vec!["10.9.0.0/16:443".parse().unwrap()];
    let options =
        Options { allow, source_addresses: vec!["198.51.100.7".parse().unwrap()], ..Options::default() };
    let network = Memory::new(vec![]);
    let policy = Policy::new(options, Loopback::Refused);
    let caller = stage::in_world(policy, Arc::new(Table(resolved)), Arc::clone(&network) as _);
    let rehearsals = rehearsals(caller);
    for (url, expected) in [
        ("https://public.test/", Ok(())),
        ("https://not-yet.test/", Ok(())),
        ("https://10.9.0.1/", Ok(())),
        ("https://private.test/", Err(Code::UrlPrivateAddress)),
        ("https://10.9.0.1:8443/", Err(Code::UrlPrivateAddress)),
        ("https://127.0.0.1/", Err(Code::UrlPrivateAddress)),
        ("https://169.254.169.254/", Err(Code::UrlPrivateAddress)),
        ("https://public.test:6379/", Err(Code::UrlBadPort)),
        ("https://-bad-.test/", Err(Code::UrlBadHost)),
    ] {
        let judged = rehearsals.judge(&webhook(url)).await;
        let mends = judged.as_ref().err().is_none_or(|problem| problem.fix.is_some());
        assert!(mends, "{url}: no fix");
        assert_eq!(judged.map_err(|problem| problem.code), expected, "{url}");
    }
    let mut hook = webhook("https://public.test/");
    hook.auth = Auth::Headers { headers: vec![("Host".to_owned(), Secret::new("x".to_owned()))] };
    let problem = rehearsals.judge(&hook).await.unwrap_err();
    assert_eq!((problem.code, problem.field.as_deref()), (Code::InvalidField, Some("/auth/headers/0")));
    assert_eq!(problem.detail, "this header is set by Carehook.");
    assert_eq!(network.contacts(), 0);

    let facts = rehearsals.egress();
    assert_eq!(facts.allowed_networks, ["10.9.0.0/16:443"]);
    assert_eq!(facts.source_addresses, ["198.51.100.7"]);
}
