//! Spans as OTLP/JSON (OpenTelemetry protocol 1.x, "JSON Protobuf encoding").

use model::Id as _;
use observe::traces::Span;
use serde_json::{Value, json};

/// The request that carries these spans.
pub(super) fn request(spans: &[Span]) -> Value {
    let spans: Vec<Value> = spans.iter().map(span).collect();
    json!({ "resourceSpans": [{
        "resource": { "attributes": [attribute("service.name", "carehook")] },
        "scopeSpans": [{
            "scope": { "name": "carehook", "version": env!("CARGO_PKG_VERSION") },
            "spans": spans,
        }],
    }] })
}

fn span(span: &Span) -> Value {
    let ended = u64::try_from(span.ended.millis()).unwrap_or(0).saturating_mul(1_000_000);
    let began = ended.saturating_sub(span.micros.saturating_mul(1_000));
    let attributes: Vec<Value> = span.attributes.iter().map(|(name, value)| attribute(name, value)).collect();
    let mut shown = json!({
        // Ids are hexadecimal here, unlike other bytes in this encoding.
        "traceId": format!("{:032x}", span.event.raw()),
        "spanId": format!("{:016x}", span.id),
        "name": span.name,
        "kind": kind(span.name),
        // 64 bits do not fit a JSON number.
        "startTimeUnixNano": began.to_string(),
        "endTimeUnixNano": ended.to_string(),
        "attributes": attributes,
        "status": { "code": if span.failed { ERROR } else { UNSET } },
    });
    if let Some(parent) = span.parent {
        shown["parentSpanId"] = json!(format!("{parent:016x}"));
    }
    shown
}

fn attribute(name: &str, value: &str) -> Value {
    json!({ "key": name, "value": { "stringValue": value } })
}

/// `SpanKind`: what came in is of a server, what goes out of a client, the rest is internal.
fn kind(name: &str) -> u8 {
    match name {
        "intake" => 2,
        "attempt" => 3,
        _ => 1,
    }
}

const UNSET: u8 = 0;
const ERROR: u8 = 2;

#[cfg(test)]
mod tests {
    use model::{EventId, Timestamp};

    use super::*;

    #[test]
    fn a_span_is_written_as_the_protocol_says() {
        let written = request(&[Span {
            name: "attempt",
            event: EventId::from_raw(0xab),
            id: 2,
            parent: Some(1),
            ended: Timestamp::from_millis(1_790_000_000_001),
            micros: 1_500,
            attributes: vec![("carehook.lane", "critical".to_owned())],
            failed: true,
        }]);
        let span = &written["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
        assert_eq!(span["traceId"], "000000000000000000000000000000ab");
        assert_eq!(
            (&span["spanId"], &span["parentSpanId"]),
            (&json!("0000000000000002"), &json!("0000000000000001"))
        );
        assert_eq!(span["startTimeUnixNano"], "1789999999999500000");
        assert_eq!(span["endTimeUnixNano"], "1790000000001000000");
        assert_eq!((&span["kind"], &span["status"]["code"]), (&json!(3), &json!(2)));
        assert_eq!(span["attributes"][0]["value"]["stringValue"], "critical");
    }
}
