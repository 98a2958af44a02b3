//! `/admin/retention`: the clock that retention goes by.

pub(crate) mod accept; // POST …/clock
pub(crate) mod read; // GET …/clock
mod shown;
