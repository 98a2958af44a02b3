//! A request of a delivery as it is answered.

use privacy::{PersonalField, PersonalKind};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// A request, credentials masked.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OutgoingRequest)]
pub(crate) struct Request {
    /// `POST`.
    method: &'static str,
    url: String,
    /// The headers in order of sending.
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    headers: Map<String, Value>,
    /// Null once what the event says is no longer kept.
    body: Option<String>,
    /// The same as a command line.
    curl: String,
}

impl Request {
    /// A request of these parts.
    pub(crate) fn of(url: String, headers: Vec<(String, String)>, body: Option<String>) -> Self {
        let curl = curl(&url, &headers, body.as_deref());
        let headers = headers.into_iter().map(|(name, value)| (name, Value::from(value))).collect();
        Request { method: "POST", url, headers, body, curl }
    }
}

/// A member of a body that is about a person.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PersonalField)]
pub(crate) struct Field {
    /// Where it stands, as a JSON pointer.
    pointer: String,
    /// `identifier`, `content` or `pseudonym`.
    kind: &'static str,
}

impl Field {
    /// A member as it is answered.
    pub(crate) fn of(field: PersonalField) -> Self {
        let kind = match field.kind {
            PersonalKind::Identifier => "identifier",
            PersonalKind::Content => "content",
            PersonalKind::Pseudonym => "pseudonym",
        };
        Field { pointer: field.pointer, kind }
    }
}

fn curl(url: &str, headers: &[(String, String)], body: Option<&str>) -> String {
    let mut line = format!("curl -X POST {}", quoted(url));
    // curl writes these two itself.
    let own = |name: &str| name == "host" || name == "content-length";
    for (name, value) in headers.iter().filter(|(name, _)| !own(name)) {
        line.push_str(&format!(" \\\n  -H {}", quoted(&format!("{name}: {value}"))));
    }
    if let Some(body) = body {
        line.push_str(&format!(" \\\n  --data-binary {}", quoted(body)));
    }
    line
}

/// One word of a POSIX shell, whatever stands in it.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_line_survives_the_shell() {
        let headers =
            vec![("host".to_owned(), "a".to_owned()), ("webhook-id".to_owned(), "dlv_1".to_owned())];
        let made =
            Request::of("https://a.example/x?y='z'".to_owned(), headers, Some("{\"a\":\"it's\"}".to_owned()));
        let expected = concat!(
            r"curl -X POST 'https://a.example/x?y='\''z'\'''",
            " \\\n",
            "  -H 'webhook-id: dlv_1' \\\n",
            r#"  --data-binary '{"a":"it'\''s"}'"#,
        );
        assert_eq!(made.curl, expected);
    }
}
