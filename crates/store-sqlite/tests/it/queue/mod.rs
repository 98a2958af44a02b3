//! The queue against a model of it, in random histories with kills between.

mod model; // What a store must do.

use std::sync::Arc;
use std::time::Duration;

use ::model::{Category, DeliveryId, DeliveryState, HoldReason, Lane, OrderKey};
use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestRunner};
use store::contract::{Desk, World};
use store::{Ask, Batch, Claim, End, Hold, NewDelivery, Place, Reschedule, Settled, Store};

use self::model::{Known, Model, New};
use crate::control::{Broken, Fault};
use crate::support::Disk;

#[derive(Debug, Clone)]
enum Step {
    Arrive(Option<u8>, Lane, Place),
    /// A correction of another delivery comes in, which may have ended.
    Correct(prop::sample::Index, Option<u8>, Lane, Place),
    Claim(Lane, usize),
    Settle(prop::sample::Index, End),
    PutOff(prop::sample::Index, bool),
    Due,
    GiveBack(prop::sample::Index),
    Revive(prop::sample::Index),
    End(prop::sample::Index),
    Kill,
}

fn step() -> impl Strategy<Value = Step> {
    let place = || prop_oneof![Just(Place::Memory), Just(Place::Disk), Just(Place::Behind)];
    let lane = || prop_oneof![3 => Just(Lane::Routine), 1 => Just(Lane::Urgent), 1 => Just(Lane::Critical)];
    let order = || prop::option::weighted(0.7, 0..2_u8);
    let end = prop_oneof![3 => Just(End::Delivered), 1 => Just(End::DeadLettered), 1 => Just(End::Withheld)];
    let index = any::<prop::sample::Index>;
    prop_oneof![
        5 => (order(), lane(), place()).prop_map(|(order, lane, place)| Step::Arrive(order, lane, place)),
        4 => (index(), order(), lane(), place())
            .prop_map(|(of, order, lane, place)| Step::Correct(of, order, lane, place)),
        4 => (lane(), 1..4_usize).prop_map(|(lane, max)| Step::Claim(lane, max)),
        5 => (index(), end).prop_map(|(pick, end)| Step::Settle(pick, end)),
        3 => (index(), any::<bool>()).prop_map(|(pick, keep)| Step::PutOff(pick, keep)),
        2 => Just(Step::Due),
        2 => index().prop_map(Step::GiveBack),
        2 => index().prop_map(Step::Revive),
        1 => index().prop_map(Step::End),
        1 => Just(Step::Kill),
    ]
}

/// A store and the model of it.
struct History {
    disk: Disk,
    /// The store itself, which keeps every promise, and what is done to it.
    inner: Arc<dyn Store>,
    fault: Fault,
    world: World,
    desk: Arc<Desk>,
    model: Model,
}

impl History {
    fn begin(fault: Fault) -> Self {
        let disk = Disk::default();
        let inner = disk.open();
        let world = World::on(Broken::wrap(fault, &inner));
        let desk = Desk::join(&world, Place::Disk);
        History { disk, inner, fault, world, desk, model: Model::default() }
    }

    /// One of the deliveries in `among`.
    fn pick(&self, index: prop::sample::Index, among: &[DeliveryId]) -> Option<(DeliveryId, Known)> {
        let id = *among.get(index.index(among.len().max(1)))?;
        Some((id, self.model.all[&id].clone()))
    }

    async fn take(&mut self, step: &Step) {
        match step {
            Step::Arrive(order, lane, place) => {
                self.arrive(New { order: *order, lane: *lane, follows: None }, *place).await;
            }
            Step::Correct(of, order, lane, place) => {
                let follows = self.pick(*of, &self.all()).map(|(id, _)| id);
                self.arrive(New { order: *order, lane: *lane, follows }, *place).await;
            }
            Step::Claim(lane, max) => self.claim(*lane, *max).await,
            Step::Settle(pick, end) => self.settle(*pick, *end).await,
            Step::PutOff(pick, keep) => self.put_off(*pick, *keep).await,
            Step::Due => self.due().await,
            Step::GiveBack(pick) => self.give_back(*pick).await,
            Step::Revive(pick) => self.revive(*pick).await,
            Step::End(pick) => self.end(*pick).await,
            Step::Kill => self.kill(),
        }
        self.check().await;
    }

    fn all(&self) -> Vec<DeliveryId> {
        self.model.all.keys().copied().collect()
    }

    async fn arrive(&mut self, new: New, place: Place) {
        self.desk.place_in(place);
        let New { order, lane, follows } = new;
        let order = order.map(|byte| OrderKey([byte; 16]));
        let delivery = NewDelivery { order, lane, follows, ..self.world.delivery(None) };
        let id = delivery.id;
        let arrivals = vec![self.world.arrival(vec![delivery])];
        self.world.commit(Batch { arrivals, ..Batch::default() }).await;
        self.model.arrive(id, new, place);
        let taken = self.hear().await;
        let is_taken = place == Place::Memory && self.model.all[&id].follows.is_none();
        assert_eq!(taken.len(), usize::from(is_taken));
        self.model.all.get_mut(&id).unwrap().claim = taken.into_iter().next();
    }

    /// What the sender takes over. Whom it is asked to give back is checked on the way.
    async fn hear(&mut self) -> Vec<Claim> {
        let heard = self.desk.heard(&self.world).await;
        let recalled: Vec<_> = heard.recalled.iter().map(|recall| recall.delivery).collect();
        assert_eq!(recalled, std::mem::take(&mut self.model.recalled), "whom to give back");
        heard.taken
    }

    async fn claim(&mut self, lane: Lane, max: usize) {
        let expected = self.model.ready(lane, max);
        let claims = self.world.store.claim(Ask { webhook: self.world.webhook, lane, max }).await.unwrap();
        let found: Vec<_> = claims.iter().map(|claim| claim.delivery).collect();
        assert_eq!(found, expected, "the oldest that are due, and nothing else");
        for claim in claims {
            let known = self.model.all.get_mut(&claim.delivery).unwrap();
            assert_eq!((claim.attempts, claim.lane), (known.attempts, known.lane));
            known.claim = Some(claim);
        }
    }

    async fn settle(&mut self, pick: prop::sample::Index, end: End) {
        let Some((id, known)) = self.pick(pick, &self.model.in_memory()) else { return };
        let claim = known.claim.unwrap();
        let attempts = known.attempts + 1;
        let error = (end == End::DeadLettered).then_some(Category::Http5xx);
        let (at, epoch) = (World::NOW, claim.epoch);
        let settled = Settled { delivery: id, epoch, end, at, attempts, error, rendered: None };
        let stale = Settled { epoch: epoch - 1, end: End::Cancelled, ..settled.clone() };
        let done = self.world.commit(Batch { settled: vec![stale, settled], ..Batch::default() }).await;
        assert_eq!(done.fenced, [id], "only the older epoch is fenced");
        self.model.all.get_mut(&id).unwrap().attempts = attempts;
        self.model.end(id, end.state());
    }

    async fn put_off(&mut self, pick: prop::sample::Index, keep: bool) {
        let Some((id, known)) = self.pick(pick, &self.model.in_memory()) else { return };
        let claim = known.claim.unwrap();
        let (due, attempts) = (World::NOW + Duration::from_secs(60), known.attempts + 1);
        let error = Some(Category::Dns);
        let again =
            Reschedule { delivery: id, epoch: claim.epoch, due, attempts, error, rendered: None, keep };
        assert!(self.world.commit(Batch { again: vec![again], ..Batch::default() }).await.fenced.is_empty());
        self.model.put_off(id, keep);
        self.hear().await;
    }

    async fn due(&mut self) {
        let later = World::NOW + Duration::from_secs(120);
        let come = self.world.store.due(later, 100).await.unwrap();
        assert_eq!(come.iter().map(|backlog| backlog.count).sum::<u64>(), self.model.due());
    }

    async fn give_back(&mut self, pick: prop::sample::Index) {
        let Some((id, known)) = self.pick(pick, &self.model.in_memory()) else { return };
        let hold = Hold { delivery: id, epoch: known.claim.unwrap().epoch, reason: HoldReason::Ordering };
        assert!(self.world.commit(Batch { held: vec![hold], ..Batch::default() }).await.fenced.is_empty());
        self.model.give_back(id);
    }

    async fn revive(&mut self, pick: prop::sample::Index) {
        let Some((id, _)) = self.pick(pick, &self.all()) else { return };
        self.world.commit(Batch { revived: vec![id], ..Batch::default() }).await;
        self.model.revive(id);
    }

    async fn end(&mut self, pick: prop::sample::Index) {
        let Some((id, known)) = self.pick(pick, &self.all()) else { return };
        self.world.commit(Batch { ended: vec![(id, End::Cancelled)], ..Batch::default() }).await;
        match (known.claim, known.state.is_finished()) {
            (_, true) => return,
            (Some(claim), _) => {
                let (delivery, epoch, at) = (id, claim.epoch, World::NOW);
                let end = End::Delivered;
                let late = Settled { delivery, epoch, end, at, attempts: 9, error: None, rendered: None };
                let done = self.world.commit(Batch { settled: vec![late], ..Batch::default() }).await;
                assert_eq!(done.fenced, [id], "whoever held it comes too late");
            }
            (None, _) => {}
        }
        self.model.end(id, DeliveryState::Cancelled);
    }

    fn kill(&mut self) {
        self.inner = self.disk.kill(&self.inner);
        self.world.store = Broken::wrap(self.fault, &self.inner);
        self.desk = Desk::join(&self.world, Place::Disk);
        self.model.restart();
    }

    async fn check(&self) {
        for (id, known) in &self.model.all {
            let row = self.world.store.find_delivery(*id).await.unwrap().expect("nothing is lost");
            assert_eq!(
                (row.state, row.attempts, row.lane, row.follows),
                (known.state, known.attempts, known.lane, known.follows),
                "{id}"
            );
        }
        let unfinished = self.model.all.values().filter(|known| !known.state.is_finished()).count();
        assert_eq!(self.world.store.health().await.unfinished, unfinished as u64);
        let totals = self
            .world
            .store
            .totals((self.world.webhook, ::model::Environment::Live), World::NOW)
            .await
            .unwrap();
        let dead = self.model.all.values().filter(|known| known.state == DeliveryState::DeadLettered).count();
        assert_eq!(
            (totals.pending + totals.dead_lettered, totals.dead_lettered),
            (unfinished as u64, dead as u64)
        );
    }
}

/// Plays random histories on a store with this fault.
fn play(fault: Fault, config: ProptestConfig) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let histories = prop::collection::vec(step(), 1..40);
    let result = TestRunner::new(config).run(&histories, |steps| {
        runtime.block_on(async {
            let mut history = History::begin(fault);
            for step in &steps {
                history.take(step).await;
            }
        });
        Ok(())
    });
    result.map_err(|fault| fault.to_string())
}

/// So many histories by a seed that is printed.
fn cases(cases: u32) -> ProptestConfig {
    let mut config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    if let RngSeed::Random = config.rng_seed {
        let id = std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), 1_u8);
        config.rng_seed = RngSeed::Fixed(id);
    }
    println!("repeat with PROPTEST_RNG_SEED={:?}", config.rng_seed);
    config
}

#[test]
fn every_history_is_one_the_model_allows() {
    play(Fault::None, cases(48)).unwrap();
}

#[test]
fn a_broken_store_has_a_history_that_the_model_does_not_allow() {
    let config = ProptestConfig { max_shrink_iters: 0, ..cases(48) };
    for fault in [Fault::ForgetsSettlements, Fault::ClaimsTwice, Fault::ForgetsOrder, Fault::ForgetsOriginals]
    {
        assert!(play(fault, config.clone()).is_err(), "{fault:?} was not noticed");
    }
}
