//! What was accepted, by hour, integration and event type; and when each integration was heard.

use std::collections::HashMap;

use model::{Event, EventType, Id};
use rusqlite::{Connection, params};

use super::packed::{Packer, Unpacker};
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
        self.hear(integration, at.millis(), (!event.test).then_some(at.millis()));
    }

    fn hear(&mut self, integration: i64, last: i64, live: Option<i64>) {
        let heard = self.heard.entry(integration).or_default();
        heard.last = heard.last.max(last);
        heard.live = heard.live.max(live);
    }

    pub(super) fn pack(&self, to: &mut Packer) {
        to.natural(self.hours.len() as u64);
        for (Hour { organisation, hour, integration, event_type, test }, count) in &self.hours {
            to.number(*organisation).number(*hour).number(*integration).text(event_type.as_str());
            to.natural(u64::from(*test)).number(*count);
        }
        to.natural(self.heard.len() as u64);
        for (integration, heard) in &self.heard {
            to.number(*integration).number(heard.last).number_if_any(heard.live);
        }
    }

    pub(super) fn unpack(&mut self, from: &mut Unpacker<'_>) -> Result<()> {
        for _ in 0..from.natural()? {
            let (organisation, hour, integration) = (from.number()?, from.number()?, from.number()?);
            let (event_type, test) = (EventType::from(from.text()?), from.natural()? != 0);
            let hour = Hour { organisation, hour, integration, event_type, test };
            *self.hours.entry(hour).or_default() += from.number()?;
        }
        for _ in 0..from.natural()? {
            self.hear(from.number()?, from.number()?, from.number_if_any()?);
        }
        Ok(())
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
