//! How fast dead letters come back, and as what.

use model::limits;

use crate::refused::Result;
use crate::strict::invalid;

/// How deliveries come back.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Way {
    /// Each as a new delivery.
    pub(crate) fresh: bool,
    /// How many a second, at most.
    pub(crate) per_second: Option<u32>,
}

impl Way {
    pub(super) fn check(self) -> Result<Way> {
        let most = limits::REDRIVE_PER_SECOND;
        match self.per_second {
            Some(pace) if !(1..=most).contains(&pace) => {
                let fault = invalid("/perSecond", format!("A pace is 1 to {most} a second."));
                Err(fault.fix("Leave perSecond out for as fast as it goes.").into())
            }
            _ => Ok(self),
        }
    }
}
