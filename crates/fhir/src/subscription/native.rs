//! R5: topic-based Subscriptions of its own.

use serde_json::{Value, json};

use super::backport::of_code;
use super::element::{instant, list, number, required, status, text};
use super::{Channel, Flaw, Shown, Wish, filter};

pub(super) fn read(resource: &Value) -> Result<Wish, Flaw> {
    let filters = list(resource, "filterBy", "Subscription.filterBy")?.iter().enumerate();
    let filters =
        filters.map(|(place, one)| filter::written(one, &format!("Subscription.filterBy[{place}]")));
    Ok(Wish {
        id: text(resource, "id", "Subscription.id")?.map(str::to_owned),
        status: status(resource)?,
        topic: required(resource, "topic", "Subscription.topic")?.to_owned(),
        filters: filters.collect::<Result<_, _>>()?,
        channel: channel(resource)?,
        end: instant(resource, "end", "Subscription.end")?,
        reason: text(resource, "reason", "Subscription.reason")?.map(str::to_owned),
        contact: list(resource, "contact", "Subscription.contact")?.to_vec(),
    })
}

fn channel(resource: &Value) -> Result<Channel, Flaw> {
    let kind = &resource["channelType"];
    if kind.get("system").is_some_and(|system| system != CHANNELS) {
        let why = "a channel type of one's own is not known here; rest-hook and websocket are";
        return Err(Flaw::new("not-supported", "Subscription.channelType", why));
    }
    let parameters = list(resource, "parameter", "Subscription.parameter")?.iter();
    let parameter = |one: &Value| {
        let text =
            |name: &str| required(one, name, &format!("Subscription.parameter.{name}")).map(str::to_owned);
        Ok((text("name")?, text("value")?))
    };
    let content = text(resource, "content", "Subscription.content")?;
    let counted = |name: &str, least| number(resource.get(name), least, &format!("Subscription.{name}"));
    Ok(Channel {
        kind: required(kind, "code", "Subscription.channelType.code")?.to_owned(),
        endpoint: text(resource, "endpoint", "Subscription.endpoint")?.map(str::to_owned),
        headers: parameters.map(parameter).collect::<Result<_, Flaw>>()?,
        payload: text(resource, "contentType", "Subscription.contentType")?
            .unwrap_or("application/fhir+json")
            .to_owned(),
        content: of_code(Some(content.unwrap_or("empty")), "Subscription.content")?,
        heartbeat: counted("heartbeatPeriod", 0)?,
        timeout: counted("timeout", 0)?,
        max_count: counted("maxCount", 1)?,
    })
}

pub(super) fn write(shown: Shown<'_>) -> Value {
    let Wish { status, topic, filters, channel, end, reason, contact, .. } = shown.wish;
    let mut resource = json!({
        "resourceType": "Subscription",
        "id": shown.id,
        "meta": { "versionId": shown.version.to_string() },
        "status": status.code(),
        "topic": topic,
    });
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            resource[name] = value;
        }
    };
    put("contact", (!contact.is_empty()).then(|| contact.clone().into()));
    put("end", end.map(|end| end.to_string().into()));
    put("reason", reason.as_deref().map(Value::from));
    let entries: Vec<Value> = filters.iter().flat_map(|filter| filter::entries(filter)).collect();
    put("filterBy", (!entries.is_empty()).then(|| entries.into()));
    put("channelType", Some(json!({ "system": CHANNELS, "code": channel.kind })));
    put("endpoint", channel.endpoint.as_deref().map(Value::from));
    let headers = channel.headers.iter().map(|(name, value)| json!({ "name": name, "value": value }));
    let headers: Vec<Value> = headers.collect();
    put("parameter", (!headers.is_empty()).then(|| headers.into()));
    put("heartbeatPeriod", channel.heartbeat.map(Value::from));
    put("timeout", channel.timeout.map(Value::from));
    put("contentType", Some(channel.payload.as_str().into()));
    put("content", Some(channel.content.code().into()));
    put("maxCount", channel.max_count.map(Value::from));
    resource
}

const CHANNELS: &str = "http://terminology.hl7.org/CodeSystem/subscription-channel-type";
