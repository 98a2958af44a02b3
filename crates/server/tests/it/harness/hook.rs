//! A webhook as its owner knows it.

use serde_json::{Value, json};

use super::{Api, until};

/// A webhook that was made.
#[derive(Debug, Clone)]
pub(crate) struct Hook {
    pub(crate) id: String,
    /// `whsec_…`; empty where it signs otherwise.
    pub(crate) secret: String,
    path: String,
    api: Api,
}

impl Hook {
    /// Makes a webhook of an integration; `more` goes over what every webhook needs.
    #[track_caller]
    pub(crate) fn new(api: &Api, integration: &str, url: &str, more: &Value) -> Hook {
        let path = format!("/admin/integration/{integration}/webhooks");
        let made = api.post(&path, &wish(url, more)).json(201);
        let id = made["id"].as_str().unwrap().to_owned();
        let secret = made["signing"]["secret"].as_str().unwrap_or_default().to_owned();
        Hook { path: format!("{path}/{id}"), id, secret, api: api.clone() }
    }

    /// The same webhook through a server that was started again elsewhere.
    pub(crate) fn through(&self, api: &Api) -> Hook {
        Hook { api: api.clone(), ..self.clone() }
    }

    /// What GET answers.
    #[track_caller]
    pub(crate) fn read(&self) -> Value {
        self.api.get(&self.path).json(200)
    }

    /// Changes members, as a person would: reads, edits, writes.
    #[track_caller]
    pub(crate) fn change(&self, more: &Value) -> Value {
        let mut doc = self.read();
        merge(&mut doc, more);
        self.api.put(&self.path, &doc).json(200)
    }

    /// `pause`, `resume`, `rotate-secret`, `recover`.
    #[track_caller]
    pub(crate) fn ask(&self, verb: &str, body: &Value, status: u16) -> Value {
        self.api.post(&format!("{}/{verb}", self.path), body).json(status)
    }

    /// Its status.
    #[track_caller]
    pub(crate) fn status(&self) -> Value {
        self.api.get(&format!("{}/status", self.path)).json(200)
    }

    /// Waits until the status is as wanted.
    #[track_caller]
    pub(crate) fn until(&self, what: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        until(what, || {
            let status = self.status();
            if is_so(&status) { Ok(status) } else { Err(status.to_string()) }
        })
    }

    /// Its attempts, newest first.
    #[track_caller]
    pub(crate) fn logs(&self) -> Vec<Value> {
        self.api.all(&format!("{}/logs", self.path))
    }

    /// Its deliveries, newest first.
    #[track_caller]
    pub(crate) fn deliveries(&self) -> Vec<Value> {
        self.api.all(&format!("/admin/deliveries?webhookId={}", self.id))
    }

    /// Waits until so many of its deliveries are in a state; what is `held` is told with the reason.
    #[track_caller]
    pub(crate) fn until_deliveries(&self, state: &str, count: usize) -> Vec<Value> {
        until(&format!("{count} deliveries are {state}"), || {
            let all = self.deliveries();
            let found: Vec<Value> =
                all.iter().filter(|delivery| delivery["state"] == state).cloned().collect();
            if found.len() == count { Ok(found) } else { Err(format!("{all:?}")) }
        })
    }
}

/// A webhook that sees everything, with `more` over it.
pub(crate) fn wish(url: &str, more: &Value) -> Value {
    let mut wish = json!({
        "name": "Portal", "url": url, "eventTypes": ["*"],
        "profile": "full", "justification": "synthetic patients",
        "retry": { "schedule": ["1s"], "horizon": "72h" },
    });
    merge(&mut wish, more);
    wish
}

fn merge(doc: &mut Value, more: &Value) {
    for (name, value) in more.as_object().expect("settings are an object") {
        doc[name] = value.clone();
    }
}
