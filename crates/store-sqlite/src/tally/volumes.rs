//! What was accepted, by hour, integration and event type; and when each integration was heard.

use std::collections::HashMap;

use model::{Event, EventType, Id};
use rusqlite::{Connection, params};

use crate::fault::Result;

/// Sums of one group.
#[derive(Default)]
pub(super) struct Volumes {
    hours: HashMap<Hour, i64>,
    heard: HashMap<i64, Heard>,
}

#[derive(PartialEq, Eq, Hash)]
struct Hour {
    organisation: i64,
    hour: i64,
    integration: i64,
    event_type: EventType,
    test: bool,
}

#[derive(Default)]
struct Heard {
    last: i64,
    live: Option<i64>,
}

impl Volumes {
    pub(super) fn accept(&mut self, event: &Event) {
        let (integration, at) = (event.integration.row(), event.received);
        let hour = Hour {
            organisation: event.organisation.row(),
            hour: at.hour(),
            integration,
            event_type: event.event_type.clone(),
            test: event.test,
        };
        *self.hours.entry(hour).or_default() += 1;
        let heard = self.heard.entry(integration).or_default();
        heard.last = heard.last.max(at.millis());
        heard.live = heard.live.max((!event.test).then_some(at.millis()));
    }

    pub(super) fn write(&self, conn: &Connection) -> Result<()> {
        if self.hours.is_empty() {
            return Ok(());
        }
        let mut put = conn.prepare_cached(
            "INSERT INTO volume (organisation, hour, integration, type, test, count)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT DO UPDATE SET count = count + excluded.count",
        )?;
        for (hour, count) in &self.hours {
            let Hour { organisation, hour, integration, event_type, test } = hour;
            put.execute(params![organisation, hour, integration, event_type.as_str(), test, count])?;
        }
        let mut put = conn.prepare_cached(
            "INSERT INTO heard (integration, last, live) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET
               last = max(last, excluded.last),
               live = max(ifnull(live, excluded.live), ifnull(excluded.live, live))",
        )?;
        for (integration, heard) in &self.heard {
            put.execute(params![integration, heard.last, heard.live])?;
        }
        Ok(())
    }
}
