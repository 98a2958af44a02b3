//! Sends each delivery until it is accepted, refused or out of attempts.

mod decide; // What an answer means.
mod breaker; // Whether a destination may be called now.
mod bucket; // How often.
mod dispatch; // Which delivery goes next.
