//! `/admin/retention`: how long things are kept, and the clock that it goes by.

pub(crate) mod periods; // GET …
pub(crate) mod accept; // POST …/clock
pub(crate) mod read; // GET …/clock
mod shown;

pub use periods::Retention;
