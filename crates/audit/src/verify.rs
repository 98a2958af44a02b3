//! Whether a chain is as it was written.

use aws_lc_rs::{constant_time, hmac};

use crate::{Anchor, Gap, Head, Row, chain};

/// What is known of a chain without a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// How many rows are covered, those that were taken out among them.
    pub rows: u64,
    /// How many of them were taken out, as old machine steps are.
    pub taken_out: u64,
    /// The last of them.
    pub up_to: Head,
    /// No row up to this number was cut off; 0 without an anchor. Behind it, a
    /// cut tail cannot be told from rows that were never written.
    pub truncation_excluded_to: u64,
}

/// The first place where a chain is not as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("row {number}: {what}")]
pub struct Fault {
    /// The row.
    pub number: u64,
    /// What is wrong there.
    pub what: Tampering,
}

/// What somebody did to a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Tampering {
    /// The row, or what stands before it, is not what was written.
    #[error("changed")]
    Changed,
    /// The row is gone; a later one follows.
    #[error("missing")]
    Missing,
    /// Another row stands here that belongs before.
    #[error("inserted or out of order")]
    OutOfOrder,
    /// The chain ends before the anchor does.
    #[error("cut off: the anchor knows of later rows")]
    Truncated,
    /// The anchor remembers another row.
    #[error("not the row that the anchor remembers")]
    NotAnchored,
}

/// Checks all rows behind `from`, in order.
///
/// # Errors
/// The first row that was changed, deleted, inserted or moved, or the first that was cut off.
pub fn verify(
    rows: impl IntoIterator<Item = Row>,
    key: &[u8; 32],
    from: Head,
    anchor: Option<Anchor>,
) -> Result<Verified, Fault> {
    let mut verifier = Verifier::new(key, from, anchor);
    for row in rows {
        verifier.check(&row)?;
    }
    verifier.finish()
}

/// Checks a chain that is read page by page.
#[derive(Debug)]
pub struct Verifier {
    key: hmac::Key,
    from: Head,
    head: Head,
    taken_out: u64,
    anchor: Option<Anchor>,
}

impl Verifier {
    /// Checks rows behind `from`: [`Head::EMPTY`], or the head before the oldest row that is kept.
    #[must_use]
    pub fn new(key: &[u8; 32], from: Head, anchor: Option<Anchor>) -> Self {
        Verifier { key: hmac::Key::new(hmac::HMAC_SHA256, key), from, head: from, taken_out: 0, anchor }
    }

    /// Checks the next row.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(&mut self, row: &Row) -> Result<(), Fault> {
        let expected = self.head.number + 1;
        if row.number > expected {
            return Err(Fault { number: expected, what: Tampering::Missing });
        }
        if row.number < expected {
            return Err(Fault { number: row.number, what: Tampering::OutOfOrder });
        }
        let mac = chain::mac(&self.key, row.number, &self.head.mac, &row.entry);
        if constant_time::verify_slices_are_equal(&mac, &row.mac).is_err() {
            return Err(Fault { number: row.number, what: Tampering::Changed });
        }
        self.head = row.head();
        self.compare_with_anchor()
    }

    /// The number that the next row must have, unless a gap begins there.
    #[must_use]
    pub fn next(&self) -> u64 {
        self.head.number + 1
    }

    /// Goes over rows that were taken out.
    ///
    /// # Errors
    /// They were not taken out by whoever has the key, or not from here.
    pub fn skip(&mut self, gap: &Gap) -> Result<(), Fault> {
        let grows = gap.last.number > gap.before.number;
        if gap.before != self.head || !grows || !gap.is_sealed(&self.key) {
            return Err(Fault { number: self.next(), what: Tampering::Changed });
        }
        self.head = gap.last;
        self.taken_out += gap.last.number - gap.before.number;
        self.compare_with_anchor()
    }

    /// Ends the check.
    ///
    /// # Errors
    /// Rows that the anchor knows of are gone.
    pub fn finish(self) -> Result<Verified, Fault> {
        self.compare_with_anchor()?;
        let anchored = self.anchor.map_or(0, |anchor| anchor.head.number);
        if self.head.number < anchored {
            return Err(Fault { number: self.head.number + 1, what: Tampering::Truncated });
        }
        let rows = self.head.number - self.from.number;
        Ok(Verified { rows, taken_out: self.taken_out, up_to: self.head, truncation_excluded_to: anchored })
    }

    fn compare_with_anchor(&self) -> Result<(), Fault> {
        match self.anchor {
            Some(anchor) if anchor.head.number == self.head.number && anchor.head != self.head => {
                Err(Fault { number: self.head.number, what: Tampering::NotAnchored })
            }
            Some(_) | None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use model::Timestamp;

    use super::*;
    use crate::{Action, Actor, BadAnchor, Chain, Entry};

    const KEY: [u8; 32] = [7; 32];

    fn entry(target: &str) -> Entry {
        Entry {
            at: Timestamp::from_millis(1),
            organisation: None,
            actor: Actor::System,
            action: Action::Update,
            target: target.to_owned(),
            detail: "name".to_owned(),
        }
    }

    fn five() -> Vec<Row> {
        let mut chain = Chain::resume(&KEY, Head::EMPTY);
        ["a", "b", "c", "d", "e"].map(|target| chain.append(entry(target))).to_vec()
    }

    #[track_caller]
    fn found(rows: Vec<Row>, number: u64, what: Tampering) {
        assert_eq!(verify(rows, &KEY, Head::EMPTY, None), Err(Fault { number, what }));
    }

    #[test]
    fn every_kind_of_tampering_is_found_at_its_row() {
        let chain = five();
        let head = chain[4].head();
        let whole = Verified { rows: 5, taken_out: 0, up_to: head, truncation_excluded_to: 0 };
        assert_eq!(verify(chain.clone(), &KEY, Head::EMPTY, None), Ok(whole));

        let changes: [fn(&mut Row); 7] = [
            |row| row.entry.at = Timestamp::from_millis(2),
            |row| row.entry.action = Action::Delete,
            |row| row.entry.actor = Actor::CommandLine,
            |row| row.entry.organisation = Some(model::Id::from_raw(0)),
            |row| row.entry.target.push('x'),
            |row| row.entry.detail.clear(),
            |row| row.mac[31] ^= 1,
        ];
        for change in changes {
            let mut rows = chain.clone();
            change(&mut rows[2]);
            found(rows, 3, Tampering::Changed);
        }

        // A character that moves from one text to the next is a change too.
        let mut rows = chain.clone();
        (rows[2].entry.target, rows[2].entry.detail) = ("cn".to_owned(), "ame".to_owned());
        found(rows, 3, Tampering::Changed);

        let mut rows = chain.clone();
        rows.remove(2);
        found(rows.clone(), 3, Tampering::Missing);
        rows.iter_mut().skip(2).for_each(|row| row.number -= 1);
        found(rows, 3, Tampering::Changed);

        let mut rows = chain.clone();
        rows.insert(3, chain[1].clone());
        found(rows, 2, Tampering::OutOfOrder);

        let mut rows = chain.clone();
        rows.swap(1, 2);
        found(rows, 2, Tampering::Missing);

        let other = verify(chain, &[8; 32], Head::EMPTY, None);
        assert_eq!(other, Err(Fault { number: 1, what: Tampering::Changed }));
    }

    #[test]
    fn a_cut_tail_is_seen_up_to_the_anchor() {
        let chain = five();
        let anchor = Anchor::at(chain[3].head());
        let anchor = Some(Anchor::from_text(&anchor.to_text(&KEY), &KEY).unwrap());
        let check = |rows: &[Row]| verify(rows.to_vec(), &KEY, Head::EMPTY, anchor);

        assert_eq!(check(&chain).unwrap().truncation_excluded_to, 4);
        assert_eq!(check(&chain[..4]).unwrap().up_to, chain[3].head());
        assert_eq!(check(&chain[..3]), Err(Fault { number: 4, what: Tampering::Truncated }));
        assert_eq!(check(&[]), Err(Fault { number: 1, what: Tampering::Truncated }));

        // A store that was put back and went on differently has the same numbers and other rows.
        let mut forked = Chain::resume(&KEY, chain[2].head());
        let forked = [&chain[..3], &[forked.append(entry("x"))]].concat();
        assert_eq!(check(&forked), Err(Fault { number: 4, what: Tampering::NotAnchored }));

        // Retention cut the front: the check starts behind the head that it left.
        let kept = verify(chain[2..].to_vec(), &KEY, chain[1].head(), anchor);
        assert_eq!(kept.map(|verified| verified.rows), Ok(3));
    }

    #[test]
    fn rows_that_were_taken_out_with_the_key_leave_the_rest_provable_and_nothing_else_does() {
        let rows = five();
        let chain = Chain::resume(&KEY, rows[4].head());
        let gap = chain.gap(rows[0].head(), rows[2].head());
        let check = |gap: Gap| {
            let mut verifier = Verifier::new(&KEY, Head::EMPTY, None);
            verifier.check(&rows[0])?;
            assert_eq!(verifier.next(), gap.first());
            verifier.skip(&gap)?;
            verifier.check(&rows[3])?;
            verifier.check(&rows[4])?;
            verifier.finish()
        };
        let whole = Verified { rows: 5, taken_out: 2, up_to: rows[4].head(), truncation_excluded_to: 0 };
        assert_eq!(check(gap), Ok(whole));
        let forged = Chain::resume(&[8; 32], Head::EMPTY).gap(rows[0].head(), rows[2].head());
        assert_eq!(check(forged), Err(Fault { number: 2, what: Tampering::Changed }));
        let wider = Gap { last: rows[3].head(), ..gap };
        assert_eq!(check(wider), Err(Fault { number: 2, what: Tampering::Changed }));
        let elsewhere = chain.gap(Head { number: 1, mac: [0; 32] }, rows[2].head());
        assert_eq!(check(elsewhere), Err(Fault { number: 2, what: Tampering::Changed }));
    }

    #[test]
    fn an_anchor_cannot_be_made_without_the_key() {
        let text = Anchor::at(five()[4].head()).to_text(&KEY);
        assert_eq!(Anchor::from_text(&text.replace(" 5 ", " 4 "), &KEY), Err(BadAnchor::Forged));
        assert_eq!(Anchor::from_text(&text, &[8; 32]), Err(BadAnchor::Forged));
        assert_eq!(Anchor::from_text("", &KEY), Err(BadAnchor::Malformed));
    }
}
