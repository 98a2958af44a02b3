//! How the messages of one site differ from the standard maps: a document over `maps/`.
//!
//! `messages` says what segments do, for all messages of a type or for one event;
//! `segments` replaces or adds the rows of a segment within a resource, Z-segments too;
//! `tables` says what codes mean, such as the status of a visit that an event stands for (P3).

use std::collections::BTreeMap;

use model::limits;
use serde::Deserialize;
use serde_json::Value;

use super::local::Fault;
use super::plan::Act;
use super::primitive;
use super::rows::RawRows;
use super::scope::site_table;
use super::tables::Maps;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    /// `ADT`, or `ADT^A01`: segment to what it does.
    #[serde(default)]
    messages: BTreeMap<String, BTreeMap<String, String>>,
    /// `ZPD[Patient]`: its rows.
    #[serde(default)]
    segments: BTreeMap<String, Value>,
    /// `EncounterStatus`: the sender's code, and the code that it means.
    #[serde(default)]
    tables: BTreeMap<String, BTreeMap<String, String>>,
}

/// The maps of this version with a document over them.
///
/// # Errors
/// The first fault, with its place in the tables of the integration.
pub(super) fn apply(document: &Value) -> Result<Maps, Fault> {
    let document =
        Document::deserialize(document).map_err(|fault| Fault::at("/overrides", fault.to_string()))?;
    let mut maps = Maps::embedded().clone();
    let mut count = 0;
    for (name, raw) in &document.segments {
        let place = format!("/overrides/segments/{}", escaped(name));
        let rows = RawRows::deserialize(raw).map_err(|fault| Fault::at(&place, fault.to_string()))?;
        count += rows.rows.len();
        check_name(&maps, name).map_err(|why| Fault::at(&place, why))?;
        let rows = rows.into_rows().map_err(|(row, why)| Fault::at(format!("{place}/rows/{row}"), why))?;
        for (number, row) in rows.rows.iter().enumerate() {
            let is_kind =
                maps.data_type(&row.kind).is_some() || primitive::KINDS.contains(&row.kind.as_str());
            if !is_kind {
                let why = format!("There is no data type {}.", row.kind);
                return Err(Fault::at(format!("{place}/rows/{number}/as"), why));
            }
            if let Some(table) = row.table.as_ref().filter(|table| !maps.has_table(table)) {
                return Err(Fault::at(
                    format!("{place}/rows/{number}/table"),
                    format!("There is no table {table}."),
                ));
            }
        }
        maps.put_segment(name.clone(), rows);
    }
    for (table, codes) in &document.tables {
        let place = format!("/overrides/tables/{}", escaped(table));
        count += codes.len();
        if site_table(table).is_some() {
            return Err(Fault::at(place, "Units and flags have tables of their own beside `overrides`."));
        }
        for (code, means) in codes {
            maps.put_code(table, code, means)
                .map_err(|why| Fault::at(format!("{place}/{}", escaped(code)), why))?;
        }
    }
    if count > limits::SITE_OVERRIDES {
        let why = format!("At most {} rows and codes in all.", limits::SITE_OVERRIDES);
        return Err(Fault::at("/overrides", why));
    }
    for (message, acts) in &document.messages {
        let place = format!("/overrides/messages/{}", escaped(message));
        for (segment, act) in acts {
            check_act(&maps, segment, act)
                .map_err(|why| Fault::at(format!("{place}/{}", escaped(segment)), why))?;
        }
        let (code, event) = match message.split_once('^') {
            Some((code, event)) => (code, Some(event)),
            None => (message.as_str(), None),
        };
        if !maps.plan_differently(code, event, acts) {
            return Err(Fault::at(place, "No message of this type is mapped."));
        }
    }
    Ok(maps)
}

/// `ZPD[Patient]`: a segment, and a resource that there is.
fn check_name(maps: &Maps, name: &str) -> Result<(), String> {
    let parts = name.strip_suffix(']').and_then(|name| name.split_once('['));
    let Some((segment, resource)) = parts else {
        return Err("A segment within a resource is written ZPD[Patient].".to_owned());
    };
    if !is_segment(segment) {
        return Err(format!("{segment} is not the name of a segment: three capitals or digits."));
    }
    if maps.kind(resource).is_none() {
        return Err(format!("No message is mapped to {resource}."));
    }
    Ok(())
}

fn check_act(maps: &Maps, segment: &str, act: &str) -> Result<(), String> {
    if !is_segment(segment) {
        return Err(format!("{segment} is not the name of a segment: three capitals or digits."));
    }
    let resource = match Act::parse(act) {
        Act::Open(resource) | Act::Add(resource) | Act::Hold(resource) => resource,
        Act::Read | Act::AddToLast => return Ok(()),
        Act::Over(_) | Act::Lead(_) | Act::Count => {
            return Err("A segment does one of: open R, add R, hold R, add *, read.".to_owned());
        }
    };
    let is_known = maps.segment(segment, resource).is_some();
    if is_known { Ok(()) } else { Err(format!("There are no rows {segment}[{resource}].")) }
}

fn is_segment(name: &str) -> bool {
    name.len() == 3 && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
