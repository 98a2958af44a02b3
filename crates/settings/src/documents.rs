//! How a configured thing is stored: its JSON, sealed for its id and version.

use model::{Change, Id, Sealed};
use privacy::ConfigSeal;
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::ConfigRow;

use crate::Error;

const ORGANISATION: &str = "organisation";
pub(crate) const INTEGRATION: &str = "integration";
const WEBHOOK: &str = "webhook";
const KEY: &str = "key";
const EVENT_TYPE: &str = "event-type";
const ALERT_RULE: &str = "alert_rule";
const TRIGGER: &str = "trigger";
pub(crate) const SITE_MAP: &str = "site_map";

/// The row that a change becomes in `version`.
pub(crate) fn seal(seal: &ConfigSeal, change: &Change, version: u64) -> ConfigRow {
    let row = |kind: &str, id: u128, json: Option<Vec<u8>>| {
        let doc = json.map(|json| seal.seal(kind, id, version, &json));
        ConfigRow { kind: kind.to_owned(), id, version, doc }
    };
    match change {
        Change::PutOrganisation(doc) => row(ORGANISATION, doc.id.raw(), Some(json(doc))),
        Change::PutIntegration(doc) => row(INTEGRATION, doc.id.raw(), Some(json(doc))),
        Change::DropIntegration(id) => row(INTEGRATION, id.raw(), None),
        Change::PutWebhook(doc) => row(WEBHOOK, doc.id.raw(), Some(json(doc))),
        Change::DropWebhook(id) => row(WEBHOOK, id.raw(), None),
        Change::PutKey(doc) => row(KEY, doc.id.raw(), Some(json(doc))),
        Change::DropKey(id) => row(KEY, id.raw(), None),
        Change::PutEventType(doc) => row(EVENT_TYPE, doc.id.raw(), Some(json(doc))),
        Change::DropEventType(id) => row(EVENT_TYPE, id.raw(), None),
        Change::PutAlertRule(doc) => row(ALERT_RULE, doc.id.raw(), Some(json(doc))),
        Change::DropAlertRule(id) => row(ALERT_RULE, id.raw(), None),
        Change::PutTrigger(doc) => row(TRIGGER, doc.id.raw(), Some(json(doc))),
        Change::DropTrigger(id) => row(TRIGGER, id.raw(), None),
        Change::PutSiteMap(doc) => row(SITE_MAP, doc.integration_id.raw(), Some(json(doc))),
        Change::DropSiteMap(id) => row(SITE_MAP, id.raw(), None),
    }
}

/// The change that a row was made from.
pub(crate) fn open(seal: &ConfigSeal, row: ConfigRow) -> Result<Change, Error> {
    let reading = Reading { seal, row: &row };
    match (row.kind.as_str(), &row.doc) {
        (ORGANISATION, Some(doc)) => reading.doc(doc).map(Change::PutOrganisation),
        (INTEGRATION, Some(doc)) => reading.doc(doc).map(Change::PutIntegration),
        (INTEGRATION, None) => Ok(Change::DropIntegration(Id::from_raw(row.id))),
        (WEBHOOK, Some(doc)) => reading.doc(doc).map(Box::new).map(Change::PutWebhook),
        (WEBHOOK, None) => Ok(Change::DropWebhook(Id::from_raw(row.id))),
        (KEY, Some(doc)) => reading.doc(doc).map(Change::PutKey),
        (KEY, None) => Ok(Change::DropKey(Id::from_raw(row.id))),
        (EVENT_TYPE, Some(doc)) => reading.doc(doc).map(Box::new).map(Change::PutEventType),
        (EVENT_TYPE, None) => Ok(Change::DropEventType(Id::from_raw(row.id))),
        (ALERT_RULE, Some(doc)) => reading.doc(doc).map(Box::new).map(Change::PutAlertRule),
        (ALERT_RULE, None) => Ok(Change::DropAlertRule(Id::from_raw(row.id))),
        (TRIGGER, Some(doc)) => reading.doc(doc).map(Box::new).map(Change::PutTrigger),
        (TRIGGER, None) => Ok(Change::DropTrigger(Id::from_raw(row.id))),
        (SITE_MAP, Some(doc)) => reading.doc(doc).map(Box::new).map(Change::PutSiteMap),
        (SITE_MAP, None) => Ok(Change::DropSiteMap(Id::from_raw(row.id))),
        (_, _) => Err(reading.unknown(None)),
    }
}

struct Reading<'a> {
    seal: &'a ConfigSeal,
    row: &'a ConfigRow,
}

impl Reading<'_> {
    fn doc<T: DeserializeOwned>(&self, doc: &Sealed) -> Result<T, Error> {
        let ConfigRow { kind, id, version, .. } = self.row;
        let opened = self.seal.open(kind, *id, *version, doc);
        let opened = opened.map_err(|_| Error::Unreadable { kind: kind.clone(), id: *id })?;
        serde_json::from_slice(&opened).map_err(|fault| self.unknown(Some(fault)))
    }

    fn unknown(&self, source: Option<serde_json::Error>) -> Error {
        Error::Unknown { kind: self.row.kind.clone(), id: self.row.id, source }
    }
}

fn json(doc: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(doc).expect("configuration documents have text keys and checked times")
}
