//! Whatever is outside of the surface: test sends, ports, senders, challenges.

use std::sync::Mutex;

use async_trait::async_trait;
use model::{
    CannotBind, Category, Challenge, Challenged, Change, Code, EgressFacts, EventType, Integration,
    IntegrationId, Listeners, Planned, Preview, Problem, Reading, Readings, Rehearsal, Rehearse, Senders,
    Step, Timestamp, Webhook, WebhookId,
};
use serde_json::json;

use super::desk::NOW;

/// Whatever is outside: test sends, ports, senders.
#[derive(Default)]
pub(super) struct Outside {
    pub(super) rehearsed: Mutex<Vec<(Webhook, EventType)>>,
    pub(super) open: Mutex<Vec<IntegrationId>>,
    pub(super) tripped: Mutex<bool>,
    /// What a challenge comes to.
    pub(super) challenged: Mutex<Option<Category>>,
    pub(super) foretold: Mutex<Vec<(Change, model::Stretch)>>,
}

#[async_trait]
impl Rehearse for Outside {
    async fn rehearse(&self, webhook: Webhook, event_type: EventType) -> Rehearsal {
        self.rehearsed.lock().unwrap().push((webhook, event_type));
        let detail = Some("no such host".to_owned());
        Rehearsal {
            ok: false,
            steps: vec![Step { name: "dns", ok: false, ms: 1.5, error: Some("dns"), detail }],
            status: None,
            request_headers: vec![("webhook-id".to_owned(), "dlv_1".to_owned())],
            answer: None,
        }
    }

    async fn preview(&self, webhook: Webhook, event_type: EventType) -> Result<Preview, Problem> {
        let headers = vec![("webhook-id".to_owned(), "dlv_1".to_owned())];
        let about = json!({ "type": "patient", "system": "urn:carehook:sample", "id": "SAMPLE-1" });
        let body =
            json!({ "type": event_type, "profile": webhook.profile, "subject": about, "data": { "a": 1 } });
        Ok(Preview { headers, body: body.to_string(), media: model::Media::Json })
    }

    fn headers(&self, _: &Webhook, call: Planned<'_>) -> Option<Vec<(String, String)>> {
        Some(vec![
            ("webhook-id".to_owned(), call.delivery.to_string()),
            ("webhook-signature".to_owned(), "v1,c2lnbmF0dXJl".to_owned()),
        ])
    }

    async fn judge(&self, webhook: &Webhook) -> Result<(), Problem> {
        match webhook.url.host() {
            url::Host::Ipv4(address) if address.is_private() => {
                Err(Problem::new(Code::UrlPrivateAddress, format!("{address} is private.")).at("/url"))
            }
            url::Host::Domain(_) | url::Host::Ipv4(_) | url::Host::Ipv6(_) => Ok(()),
        }
    }

    fn egress(&self) -> EgressFacts {
        EgressFacts { source_addresses: vec!["192.0.2.1".to_owned()], allowed_networks: Vec::new() }
    }
}

#[async_trait]
impl Listeners for Outside {
    async fn open(&self, integration: &Integration) -> Result<(), CannotBind> {
        let address = integration.mllp.as_ref().unwrap().listen;
        if address.port() == 1 {
            return Err(CannotBind { address, reason: "in use".to_owned() });
        }
        let mut open = self.open.lock().unwrap();
        open.retain(|id| *id != integration.id);
        open.push(integration.id);
        Ok(())
    }

    async fn close(&self, id: IntegrationId) {
        self.open.lock().unwrap().retain(|open| *open != id);
    }

    async fn connections(&self, address: std::net::SocketAddr) -> Option<usize> {
        (address.port() != 9).then_some(2)
    }
}

impl Readings for Outside {
    fn reading(&self, _: IntegrationId) -> Option<Reading> {
        None
    }
}

#[async_trait]
impl Challenge for Outside {
    async fn challenge(&self, _: &model::Versioned<Webhook>) -> Challenged {
        let error = *self.challenged.lock().unwrap();
        let at: Timestamp = NOW.parse().unwrap();
        let next = error.map(|_| at + std::time::Duration::from_secs(5));
        Challenged { at, error, status: Some(200), next }
    }

    fn challenged(&self, _: WebhookId) -> Option<Challenged> {
        None
    }
}

impl Senders for Outside {
    fn behind(&self, _: WebhookId) -> usize {
        0
    }

    fn breaker(&self, _: WebhookId) -> &'static str {
        if *self.tripped.lock().unwrap() { "tripped" } else { "flowing" }
    }

    fn waits_its_turn(&self, _: WebhookId, _: model::DeliveryId) -> bool {
        false
    }
}
