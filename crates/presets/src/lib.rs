//! Third parties as data: how their webhooks are proven, and what they say.
//!
//! A preset is a table in a TOML file; `docs/reference/presets.md` describes
//! the format. A call passes through `handshake` (what a vendor asks before it
//! sends), `proof` (whether it comes from the vendor) and `reading` (what it
//! says happened). No vendor has code of its own, and nothing here does I/O.

mod template; // Text with variables.
mod call; // What came in, as far as it is known.
mod encoding; // Hex and base64.
mod moment; // Times, as vendors write them.
mod shape; // How a header carries a signature.
mod document; // A preset as it is written.
mod preset; // A preset as it is used.
mod fields; // What it asks an operator for.
mod handshake; // What a vendor asks before it sends.
mod proof; // Whether a call comes from the vendor.
mod reading; // What it says happened.
mod library; // All presets.
pub mod fuzz; // Entry points for fuzzers.

pub use call::Call;
pub use document::Faulty;
pub use fields::{Field, Given};
pub use handshake::{Reply, Welcome};
pub use library::Library;
pub use preset::{Origin, Preset};
pub use proof::Unproven;
pub use reading::{Item, Named, Pick, Said, Unread, Whom};
