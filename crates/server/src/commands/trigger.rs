//! `carehook trigger`: sample events of the catalogue, marked as test (T1).

use anyhow::Context as _;
use clap::Args;
use matching::{Catalogue, TypeInfo};
use model::{Clock as _, SystemClock, Timestamp};
use serde_json::{Map, Value, json};

use super::out::{self, Output, Shape};
use super::server::{Integration, Server};
use super::{End, Misuse, block_on};

/// Send sample events of the catalogue, marked as test.
#[derive(Args)]
pub(crate) struct Trigger {
    /// An event type, such as lab.result.critical
    #[arg(value_name = "TYPE")]
    event_type: String,
    /// How many
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    count: u64,
    /// At most so many a second
    #[arg(long, value_parser = rate)]
    rate: Option<f64>,
    /// Sets a member of the event, such as data.status=preliminary; may be repeated
    #[arg(long = "override", value_name = "PATH=VALUE")]
    overrides: Vec<String>,
    /// The patient it is about
    #[arg(long, value_name = "ID", default_value = "TEST-1")]
    patient: String,
    /// Another seed makes other values
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// The integration it comes from, where several fit
    #[arg(long, value_name = "ID")]
    integration: Option<String>,
    #[command(flatten)]
    server: Server,
    #[command(flatten)]
    shape: Shape,
}

impl Trigger {
    pub(crate) fn run(self) -> anyhow::Result<End> {
        let info = Catalogue::embedded().find(&self.event_type).ok_or_else(|| unknown(&self.event_type))?;
        block_on(self.send(info))
    }

    async fn send(self, info: &TypeInfo) -> anyhow::Result<End> {
        let client = self.server.client()?;
        let integration = self.integration(&client).await?;
        let path = format!("/ingest/{}/events", integration.id);
        let pause = self.rate.map(|rate| std::time::Duration::from_secs_f64(1.0 / rate));
        let mut beat = pause.map(tokio::time::interval);
        let mut unheard = false;
        for number in 0..self.count {
            if let Some(beat) = &mut beat {
                beat.tick().await;
            }
            let data = synthetic(info, (self.seed, number), SystemClock.now())?;
            let event = event((&self.event_type, data), &self.patient, &self.overrides)?;
            let answer = client.post(&path, &event).await?;
            unheard |= answer["matched"] == 0;
            self.shape.print(|| told(&answer), || answer.clone())?;
        }
        if unheard && self.shape.output == Output::Text {
            out::note(
                "hint: a triggered event is a test: only webhooks with `acceptTest` hear it; try `carehook listen`",
            );
        }
        Ok(End::Well)
    }

    async fn integration(&self, client: &crate::client::Client) -> anyhow::Result<Integration> {
        let named = self.integration.as_deref();
        // A test of any type can be sent as an event, those that only Carehook itself says included.
        let raises = |found: &Integration| found.raises(&self.event_type) || found.is_for_events();
        if named.is_none() {
            // One for events is meant where there is one: the others raise events by themselves.
            let for_events = |found: &Integration| raises(found) && found.is_for_events();
            if let Ok(found) = Integration::choose(client, None, for_events).await {
                return Ok(found);
            }
        }
        Integration::choose(client, named, raises).await
    }
}

/// Data like the sample of a type: made up from a seed, the same for the same seed and number.
fn synthetic(info: &TypeInfo, seed: (u64, u64), now: Timestamp) -> anyhow::Result<Value> {
    let sample: Value = serde_json::from_str(info.sample.get()).context("the sample cannot be read")?;
    let now = jiff::Timestamp::from_millisecond(now.millis()).context("the clock is out of range")?;
    Ok(patients::vary(&sample, seed, now))
}

/// Data as an event that is sent in.
fn event((event_type, data): (&str, Value), patient: &str, overrides: &[String]) -> anyhow::Result<Value> {
    let mut event =
        json!({ "type": event_type, "subject": { "type": "patient", "id": patient }, "data": data });
    for wish in overrides {
        set(&mut event, wish)?;
    }
    // Last, so that nothing can make it look real.
    event["test"] = Value::Bool(true);
    Ok(event)
}

fn told(answer: &Value) -> String {
    let id = answer["id"].as_str().unwrap_or("an event");
    let known = if answer["duplicate"] == true { ", known before" } else { "" };
    match answer["matched"].as_u64() {
        Some(1) => format!("{id} accepted, 1 webhook wants it{known}"),
        matched => format!("{id} accepted, {} webhooks want it{known}", matched.unwrap_or_default()),
    }
}

fn unknown(event_type: &str) -> anyhow::Error {
    let family = event_type.split('.').next().unwrap_or_default();
    let names = Catalogue::embedded().types().map(|info| info.name.to_string());
    let near: Vec<String> = names.filter(|name| name.split('.').next() == Some(family)).collect();
    let hint = if near.is_empty() { "GET /admin/event-types lists them".to_owned() } else { near.join(", ") };
    Misuse::error(format!("there is no event type `{event_type}`\nhint: {hint}"))
}

/// Sets the member at a dotted path; what does not read as JSON is a string.
fn set(event: &mut Value, wish: &str) -> anyhow::Result<()> {
    let (path, text) = wish
        .split_once('=')
        .ok_or_else(|| Misuse::error(format!("`{wish}` is not of the form path=value")))?;
    let value = serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()));
    let mut place = event;
    for name in path.split('.') {
        place = match (place, name.parse::<usize>()) {
            (Value::Array(items), Ok(index)) => items
                .get_mut(index)
                .ok_or_else(|| Misuse::error(format!("`{path}`: there is no item {index}")))?,
            (place, _) => {
                if !place.is_object() {
                    *place = Value::Object(Map::new());
                }
                &mut place[name]
            }
        };
    }
    *place = value;
    Ok(())
}

fn rate(text: &str) -> Result<f64, String> {
    let rate: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if (0.001..=10_000.0).contains(&rate) { Ok(rate) } else { Err("from 0.001 to 10000".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(wish: &str, expected: Value) {
        let mut event = json!({ "data": { "a": [1, 2], "b": "x" } });
        set(&mut event, wish).unwrap();
        assert_eq!(event["data"], expected);
    }

    #[test]
    fn members_are_set_by_path_and_numbers_keep_their_text() {
        check("data.b=y", json!({ "a": [1, 2], "b": "y" }));
        check("data.a.1=6.90", serde_json::from_str(r#"{ "a": [1, 6.90], "b": "x" }"#).unwrap());
        check("data.c.d=true", json!({ "a": [1, 2], "b": "x", "c": { "d": true } }));
        check("data.b.c=null", json!({ "a": [1, 2], "b": { "c": null } }));
        let mut event = json!({ "a": [] });
        assert!(set(&mut event, "a.0=1").is_err() && set(&mut event, "a").is_err());
    }

    #[test]
    fn every_type_of_the_catalogue_is_made_up_as_its_schema_asks() {
        for info in Catalogue::embedded().types() {
            let schema = matching::Schema::new(info.schema()).unwrap();
            for number in 0..20 {
                let data = synthetic(info, (7, number), Timestamp::from_millis(1_790_000_000_000)).unwrap();
                let raw = serde_json::value::to_raw_value(&data).unwrap();
                assert_eq!(matching::check_data(info, &raw), Ok(()), "{}", info.name);
                assert_eq!(schema.check(&data), Ok(()), "{}", info.name);
            }
        }
    }

    #[test]
    fn t1_nothing_makes_a_triggered_event_look_real() {
        let event = event(("lab.result.critical", json!({})), "7", &["test=false".to_owned()]).unwrap();
        assert_eq!(event["test"], true);
        assert_eq!(event["subject"]["id"], "7");
    }
}
