//! Ids: typed, prefixed in text, sortable by time.
//!
//! An id is 128 bits: 48 bits of milliseconds, 15 bits of counter and one zero
//! bit that keeps the upper half a positive row number, then 64 bits that name
//! the installation. So an id *is* its row, no index is needed to find it, and
//! two installations never mint the same `webhook-id`.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::Timestamp;

/// What all ids can do.
pub trait Id: Copy + Eq + Ord + fmt::Display + FromStr<Err = MalformedId> {
    /// The text before the underscore.
    const PREFIX: &'static str;

    /// The id with these bits.
    fn from_raw(raw: u128) -> Self;

    /// All 128 bits.
    fn raw(self) -> u128;

    /// The row this id stands for.
    fn row(self) -> i64 {
        i64::try_from(self.raw() >> 64).unwrap_or(i64::MAX)
    }

    /// The installation that minted this id.
    fn tag(self) -> u64 {
        (self.raw() & u128::from(u64::MAX)) as u64
    }

    /// The id of a row of the installation `tag`.
    fn from_row(row: i64, tag: u64) -> Self {
        Self::from_raw((u128::from(row.unsigned_abs()) << 64) | u128::from(tag))
    }
}

/// The text is not an id of the wanted kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id of the form {0}_ and 26 characters")]
pub struct MalformedId(pub &'static str);

/// Mints ids that rise strictly, whatever the clock does.
#[derive(Debug)]
pub struct Ids {
    last: AtomicI64,
    tag: u64,
}

impl Ids {
    /// A mint for the installation `tag` that starts above row `last`.
    #[must_use]
    pub fn new(tag: u64, last: i64) -> Self {
        Ids { last: AtomicI64::new(last), tag }
    }

    /// The installation this mint belongs to.
    #[must_use]
    pub fn tag(&self) -> u64 {
        self.tag
    }

    /// The next id; later ids are greater even if `now` went back.
    pub fn next<I: Id>(&self, now: Timestamp) -> I {
        let floor = now.millis().max(0) << COUNTER_BITS;
        let step = |last: i64| Some(floor.max(last + 1));
        let before = match self.last.fetch_update(Ordering::Relaxed, Ordering::Relaxed, step) {
            Ok(before) | Err(before) => before,
        };
        I::from_row(floor.max(before + 1), self.tag)
    }
}

/// The lowest row an id minted at `at` can have: for searching by time.
#[must_use]
pub fn first_row_at(at: Timestamp) -> i64 {
    at.millis().max(0) << COUNTER_BITS
}

/// The day in whose time a row was minted; later rows are never of an earlier day.
#[must_use]
pub fn day_of_row(row: i64) -> i64 {
    Timestamp::from_millis(row >> COUNTER_BITS).day()
}

const COUNTER_BITS: u32 = 15;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u128);

        impl Id for $name {
            const PREFIX: &'static str = $prefix;

            fn from_raw(raw: u128) -> Self {
                $name(raw)
            }

            fn raw(self) -> u128 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_id(f, $prefix, self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_id(f, $prefix, self.0)
            }
        }

        impl FromStr for $name {
            type Err = MalformedId;

            fn from_str(text: &str) -> Result<Self, MalformedId> {
                read_id($prefix, text).map($name).ok_or(MalformedId($prefix))
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                from.deserialize_str(IdVisitor(PhantomData))
            }
        }
    )*};
}

// The list is append-only: a prefix once published keeps its meaning.
ids! {
    /// An organisation.
    OrganisationId = "org";
    /// An integration.
    IntegrationId = "int";
    /// A webhook.
    WebhookId = "whk";
    /// An event.
    EventId = "evt";
    /// What a source received, before it became events.
    MessageId = "msg";
    /// A delivery.
    DeliveryId = "dlv";
    /// An attempt.
    AttemptId = "att";
    /// A trigger.
    TriggerId = "trg";
    /// A redrive.
    RedriveId = "rdr";
    /// What a door refused.
    RejectionId = "rej";
    /// An alert rule.
    AlertRuleId = "alr";
    /// An alert.
    AlertId = "alt";
    /// An API key.
    KeyId = "key";
    /// An event type of an organisation's own.
    EventTypeId = "ety";
    /// A person using the admin surface.
    OperatorId = "opr";
}

struct IdVisitor<I>(PhantomData<I>);

impl<I: Id> serde::de::Visitor<'_> for IdVisitor<I> {
    type Value = I;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an id of the form {}_ and 26 characters", I::PREFIX)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<I, E> {
        text.parse().map_err(E::custom)
    }
}

// Crockford's base 32: no i, l, o or u, so that an id read aloud survives.
const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// Digits of an id behind its prefix.
pub const ID_DIGITS: usize = 26;

fn write_id(f: &mut fmt::Formatter<'_>, prefix: &str, raw: u128) -> fmt::Result {
    let mut text = [b'0'; ID_DIGITS];
    let mut rest = raw;
    for place in text.iter_mut().rev() {
        *place = DIGITS[(rest & 31) as usize];
        rest >>= 5;
    }
    let text = str::from_utf8(&text).map_err(|_| fmt::Error)?;
    write!(f, "{prefix}_{text}")
}

fn read_id(prefix: &str, text: &str) -> Option<u128> {
    let digits = text.strip_prefix(prefix)?.strip_prefix('_')?;
    if digits.len() != ID_DIGITS {
        return None;
    }
    id_digits(digits, b'0')
}

/// The bits of an id that begins with `digits` and goes on with `rest`; none if there is no such id.
#[must_use]
pub fn id_digits(digits: &str, rest: u8) -> Option<u128> {
    let filled = digits.bytes().chain(std::iter::repeat(rest)).take(ID_DIGITS);
    filled.into_iter().try_fold(0_u128, |raw, digit| {
        let value = DIGITS.iter().position(|known| *known == digit)?;
        raw.checked_mul(32)?.checked_add(value as u128)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_rise_even_when_the_clock_goes_back() {
        let ids = Ids::new(7, 0);
        let first: EventId = ids.next(Timestamp::from_millis(1_000));
        let second: EventId = ids.next(Timestamp::from_millis(10));
        let third: EventId = ids.next(Timestamp::from_millis(2_000));
        assert!(first < second && second < third);
        assert_eq!(third.row(), first_row_at(Timestamp::from_millis(2_000)));
    }

    #[test]
    fn a_row_tells_the_day_it_was_minted_on() {
        let midnight = Timestamp::start_of(20_000);
        assert_eq!(midnight.day(), 20_000);
        assert_eq!(day_of_row(first_row_at(midnight)), 20_000);
        assert_eq!(day_of_row(first_row_at(midnight) - 1), 19_999);
    }

    #[test]
    fn an_id_survives_its_text_and_its_row() {
        let id: DeliveryId = Ids::new(u64::MAX, 0).next(Timestamp::from_millis(1_790_000_000_000));
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(DeliveryId::from_row(id.row(), id.tag()), id);
        assert_eq!(id.to_string().len(), 30);
    }

    #[test]
    fn text_of_another_kind_or_shape_is_refused() {
        for text in ["", "evt_", "evt_01", "dlv_00000000000000000000000000", "evt_0000000000000000000000000I"]
        {
            assert_eq!(text.parse::<EventId>(), Err(MalformedId("evt")), "{text}");
        }
        // 26 digits hold 130 bits; the two too many are refused, not cut.
        assert!("evt_zzzzzzzzzzzzzzzzzzzzzzzzzz".parse::<EventId>().is_err());
    }
}
