//! The whole node on a simulated network, clock and store.
//!
//! A [`World`] runs the real intake and the real engine over a store in memory,
//! on tokio's paused time: three days pass in seconds, and the same seed takes
//! the same course. Receivers are played by `network`; `laws` says what must
//! hold after every run. Scenarios are sentences in `tests/`.

mod clock; // Wall time that follows the runtime's.
mod network; // Receivers, and when they answer what.
mod world; // A node and everything around it.
pub mod laws; // What must hold after every run.

pub use network::{Answer, Behaviour, Heard};
pub use world::{Hook, Potassium, World};
