//! Alert rules looked at, and people told.

use std::sync::Arc;

use alerts::{Evaluator, Notifier, Ports};
use delivery::Engine;
use observe::{Metrics, Stop, tasks};
use sources::Intake;
use tokio::task::JoinHandle;

use crate::wire::Base;

/// What alerts stand on.
pub(crate) fn ports(
    base: &Base,
    engine: &Arc<Engine>,
    intake: &Arc<Intake>,
    metrics: &Arc<Metrics>,
) -> Ports {
    Ports {
        store: base.store.clone(),
        settings: base.settings.clone(),
        keyring: base.keyring.clone(),
        announce: intake.clone(),
        post: None,
        certificates: engine.clone(),
        clock: base.clock.clone(),
        ids: base.ids.clone(),
        metrics: metrics.clone(),
        console: String::new(),
    }
}

/// Looks and tells until asked to stop.
pub(crate) fn start(ports: Ports, stop: &Stop) -> [JoinHandle<()>; 2] {
    let (evaluator, notifier) = (Evaluator::new(ports.clone()), Notifier::new(ports));
    [
        tasks::essential("alerts", stop.clone(), evaluator.run(stop.clone())),
        tasks::essential("notices", stop.clone(), notifier.run(stop.clone())),
    ]
}
