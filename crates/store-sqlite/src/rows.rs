//! Numbers and bytes of columns, and what they stand for. All lists are append-only.

use model::{
    Category, DecisionReason, DeliveryState, Door, EventType, HoldReason, Id, Judgement, Lane, Status,
    Timestamp,
};
use rusqlite::Row;
use rusqlite::types::FromSql;

use crate::fault::{Fault, Result};

/// Due, or in memory if an epoch holds it.
pub(crate) const READY: i64 = 0;
/// The next attempt has a time.
pub(crate) const WAITING: i64 = 1;
/// Behind the head of its order key.
pub(crate) const HELD: i64 = 2;
/// Given up.
pub(crate) const DEAD: i64 = 3;
/// The receiver took it.
pub(crate) const DELIVERED: i64 = 4;
/// Ended by a person.
pub(crate) const CANCELLED: i64 = 5;
/// Ended by policy.
pub(crate) const WITHHELD: i64 = 6;
/// Ended by retention.
pub(crate) const EXPIRED: i64 = 7;

/// The number of a state; what is held for other reasons than order is `READY`.
pub(crate) fn state_number(state: DeliveryState) -> i64 {
    match state {
        DeliveryState::Pending => READY,
        DeliveryState::Waiting => WAITING,
        DeliveryState::Held => HELD,
        DeliveryState::DeadLettered => DEAD,
        DeliveryState::Delivered => DELIVERED,
        DeliveryState::Cancelled => CANCELLED,
        DeliveryState::Withheld => WITHHELD,
        DeliveryState::Expired => EXPIRED,
    }
}

/// The state behind a number and the reason for holding a ready row.
pub(crate) fn state(number: i64, held: Option<i64>) -> Result<(DeliveryState, Option<HoldReason>)> {
    Ok(match (number, held) {
        (READY, None) => (DeliveryState::Pending, None),
        (READY, Some(reason)) => (DeliveryState::Held, Some(hold_reason(reason)?)),
        (HELD, _) => (DeliveryState::Held, Some(HoldReason::Ordering)),
        (WAITING, _) => (DeliveryState::Waiting, None),
        (DEAD, _) => (DeliveryState::DeadLettered, None),
        (DELIVERED, _) => (DeliveryState::Delivered, None),
        (CANCELLED, _) => (DeliveryState::Cancelled, None),
        (WITHHELD, _) => (DeliveryState::Withheld, None),
        (EXPIRED, _) => (DeliveryState::Expired, None),
        _ => return Err(Fault::damaged("delivery", format!("state {number}"))),
    })
}

pub(crate) fn lane_number(lane: Lane) -> i64 {
    lane.index() as i64
}

pub(crate) fn hold_number(reason: HoldReason) -> i64 {
    match reason {
        HoldReason::Ordering => 0,
        HoldReason::Breaker => 1,
        HoldReason::Buffered => 2,
        HoldReason::Paused => 3,
        HoldReason::Unproven => 4,
    }
}

fn hold_reason(number: i64) -> Result<HoldReason> {
    Ok(match number {
        0 => HoldReason::Ordering,
        1 => HoldReason::Breaker,
        2 => HoldReason::Buffered,
        3 => HoldReason::Paused,
        4 => HoldReason::Unproven,
        _ => return Err(Fault::damaged("delivery", format!("reason to hold {number}"))),
    })
}

pub(crate) fn reason_number(reason: DecisionReason) -> u8 {
    match reason {
        DecisionReason::Matched => 0,
        DecisionReason::Superseded => 1,
        DecisionReason::OtherSource => 2,
        DecisionReason::OtherObjectType => 3,
        DecisionReason::OtherObject => 4,
        DecisionReason::TestRefused => 5,
        DecisionReason::Echo => 6,
        DecisionReason::Own => 7,
        DecisionReason::Replayed => 8,
        DecisionReason::Filtered => 9,
        DecisionReason::Undecided => 10,
        DecisionReason::Inactive => 11,
    }
}

pub(crate) fn reason(number: u8) -> Option<DecisionReason> {
    Some(match number {
        0 => DecisionReason::Matched,
        1 => DecisionReason::Superseded,
        2 => DecisionReason::OtherSource,
        3 => DecisionReason::OtherObjectType,
        4 => DecisionReason::OtherObject,
        5 => DecisionReason::TestRefused,
        6 => DecisionReason::Echo,
        7 => DecisionReason::Own,
        8 => DecisionReason::Replayed,
        9 => DecisionReason::Filtered,
        10 => DecisionReason::Undecided,
        11 => DecisionReason::Inactive,
        _ => return None,
    })
}

pub(crate) fn status_number(status: Status) -> i64 {
    match status {
        Status::Registered => 0,
        Status::Preliminary => 1,
        Status::Final => 2,
        Status::Corrected => 3,
        Status::Cancelled => 4,
    }
}

pub(crate) fn status(number: i64) -> Result<Status> {
    Ok(match number {
        0 => Status::Registered,
        1 => Status::Preliminary,
        2 => Status::Final,
        3 => Status::Corrected,
        4 => Status::Cancelled,
        _ => return Err(Fault::damaged("object", format!("status {number}"))),
    })
}

pub(crate) fn door_number(door: Door) -> i64 {
    match door {
        Door::Events => 0,
        Door::Fhir => 1,
        Door::Hl7v2 => 2,
        Door::Mllp => 3,
        Door::Hook => 4,
        Door::Own => 5,
    }
}

pub(crate) fn door(number: i64) -> Result<Door> {
    let found = Door::ALL.into_iter().find(|door| door_number(*door) == number);
    found.ok_or_else(|| Fault::damaged("rejection", format!("door {number}")))
}

/// The number of a judgement: its place in the list of all.
pub(crate) fn judgement_number(judgement: Judgement) -> i64 {
    judgement as i64
}

pub(crate) fn judgement(number: i64) -> Result<Judgement> {
    let found = Judgement::ALL.into_iter().find(|judgement| judgement_number(*judgement) == number);
    found.ok_or_else(|| Fault::damaged("judged", format!("judgement {number}")))
}

/// Columns of one row, read one after the other.
pub(crate) struct Columns<'a, 'r> {
    row: &'a Row<'r>,
    table: &'static str,
    tag: u64,
    at: usize,
}

impl<'a, 'r> Columns<'a, 'r> {
    /// The columns of `row`, which stands in `table` of the installation `tag`.
    pub(crate) fn of(row: &'a Row<'r>, table: &'static str, tag: u64) -> Self {
        Columns { row, table, tag, at: 0 }
    }

    /// The next column, as it is.
    pub(crate) fn value<T: FromSql>(&mut self) -> Result<T> {
        self.at += 1;
        Ok(self.row.get(self.at - 1)?)
    }

    /// The next column, as an id.
    pub(crate) fn id<I: Id>(&mut self) -> Result<I> {
        Ok(I::from_row(self.value()?, self.tag))
    }

    /// The next column, as an id that may be absent.
    pub(crate) fn id_if_any<I: Id>(&mut self) -> Result<Option<I>> {
        Ok(self.value::<Option<i64>>()?.map(|row| I::from_row(row, self.tag)))
    }

    /// The next column, as a number that fits.
    pub(crate) fn number<N: TryFrom<i64>>(&mut self) -> Result<N> {
        let number: i64 = self.value()?;
        N::try_from(number).map_err(|_| Fault::damaged(self.table, format!("number {number}")))
    }

    /// The next column, as a lane.
    pub(crate) fn lane(&mut self) -> Result<Lane> {
        let index = self.number()?;
        Lane::at(index).ok_or_else(|| Fault::damaged(self.table, format!("lane {index}")))
    }

    /// The next column, as a time.
    pub(crate) fn time(&mut self) -> Result<Timestamp> {
        Ok(Timestamp::from_millis(self.value()?))
    }

    /// The next column, as a time that may be absent.
    pub(crate) fn time_if_any(&mut self) -> Result<Option<Timestamp>> {
        Ok(self.value::<Option<i64>>()?.map(Timestamp::from_millis))
    }

    /// The next column, as the name of an event type.
    pub(crate) fn name(&mut self) -> Result<EventType> {
        self.at += 1;
        let text = self.row.get_ref(self.at - 1)?.as_str().map_err(rusqlite::Error::from)?;
        Ok(EventType::from(text))
    }

    /// The next column, as an HMAC that may be absent.
    pub(crate) fn hmac(&mut self) -> Result<Option<[u8; 16]>> {
        self.value()
    }

    /// The next column, as a category that may be absent.
    pub(crate) fn category(&mut self) -> Result<Option<Category>> {
        let Some(number) = self.value::<Option<u8>>()? else { return Ok(None) };
        let category = Category::numbered(number);
        category.map(Some).ok_or_else(|| Fault::damaged(self.table, format!("category {number}")))
    }
}

/// The kinds of leftovers that are no codes of a table.
pub(crate) const PLACE: &str = "place";
pub(crate) const DROPPED: &str = "dropped";
