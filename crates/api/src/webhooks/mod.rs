//! Webhooks of an integration: one file per call.
//!
//! `wish` is what a caller may say, `accept` makes a webhook of it or names the
//! member that is wrong, `shown` is what everybody may see of it.

mod wish; // What a caller may say.
mod accept; // What can be called.
mod shown; // What is answered.
mod find; // The one that a path names.
pub(crate) mod list;
pub(crate) mod create;
pub(crate) mod read;
pub(crate) mod update;
pub(crate) mod delete;
pub(crate) mod test;
pub(crate) mod preview;
mod previewed; // Whose content a preview shows.
pub(crate) mod logs;
pub(crate) mod status;
pub(crate) mod pause;
pub(crate) mod resume;
pub(crate) mod challenge;
pub(crate) mod rotate_secret;
pub(crate) mod recover;

pub(crate) use accept::{name, receiver};
pub(crate) use wish::Wish;
