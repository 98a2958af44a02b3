//! What is or was owed.
//!
//! A delivery stands in the queue or in the log. A list reads both from the
//! newest on and merges them; the list of one webhook follows its feed instead.

use model::{DeliveryState, Id, Sealed};
use rusqlite::{Connection, OptionalExtension, Row, params};
use store::{DeliveryFilter, DeliveryRow, End, Page};

use super::filter::Filter;
use super::page;
use crate::fault::Result;
use crate::rows::{self, Columns};

/// Where a list looks.
#[derive(Debug, Clone, Copy)]
enum Place {
    /// What is owed, dead letters included.
    Queue,
    /// What is finished.
    Log,
    /// Both, along the feed of one webhook.
    Feed,
}

impl Place {
    fn columns(self) -> String {
        let name = |name: &str| self.column(name);
        let queued = |column: &str| match self {
            Place::Queue => column.to_owned(),
            Place::Log => "NULL".to_owned(),
            Place::Feed => format!("d.{column}"),
        };
        let common = ["event", "organisation", "type", "webhook", "lane", "state"].map(name).join(", ");
        let rest =
            [name("attempts"), name("accepted"), queued("due"), name("ended"), name("error")].join(", ");
        let held = ["held", "follows", "epoch"].map(queued).join(", ");
        format!("{}, {common}, {held}, {rest}", name("id"))
    }

    fn column(self, name: &str) -> String {
        match self {
            Place::Queue | Place::Log => name.to_owned(),
            Place::Feed => format!("coalesce(d.{name}, l.{name})"),
        }
    }

    fn table(self) -> &'static str {
        match self {
            Place::Queue => "delivery",
            Place::Log => "delivery_log",
            Place::Feed => {
                "feed LEFT JOIN delivery d ON d.id = feed.delivery LEFT JOIN delivery_log l ON l.id = feed.delivery"
            }
        }
    }

    fn order(self) -> &'static str {
        match self {
            Place::Queue | Place::Log => "id DESC",
            Place::Feed => "feed.seq DESC",
        }
    }
}

/// Deliveries that pass the filter, newest first.
pub(crate) fn list(
    conn: &Connection,
    tag: u64,
    filter: &DeliveryFilter,
    (after, limit): (Option<i64>, usize),
) -> Result<Page<DeliveryRow>> {
    let owed = filter.state.map(|state| !state.is_finished());
    let places: &[Place] = match (owed, filter.webhook) {
        (Some(true), _) => &[Place::Queue],
        (_, Some(_)) => &[Place::Feed],
        (Some(false), None) => &[Place::Log],
        (None, None) => &[Place::Queue, Place::Log],
    };
    let mut found = Vec::new();
    for place in places {
        let wanted = conditions(conn, *place, filter, after)?;
        let sql = format!(
            "SELECT {} FROM {} WHERE {} ORDER BY {} LIMIT {}",
            place.columns(),
            place.table(),
            wanted.sql(),
            place.order(),
            limit + 1
        );
        found.extend(collect(conn, &sql, wanted.values(), tag)?);
    }
    if places.len() > 1 {
        found.sort_unstable_by_key(|row| std::cmp::Reverse(row.id));
    }
    Ok(page(found, limit, |row| row.id.row()))
}

fn conditions(
    conn: &Connection,
    place: Place,
    filter: &DeliveryFilter,
    after: Option<i64>,
) -> Result<Filter> {
    let mut wanted = Filter::default();
    let column = |name: &str, relation: &str| format!("{} {relation} ?", place.column(name));
    let webhook = filter.webhook.map(Id::row);
    match place {
        Place::Queue | Place::Log => {
            wanted.when("id < ?", after).when("webhook = ?", webhook);
            wanted.ids_between("id", filter.from, filter.to);
        }
        Place::Feed => {
            wanted.when("feed.webhook = ?", webhook);
            let seq = after.map(|after| seq_of(conn, after)).transpose()?.flatten();
            wanted.when("feed.seq < ?", seq);
            wanted.when("feed.delivery < ?", after.filter(|_| seq.is_none()));
        }
    }
    wanted
        .when(&column("organisation", "="), filter.organisation.map(Id::row))
        .when(
            &column("state", "="),
            filter.state.filter(|state| *state != DeliveryState::Held).map(rows::state_number),
        )
        .of_type(&place.column("type"), filter.event_type.as_ref())
        .when(&column("lane", "="), filter.lane.map(rows::lane_number))
        .when(&column("error", "="), filter.error.map(|error| error as i64))
        .when(&column("accepted", ">="), filter.from.map(|from| from.millis()))
        .when(&column("accepted", "<"), filter.to.map(|to| to.millis()));
    // What was given back is ready on disk, but shown as held.
    match filter.state {
        Some(DeliveryState::Held) => wanted.and("(state = 2 OR (state = 0 AND held IS NOT NULL))"),
        Some(DeliveryState::Pending) => wanted.and("held IS NULL"),
        _ => &mut wanted,
    };
    Ok(wanted)
}

/// The place of a delivery in its feed.
fn seq_of(conn: &Connection, id: i64) -> Result<Option<i64>> {
    let mut find = conn.prepare_cached(
        "SELECT seq FROM delivery WHERE id = ?1 UNION ALL SELECT seq FROM delivery_log WHERE id = ?1",
    )?;
    Ok(find.query_row([id], |row| row.get(0)).optional()?)
}

/// One delivery.
pub(crate) fn find(conn: &Connection, tag: u64, id: i64) -> Result<Option<DeliveryRow>> {
    for place in [Place::Queue, Place::Log] {
        let sql = format!("SELECT {} FROM {} WHERE id = ?1", place.columns(), place.table());
        if let Some(found) = collect(conn, &sql, [id], tag)?.pop() {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Those of these deliveries that are there, in order.
pub(crate) fn find_all(conn: &Connection, tag: u64, ids: &[i64]) -> Result<Vec<DeliveryRow>> {
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        found.extend(find(conn, tag, *id)?);
    }
    Ok(found)
}

/// The deliveries along a feed, above place `after`: with their places, in order.
pub(crate) fn in_feed(
    conn: &Connection,
    tag: u64,
    webhook: i64,
    (after, limit): (i64, usize),
) -> Result<Vec<(i64, DeliveryRow)>> {
    let place = Place::Feed;
    let sql = format!(
        "SELECT {}, feed.seq FROM {} WHERE feed.webhook = ?1 AND feed.seq > ?2 ORDER BY feed.seq LIMIT ?3",
        place.columns(),
        place.table()
    );
    let mut find = conn.prepare_cached(&sql)?;
    let mut rows = find.query(params![webhook, after, limit as i64])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push((row.get("seq")?, delivery_row(row, tag)?));
    }
    Ok(found)
}

/// The rendered bytes of a delivery.
pub(crate) fn rendered(conn: &Connection, id: i64) -> Result<Option<Sealed>> {
    let mut find = conn.prepare_cached("SELECT sealed FROM rendered WHERE delivery = ?1")?;
    Ok(find.query_row([id], |row| row.get(0)).optional()?.map(Sealed))
}

/// Some deliveries of a webhook that an end would change, above `after`.
pub(crate) fn owed_to(conn: &Connection, webhook: i64, end: End, after: i64) -> Result<Vec<i64>> {
    // To cancel includes the dead letters: nobody could redrive them any more.
    let most = if end == End::Cancelled { rows::DEAD } else { rows::HELD };
    let mut find = conn.prepare_cached(
        "SELECT id FROM delivery WHERE id > ?1 AND webhook = ?2 AND state <= ?3 ORDER BY id LIMIT ?4",
    )?;
    let rows = find.query_map(params![after, webhook, most, OWED as i64], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn collect(
    conn: &Connection,
    sql: &str,
    values: impl rusqlite::Params,
    tag: u64,
) -> Result<Vec<DeliveryRow>> {
    let mut find = conn.prepare_cached(sql)?;
    let mut rows = find.query(values)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(delivery_row(row, tag)?);
    }
    Ok(found)
}

fn delivery_row(row: &Row<'_>, tag: u64) -> Result<DeliveryRow> {
    let mut columns = Columns::of(row, "delivery", tag);
    let id = columns.id()?;
    let (event, organisation, event_type) = (columns.id()?, columns.id()?, columns.name()?);
    let (webhook, lane) = (columns.id()?, columns.lane()?);
    let number = columns.value()?;
    let (state, held) = rows::state(number, columns.value()?)?;
    let follows = columns.id_if_any()?;
    let is_unclaimed = columns.value::<Option<i64>>()? == Some(0);
    Ok(DeliveryRow {
        id,
        event,
        organisation,
        event_type,
        webhook,
        lane,
        state,
        held,
        follows,
        on_disk: number == rows::READY && is_unclaimed,
        attempts: columns.number()?,
        accepted: columns.time()?,
        due: columns.time_if_any()?,
        ended: columns.time_if_any()?,
        error: columns.category()?,
    })
}

/// Deliveries that are ended in one group.
pub(crate) const OWED: usize = 1_000;
