//! `carehook audit export`: the audit log of an organisation as FHIR.

use clap::Args;
use model::Timestamp;
use serde_json::{Value, json};
use url::form_urlencoded::Serializer;

use super::server::Server;
use super::{End, block_on, out};

/// Print the audit log of a running server as FHIR R4 `AuditEvents`, newest first.
#[derive(Args)]
pub(crate) struct Export {
    /// Only what was done at or after this time
    #[arg(long, value_name = "TIME", value_parser = time)]
    from: Option<Timestamp>,
    /// Only what was done before this time
    #[arg(long, value_name = "TIME", value_parser = time)]
    to: Option<Timestamp>,
    #[command(flatten)]
    server: Server,
}

impl Export {
    pub(crate) fn run(self) -> anyhow::Result<End> {
        block_on(self.export())
    }

    async fn export(self) -> anyhow::Result<End> {
        let client = self.server.client()?;
        let (mut after, mut count) = (None, 0);
        loop {
            let page = client.get(&self.page(after.as_deref())).await?;
            let rows = page["data"].as_array().map(Vec::as_slice).unwrap_or_default();
            rows.iter().try_for_each(|row| out::data(&event(row).to_string()))?;
            count += rows.len();
            out::progress(&format!("{count} rows"));
            let Some(next) = page["next"].as_str() else { break };
            after = Some(next.to_owned());
        }
        out::progress_done();
        Ok(End::Well)
    }

    fn page(&self, after: Option<&str>) -> String {
        let mut query = Serializer::new("/admin/audit?limit=250".to_owned());
        for (name, time) in [("from", self.from), ("to", self.to)] {
            query.extend_pairs(time.map(|time| (name, time.to_string())));
        }
        query.extend_pairs(after.map(|after| ("after", after)));
        query.finish()
    }
}

fn time(text: &str) -> Result<Timestamp, &'static str> {
    text.parse().map_err(|_| "a time is written as 2026-01-31T09:30:00Z, with its offset")
}

/// A row as an `AuditEvent` (FHIR R4 §6.4). Nothing personal stands in a row, so none stands here.
fn event(row: &Value) -> Value {
    let text = |member: &str| row[member].as_str().unwrap_or_default();
    let action = text("action");
    let identified =
        |system: &str, value: &str| json!({ "identifier": { "system": system, "value": value } });
    let mut event = json!({
        "resourceType": "AuditEvent",
        "id": format!("audit-{}", row["number"]),
        "type": { "system": TYPES, "code": "rest", "display": "RESTful Operation" },
        "subtype": [{ "system": "urn:carehook:audit-action", "code": action }],
        "action": letter(action),
        "recorded": row["at"],
        "outcome": if action == "sign_in_refused" { "4" } else { "0" },
        "agent": [{ "who": identified("urn:carehook:actor", text("actor")), "requestor": true }],
        "source": { "observer": { "display": "Carehook" } },
    });
    if !text("target").is_empty() {
        let mut entity = json!({ "what": identified("urn:carehook:id", text("target")) });
        if !text("detail").is_empty() {
            entity["detail"] = json!([{ "type": "detail", "valueString": text("detail") }]);
        }
        event["entity"] = json!([entity]);
    }
    event
}

/// FHIR's letter of what was done: create, read, update, delete or execute.
fn letter(action: &str) -> &'static str {
    match action {
        "create" => "C",
        "reveal" => "R",
        "update" | "rotate" | "pause" => "U",
        "delete" | "expire" => "D",
        _ => "E",
    }
}

const TYPES: &str = "http://terminology.hl7.org/CodeSystem/audit-event-type";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_becomes_an_audit_event_that_says_who_did_what_to_what() {
        let row = json!({
            "number": 7, "at": "2026-01-01T09:30:00.120Z", "actor": "key_1", "action": "reveal",
            "target": "evt_1", "detail": "a reason",
        });
        let made = event(&row);
        assert_eq!(made["id"], "audit-7");
        assert_eq!((&made["action"], &made["recorded"]), (&json!("R"), &row["at"]));
        assert_eq!(made["agent"][0]["who"]["identifier"]["value"], "key_1");
        assert_eq!(made["entity"][0]["what"]["identifier"]["value"], "evt_1");
        assert_eq!(made["entity"][0]["detail"][0]["valueString"], "a reason");

        let bare = event(&json!({ "number": 8, "action": "sign_in_refused", "target": "", "detail": "" }));
        assert_eq!((&bare["outcome"], bare.get("entity")), (&json!("4"), None), "FHIR has no empty lists");
    }
}
