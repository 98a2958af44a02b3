//! What the outside can see of a running server, and tasks that cannot die unseen.
//!
//! `metrics` counts, `traces` tells a collector, `alerts` looks at rules, `live` tells who watches what happens, `tasks` starts
//! everything that runs beside something else, `stop` ends it. Nothing here is
//! ever labelled with a person, a URL or a webhook.

mod metrics; // What is counted.
pub mod worklist; // What no table takes up, by integration.
pub mod traces; // What took how long, for a collector.
pub mod alerts; // When somebody should look.
pub mod live; // What happens, for who watches.
mod stop; // The wish to end.
pub mod tasks; // What runs beside something else.

pub use metrics::{Connected, Metrics};
pub use stop::Stop;
