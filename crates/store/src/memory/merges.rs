//! Subjects that were merged, and the order keys of each.

use model::{OrderKey, SubjectKey};

use super::state::State;
use crate::Merge;

impl State {
    /// Makes two subjects one. What was merged before into the one given up goes with it.
    pub(super) fn merge(&mut self, merge: &Merge) {
        let ((from, into), (from_order, into_order)) = (merge.subjects, merge.orders);
        join(&mut self.merged_subjects, from, into);
        join(&mut self.merged_orders, from_order, into_order);
    }

    /// Who a subject is by now.
    pub(super) fn survivor(&self, subject: SubjectKey) -> SubjectKey {
        self.merged_subjects.get(&subject).copied().unwrap_or(subject)
    }

    /// The other subjects that are one with a subject.
    pub(super) fn one_with(&self, subject: SubjectKey) -> Vec<SubjectKey> {
        let root = self.survivor(subject);
        let merged = self.merged_subjects.iter().filter(|(_, into)| **into == root);
        let merged = merged.map(|(key, _)| *key).take(model::limits::MERGED);
        std::iter::once(root).chain(merged).filter(|one| *one != subject).collect()
    }

    /// The order key that a key became.
    pub(super) fn order_of(&self, order: OrderKey) -> OrderKey {
        self.merged_orders.get(&order).copied().unwrap_or(order)
    }

    /// The keys that were merged into this one.
    pub(super) fn merged_into(&self, order: OrderKey) -> impl Iterator<Item = OrderKey> {
        let merged = self.merged_orders.iter().filter(move |(_, into)| **into == order);
        merged.map(|(key, _)| *key).take(model::limits::MERGED)
    }
}

fn join<K: Copy + Ord>(merged: &mut std::collections::BTreeMap<K, K>, from: K, into: K) {
    let root = |key: K| merged.get(&key).copied().unwrap_or(key);
    let (from, into) = (root(from), root(into));
    if from == into {
        return;
    }
    merged.values_mut().filter(|known| **known == from).for_each(|known| *known = into);
    merged.insert(from, into);
}
