//! What doors refused.

use std::collections::BTreeMap;

use model::{Id, IntegrationId, OrganisationId, RejectionId, Sealed, Timestamp};

use crate::{Kept, Record, RecordOf, Rejection, RejectionTotal, Standing, Surplus};

/// Rejections, and how many there were.
#[derive(Debug, Clone, Default)]
pub(super) struct Rejections {
    rows: BTreeMap<RejectionId, (Rejection, Option<Sealed>)>,
    totals: BTreeMap<Place, u64>,
}

/// An organisation, an hour, an integration and a code.
type Place = (OrganisationId, i64, IntegrationId, &'static str);

impl Rejections {
    pub(super) fn write(
        &mut self,
        new: Vec<(Rejection, Option<Sealed>)>,
        surplus: Vec<Surplus>,
        readmitted: &[RejectionId],
    ) {
        for (rejection, raw) in new {
            let Rejection { organisation, integration, code, at, .. } = rejection;
            *self.totals.entry((organisation, at.hour(), integration, code.name())).or_default() += 1;
            self.rows.insert(rejection.id, (rejection, raw));
        }
        for Surplus { organisation, integration, hour, code, count } in surplus {
            *self.totals.entry((organisation, hour, integration, code.name())).or_default() += count;
        }
        for id in readmitted {
            if let Some((row, _)) =
                self.rows.get_mut(id).filter(|(row, _)| row.standing == Standing::Quarantined)
            {
                row.standing = Standing::Replayed;
            }
        }
    }

    /// What is kept of them, sealed.
    pub(super) fn records(&self) -> impl Iterator<Item = Record> + '_ {
        self.rows.values().filter_map(|(rejection, raw)| {
            let (of, organisation, sealed) = (RecordOf::Rejection, rejection.organisation, raw.clone()?);
            Some(Record { of, row: rejection.id.row(), organisation, subject: None, sealed })
        })
    }

    /// What is kept of one.
    pub(super) fn raw_of(&mut self, row: i64) -> Option<&mut Sealed> {
        self.rows.values_mut().find(|(rejection, _)| rejection.id.row() == row)?.1.as_mut()
    }

    pub(super) fn newest(&self) -> impl Iterator<Item = Rejection> + '_ {
        self.rows.values().rev().map(|(row, raw)| as_kept(row, raw.as_ref()))
    }

    pub(super) fn find(&self, id: RejectionId) -> Option<(Rejection, Option<Sealed>)> {
        self.rows.get(&id).map(|(row, raw)| (as_kept(row, raw.as_ref()), raw.clone()))
    }

    pub(super) fn totals(&self, organisation: OrganisationId, since: i64) -> Vec<RejectionTotal> {
        let mut found: BTreeMap<(IntegrationId, &'static str), u64> = BTreeMap::new();
        for ((of, hour, integration, code), count) in &self.totals {
            if *of == organisation && *hour >= since {
                *found.entry((*integration, code)).or_default() += count;
            }
        }
        let total = |((integration, code), count)| RejectionTotal { integration, code, count };
        found.into_iter().map(total).collect()
    }

    /// Forgets what is refused for good at `bodies`, and everything at `log`; tells how many rows.
    pub(super) fn expire(&mut self, bodies: Timestamp, log: Timestamp, most: usize) -> usize {
        let old: Vec<RejectionId> =
            self.rows.values().filter(|(row, _)| row.at < log).map(|(row, _)| row.id).take(most).collect();
        old.iter().for_each(|id| drop(self.rows.remove(id)));
        let over = |row: &Rejection| row.standing != Standing::Quarantined && row.at < bodies;
        let raws = self.rows.values_mut().filter(|(row, raw)| raw.is_some() && over(row));
        let raws = raws.take(most - old.len()).map(|(_, raw)| *raw = None).count();
        self.totals.retain(|(_, hour, ..), _| *hour >= log.hour());
        old.len() + raws
    }
}

fn as_kept(row: &Rejection, raw: Option<&Sealed>) -> Rejection {
    let kept = if raw.is_some() { row.kept } else { Kept::Nothing };
    Rejection { kept, ..row.clone() }
}
