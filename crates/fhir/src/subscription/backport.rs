//! R4 and R4B: the profile `backport-subscription`.

use model::PayloadContent;
use serde_json::{Value, json};

use super::element::{extension, instant, list, number, required, status, text};
use super::{Channel, Flaw, Shown, Wish};

pub(super) fn read(resource: &Value) -> Result<Wish, Flaw> {
    let topic = required(resource, "criteria", "Subscription.criteria")?.to_owned();
    let reason = required(resource, "reason", "Subscription.reason")?.to_owned();
    let filters = filters(&resource["_criteria"])?;
    Ok(Wish {
        id: text(resource, "id", "Subscription.id")?.map(str::to_owned),
        status: status(resource)?,
        topic,
        filters,
        channel: channel(&resource["channel"])?,
        end: instant(resource, "end", "Subscription.end")?,
        reason: Some(reason),
        contact: list(resource, "contact", "Subscription.contact")?.to_vec(),
    })
}

fn filters(criteria: &Value) -> Result<Vec<String>, Flaw> {
    let at = "Subscription.criteria.extension";
    let wanted = list(criteria, "extension", at)?.iter();
    let wanted = wanted.filter(|extension| extension["url"] == url(FILTER));
    wanted.map(|extension| required(extension, "valueString", at).map(str::to_owned)).collect()
}

fn channel(channel: &Value) -> Result<Channel, Flaw> {
    let at = "Subscription.channel";
    if !channel.is_object() {
        return Err(Flaw::new("required", at, "is missing"));
    }
    if extension(&channel["_type"], &url(TYPE), ("valueCoding", "Subscription.channel.type"))?.is_some() {
        let why = "a channel type of one's own is not known here; rest-hook and websocket are";
        return Err(Flaw::new("not-supported", "Subscription.channel.type", why));
    }
    let counted = |name: &str, value: &str, least| {
        number(extension(channel, &url(name), (value, at))?, least, &format!("{at}.extension('{name}')"))
    };
    Ok(Channel {
        kind: required(channel, "type", "Subscription.channel.type")?.to_owned(),
        endpoint: text(channel, "endpoint", "Subscription.channel.endpoint")?.map(str::to_owned),
        headers: list(channel, "header", "Subscription.channel.header")?
            .iter()
            .map(header)
            .collect::<Result<_, _>>()?,
        payload: required(channel, "payload", "Subscription.channel.payload")?.to_owned(),
        content: content(&channel["_payload"])?,
        heartbeat: counted(HEARTBEAT, "valueUnsignedInt", 0)?,
        timeout: counted(TIMEOUT, "valueUnsignedInt", 0)?,
        max_count: counted(MAX_COUNT, "valuePositiveInt", 1)?,
    })
}

fn header(header: &Value) -> Result<(String, String), Flaw> {
    let parts = header.as_str().and_then(|header| header.split_once(':'));
    let (name, value) = parts
        .ok_or_else(|| Flaw::new("value", "Subscription.channel.header", "is not of the form Name: value"))?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

fn content(payload: &Value) -> Result<PayloadContent, Flaw> {
    let at = "Subscription.channel.payload";
    let code = extension(payload, &url(CONTENT), ("valueCode", at))?;
    let missing = || Flaw::new("required", at, format!("needs the extension {CONTENT}"));
    of_code(code.ok_or_else(missing)?.as_str(), at)
}

/// The level of content with a code.
pub(super) fn of_code(code: Option<&str>, at: &str) -> Result<PayloadContent, Flaw> {
    match code {
        Some("empty") => Ok(PayloadContent::Empty),
        Some("id-only") => Ok(PayloadContent::IdOnly),
        Some("full-resource") => Ok(PayloadContent::FullResource),
        Some(_) | None => {
            Err(Flaw::new("not-supported", at, "the content is not empty, id-only or full-resource"))
        }
    }
}

pub(super) fn write(shown: Shown<'_>) -> Value {
    let Wish { status, topic, filters, channel, end, reason, contact, .. } = shown.wish;
    let mut resource = json!({
        "resourceType": "Subscription",
        "id": shown.id,
        "meta": { "versionId": shown.version.to_string(), "profile": [url("backport-subscription")] },
        "status": status.code(),
    });
    if !contact.is_empty() {
        resource["contact"] = contact.clone().into();
    }
    if let Some(end) = end {
        resource["end"] = end.to_string().into();
    }
    resource["reason"] = reason.as_deref().unwrap_or("not stated").into();
    resource["criteria"] = topic.as_str().into();
    if !filters.is_empty() {
        let one = |filter: &String| json!({ "url": url(FILTER), "valueString": filter });
        resource["_criteria"] = json!({ "extension": filters.iter().map(one).collect::<Vec<_>>() });
    }
    if let Some(error) = shown.error {
        resource["error"] = error.into();
    }
    resource["channel"] = written(channel);
    resource
}

fn written(channel: &Channel) -> Value {
    let counted = [
        (HEARTBEAT, "valueUnsignedInt", channel.heartbeat),
        (TIMEOUT, "valueUnsignedInt", channel.timeout),
        (MAX_COUNT, "valuePositiveInt", channel.max_count),
    ];
    let extensions = counted.iter().filter_map(|(name, value, number)| {
        let mut extension = json!({ "url": url(name) });
        extension[*value] = (*number)?.into();
        Some(extension)
    });
    let extensions: Vec<Value> = extensions.collect();
    let mut written = json!({});
    if !extensions.is_empty() {
        written["extension"] = extensions.into();
    }
    written["type"] = channel.kind.as_str().into();
    if let Some(endpoint) = &channel.endpoint {
        written["endpoint"] = endpoint.as_str().into();
    }
    written["payload"] = channel.payload.as_str().into();
    written["_payload"] =
        json!({ "extension": [{ "url": url(CONTENT), "valueCode": channel.content.code() }] });
    if !channel.headers.is_empty() {
        let headers = channel.headers.iter().map(|(name, value)| format!("{name}: {value}").into());
        written["header"] = headers.collect::<Vec<Value>>().into();
    }
    written
}

fn url(name: &str) -> String {
    format!("http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/{name}")
}

const FILTER: &str = "backport-filter-criteria";
const CONTENT: &str = "backport-payload-content";
const TYPE: &str = "backport-channel-type";
const HEARTBEAT: &str = "backport-heartbeat-period";
const TIMEOUT: &str = "backport-timeout";
const MAX_COUNT: &str = "backport-max-count";
