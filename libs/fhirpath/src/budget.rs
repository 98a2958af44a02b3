//! What evaluations may still cost: steps and, as the last fence, time.

use std::time::{Duration, Instant};

use crate::fault::ErrorKind;
use crate::limits::Limits;

/// The steps and the time that are left to one evaluation, or to several that share them.
///
/// Steps end an evaluation at the same place on every machine. Time stands behind them, should a step ever
/// cost more than it ought to: the clock is looked at every so many steps, and never by what takes few.
#[derive(Debug, Clone)]
pub struct Budget {
    steps: u32,
    /// The clock is looked at when fewer steps than these are left.
    look_below: u32,
    time: Duration,
    /// When the clock was looked at first.
    began: Option<Instant>,
}

impl Budget {
    /// Steps before the first look at the clock: what an ordinary condition takes.
    const FIRST_LOOK: u32 = 64;
    /// Steps between two looks.
    const LOOK: u32 = 256;

    /// All that limits allow.
    #[must_use]
    pub fn of(limits: &Limits) -> Budget {
        let Limits { steps, time, .. } = *limits;
        Budget { steps, look_below: steps.saturating_sub(Self::FIRST_LOOK), time, began: None }
    }

    /// Pays for `steps` operations.
    pub(crate) fn spend(&mut self, steps: usize) -> Result<(), ErrorKind> {
        let left = u32::try_from(steps).ok().and_then(|steps| self.steps.checked_sub(steps));
        self.steps = left.ok_or(ErrorKind::Steps)?;
        if self.steps < self.look_below { self.look() } else { Ok(()) }
    }

    #[cold]
    #[expect(
        clippy::disallowed_methods,
        reason = "it measures what an evaluation costs the machine, which no clock of a simulation knows"
    )]
    fn look(&mut self) -> Result<(), ErrorKind> {
        self.look_below = self.steps.saturating_sub(Self::LOOK);
        let began = *self.began.get_or_insert_with(Instant::now);
        if began.elapsed() >= self.time { Err(ErrorKind::Time) } else { Ok(()) }
    }
}
