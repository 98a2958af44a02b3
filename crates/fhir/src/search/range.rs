//! Prefixes over ranges: a search value has a precision, a stored one may be an interval.

use std::ops::Bound::{self, Excluded, Included, Unbounded};

use super::matched::{Verdict, Why};

/// How a value is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Prefix {
    Equal,
    NotEqual,
    Greater,
    Less,
    GreaterOrEqual,
    LessOrEqual,
    StartsAfter,
    EndsBefore,
    Approximately,
}

impl Prefix {
    /// Reads the prefix of a value; without one it is `eq`.
    pub(super) fn of(text: &str) -> (Prefix, &str) {
        let (head, rest) = text.split_at_checked(2).unwrap_or(("", text));
        Prefix::word(head).map_or((Prefix::Equal, text), |prefix| (prefix, rest))
    }

    /// Reads a comparator by its word.
    pub(super) fn word(word: &str) -> Option<Prefix> {
        Some(match word {
            "eq" => Prefix::Equal,
            "ne" => Prefix::NotEqual,
            "gt" => Prefix::Greater,
            "lt" => Prefix::Less,
            "ge" => Prefix::GreaterOrEqual,
            "le" => Prefix::LessOrEqual,
            "sa" => Prefix::StartsAfter,
            "eb" => Prefix::EndsBefore,
            "ap" => Prefix::Approximately,
            _ => return None,
        })
    }
}

/// A stretch of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Range<T> {
    pub(super) low: Bound<T>,
    pub(super) high: Bound<T>,
}

impl<T: PartialOrd + Copy> Range<T> {
    pub(super) fn point(at: T) -> Range<T> {
        Range { low: Included(at), high: Included(at) }
    }

    /// From `low` to just before `high`.
    pub(super) fn until(low: T, high: T) -> Range<T> {
        Range { low: Included(low), high: Excluded(high) }
    }

    fn contains(&self, other: &Range<T>) -> bool {
        !other.reaches_below(self) && !other.reaches_above(self)
    }

    /// Some point lies above everything in `other`.
    fn reaches_above(&self, other: &Range<T>) -> bool {
        match (self.high, other.high) {
            (_, Unbounded) => false,
            (Unbounded, _) => true,
            (Included(own), Excluded(end)) => own >= end,
            (Included(own) | Excluded(own), Included(end)) | (Excluded(own), Excluded(end)) => own > end,
        }
    }

    fn reaches_below(&self, other: &Range<T>) -> bool {
        match (self.low, other.low) {
            (_, Unbounded) => false,
            (Unbounded, _) => true,
            (Included(own), Excluded(start)) => own <= start,
            (Included(own) | Excluded(own), Included(start)) | (Excluded(own), Excluded(start)) => {
                own < start
            }
        }
    }

    /// Every point lies above everything in `other`.
    fn is_above(&self, other: &Range<T>) -> bool {
        match (self.low, other.high) {
            (_, Unbounded) | (Unbounded, _) => false,
            (Included(own), Included(end)) => own > end,
            (Included(own) | Excluded(own), Excluded(end)) | (Excluded(own), Included(end)) => own >= end,
        }
    }

    fn is_below(&self, other: &Range<T>) -> bool {
        other.is_above(self)
    }
}

/// Compares a stored stretch of time or numbers, which is as long as it is (FHIR R4 §3.1.1.4.4).
pub(super) fn stretch<T: PartialOrd + Copy>(prefix: Prefix, sought: &Range<T>, stored: &Range<T>) -> Verdict {
    Verdict::of(match prefix {
        Prefix::Equal => sought.contains(stored),
        Prefix::NotEqual => !sought.contains(stored),
        Prefix::Greater => stored.reaches_above(sought),
        Prefix::Less => stored.reaches_below(sought),
        Prefix::GreaterOrEqual => stored.reaches_above(sought) || sought.contains(stored),
        Prefix::LessOrEqual => stored.reaches_below(sought) || sought.contains(stored),
        Prefix::StartsAfter => stored.is_above(sought),
        Prefix::EndsBefore => stored.is_below(sought),
        Prefix::Approximately => !stored.is_above(sought) && !stored.is_below(sought),
    })
}

/// Compares a stored value of which only an interval is known (P5): what holds for some of it alone is unclear.
pub(super) fn interval<T: PartialOrd + Copy>(
    prefix: Prefix,
    sought: &Range<T>,
    stored: &Range<T>,
) -> Verdict {
    let (all, none) = match prefix {
        Prefix::Equal | Prefix::Approximately => {
            (sought.contains(stored), stored.is_above(sought) || stored.is_below(sought))
        }
        Prefix::NotEqual => return !interval(Prefix::Equal, sought, stored),
        Prefix::Greater | Prefix::StartsAfter => (stored.is_above(sought), !stored.reaches_above(sought)),
        Prefix::Less | Prefix::EndsBefore => (stored.is_below(sought), !stored.reaches_below(sought)),
        Prefix::GreaterOrEqual => (!stored.reaches_below(sought), stored.is_below(sought)),
        Prefix::LessOrEqual => (!stored.reaches_above(sought), stored.is_above(sought)),
    };
    match (all, none) {
        (true, _) => Verdict::Yes,
        (false, true) => Verdict::No,
        (false, false) => Verdict::Unclear(Why::Comparator),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p5_an_interval_holds_where_all_of_it_holds_and_is_unclear_where_some_does() {
        let above_600 = Range { low: Excluded(600), high: Unbounded };
        let asked = |prefix, bound| interval(prefix, &Range::point(bound), &above_600);
        let unclear = Verdict::Unclear(Why::Comparator);
        assert_eq!(asked(Prefix::Greater, 500), Verdict::Yes);
        assert_eq!(asked(Prefix::Greater, 600), Verdict::Yes);
        assert_eq!(asked(Prefix::Greater, 700), unclear);
        assert_eq!(asked(Prefix::Less, 600), Verdict::No);
        assert_eq!(asked(Prefix::Less, 601), unclear);
        assert_eq!(asked(Prefix::LessOrEqual, 600), Verdict::No);
        assert_eq!(asked(Prefix::GreaterOrEqual, 600), Verdict::Yes);
        assert_eq!(asked(Prefix::Equal, 600), Verdict::No);
        assert_eq!(asked(Prefix::Equal, 601), unclear);
        assert_eq!(asked(Prefix::NotEqual, 600), Verdict::Yes);
    }

    #[test]
    fn a_stretch_is_compared_by_its_ends() {
        let day = Range::until(10, 20);
        let asked = |prefix, low, high| stretch(prefix, &day, &Range::until(low, high)) == Verdict::Yes;
        assert!(asked(Prefix::Equal, 10, 20) && asked(Prefix::Equal, 12, 13) && !asked(Prefix::Equal, 9, 20));
        assert!(asked(Prefix::NotEqual, 9, 20) && !asked(Prefix::NotEqual, 10, 11));
        assert!(asked(Prefix::Greater, 15, 21) && !asked(Prefix::Greater, 15, 20));
        assert!(asked(Prefix::Less, 9, 15) && !asked(Prefix::Less, 10, 30));
        assert!(asked(Prefix::GreaterOrEqual, 12, 14) && !asked(Prefix::GreaterOrEqual, 1, 12));
        assert!(asked(Prefix::StartsAfter, 20, 21) && !asked(Prefix::StartsAfter, 19, 30));
        assert!(asked(Prefix::EndsBefore, 1, 10) && !asked(Prefix::EndsBefore, 1, 11));
        assert!(asked(Prefix::Approximately, 19, 30) && !asked(Prefix::Approximately, 20, 30));
    }
}
