//! What a FHIR server says: asked now, or as it said it when it was recorded.
//!
//! A conversation has scenes. With a live server, the front passes on what Carehook asks and keeps the last
//! answer to each question of a scene, and what the server posts by itself. A recorded conversation answers the
//! same questions of the same scenes, and posts the same.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::live::LiveServer;
use crate::harness::{Api, Hit, Receiver, Reply};

/// Stands in recorded texts for the address of the server.
const SERVER: &str = "http://fhir.server";

pub(crate) struct Conversation {
    name: &'static str,
    /// What Carehook takes for the server.
    front: Receiver,
    /// Where the server posts what it tells by itself; it listens as long as the conversation goes on.
    back: Receiver,
    stage: Arc<Mutex<Stage>>,
    /// Where what the server tells goes on to.
    listener: Option<(Api, String)>,
    live: Option<LiveServer>,
}

#[derive(Default)]
struct Stage {
    scene: String,
    scenes: BTreeMap<String, Scene>,
    /// Whether the next thing told is lost on its way.
    loses_next: bool,
}

/// What was said in a scene.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Scene {
    /// By question: method and path, without the times in it.
    answers: BTreeMap<String, Said>,
    told: Vec<Value>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Said {
    status: u16,
    body: Value,
}

impl Conversation {
    /// With the server that `CAREHOOK_FHIR_SERVER` names, or as it was recorded.
    pub(crate) fn begin(name: &'static str) -> Conversation {
        let (front, back) = (Receiver::start(), Receiver::start());
        let live = LiveServer::start(&front.url(""));
        let scenes = if live.is_some() { BTreeMap::new() } else { recorded(name) };
        let stage = Arc::new(Mutex::new(Stage { scenes, ..Stage::default() }));
        let (shared, base) = (stage.clone(), front.url(""));
        let behind = live.as_ref().map(LiveServer::api);
        front.answer(move |hit| {
            let mut stage = shared.lock().unwrap_or_else(PoisonError::into_inner);
            match &behind {
                Some(server) => stage.pass_on(hit, server, &base),
                None => stage.repeat(hit, &base),
            }
        });
        Conversation { name, front, back, stage, listener: None, live }
    }

    /// An address of the server.
    pub(crate) fn url(&self, path: &str) -> String {
        self.front.url(path)
    }

    /// Has what the server tells by itself go on to a path of Carehook; the address that the server is given.
    pub(crate) fn tells(&mut self, api: &Api, path: &str) -> String {
        let (shared, base) = (self.stage.clone(), self.front.url(""));
        let (listener, to) = (api.clone(), path.to_owned());
        self.back.answer(move |hit| {
            let mut stage = shared.lock().unwrap_or_else(PoisonError::into_inner);
            if std::mem::take(&mut stage.loses_next) {
                return Reply::status(200);
            }
            stage.now().told.push(hidden(&hit.json(), &base));
            drop(stage);
            let taken = listener.send("POST", &to, &[("content-type", "application/fhir+json")], &hit.body);
            Reply::status(taken.map_or(503, |answer| answer.status))
        });
        self.listener = Some((api.clone(), path.to_owned()));
        self.back.url("/told")
    }

    /// The next scene. `act` is done at a live server; of a recorded one, what it told then is told again.
    #[track_caller]
    pub(crate) fn scene(&self, name: &str, act: impl FnOnce(&Api)) {
        name.clone_into(&mut self.lock().scene);
        if let Some(live) = &self.live {
            act(&live.api());
            return;
        }
        let told = self.lock().now().told.clone();
        for bundle in told {
            let (api, path) = self.listener.as_ref().expect("somebody is told");
            api.post(path, &shown(&bundle, &self.front.url(""))).is(200);
        }
    }

    /// Loses what a live server tells next, as a proxy that answers too early does.
    pub(crate) fn lose_next(&self) {
        self.lock().loses_next = true;
    }

    /// Keeps what a live server said, where `CAREHOOK_FHIR_RECORD` asks for it.
    pub(crate) fn end(self) {
        if self.live.is_none() || std::env::var_os("CAREHOOK_FHIR_RECORD").is_none() {
            return;
        }
        let text = serde_json::to_string_pretty(&self.lock().scenes).unwrap();
        std::fs::write(file(self.name), text + "\n").unwrap();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Stage> {
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stage {
    fn now(&mut self) -> &mut Scene {
        self.scenes.entry(self.scene.clone()).or_default()
    }

    fn pass_on(&mut self, hit: &Hit, server: &Api, base: &str) -> Reply {
        let (method, path) = hit.line.split_once(' ').unwrap_or_default();
        let path = path.trim_end_matches(" HTTP/1.1");
        let Ok(answer) = server.send(method, path, &[("accept", "application/fhir+json")], &hit.body) else {
            return Reply::HangUp;
        };
        let body = brief(serde_json::from_slice(&answer.body).unwrap_or_default());
        let said = Said { status: answer.status, body: hidden(&body, base) };
        self.now().answers.insert(question(hit), said);
        reply(answer.status, body)
    }

    fn repeat(&mut self, hit: &Hit, base: &str) -> Reply {
        let said = self.now().answers.get(&question(hit)).cloned();
        said.map_or(Reply::status(404), |said| reply(said.status, shown(&said.body, base)))
    }
}

/// A `CapabilityStatement` without the hundred types that nobody here asks for.
fn brief(mut body: Value) -> Value {
    const ASKED_FOR: &[&str] = &["Encounter", "Observation", "Patient", "Subscription"];
    let types = body.pointer_mut("/rest/0/resource").and_then(Value::as_array_mut);
    if let Some(types) = types {
        types.retain(|one| one["type"].as_str().is_some_and(|name| ASKED_FOR.contains(&name)));
    }
    body
}

fn reply(status: u16, body: Value) -> Reply {
    if status == 200 { Reply::Says(body) } else { Reply::status(status) }
}

/// A question without the times in it, which differ from run to run.
fn question(hit: &Hit) -> String {
    let line = hit.line.trim_end_matches(" HTTP/1.1");
    let parts = line.split('&').map(|part| match part.split_once("_lastUpdated=ge") {
        Some((before, _)) => format!("{before}_lastUpdated=ge*"),
        None => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("&")
}

fn hidden(body: &Value, base: &str) -> Value {
    serde_json::from_str(&body.to_string().replace(base, SERVER)).expect("it was JSON")
}

fn shown(body: &Value, base: &str) -> Value {
    serde_json::from_str(&body.to_string().replace(SERVER, base)).expect("it was JSON")
}

fn recorded(name: &str) -> BTreeMap<String, Scene> {
    let file = file(name);
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    serde_json::from_str(&text).expect("a recording")
}

fn file(name: &str) -> PathBuf {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/fhir_server/said");
    PathBuf::from(folder).join(format!("{name}.json"))
}
