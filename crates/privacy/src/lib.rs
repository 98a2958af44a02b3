//! Who may know what: keys, seals, pseudonyms and the one door out.
//!
//! Reading order: the master key and what is derived from it (`master`), keys
//! wrapped at rest (`vault`) and opened for use (`keyring`), what they seal
//! (`record`, `configuration`), stand-ins for identifiers (`organisation`), and
//! the ways in which content leaves (`disclose`, `notify`, `reveal`). Beside them:
//! contents on their way to a sender (`warm`), API keys, sessions of people who
//! signed in, signing secrets, and certificates at ports of ours.
//! No I/O: keys rest in a [`Vault`] that somebody else opens.

mod crypto; // The few primitives, in one place.
mod master; // The key outside the data directory.
mod vault; // Wrapped keys at rest.
mod cache; // Opened keys, bounded and short-lived.
mod keyring; // Keys opened for use.
mod record; // What is sealed under them.
mod configuration; // Sealed configuration documents.
mod organisation; // Stand-ins for identifiers.
mod disclose; // The door out to machines.
mod notify; // The door out to FHIR Subscriptions.
mod reveal; // The door out to people.
mod mask; // What of a body is about a person.
mod warm; // Contents between acceptance and first attempt.
pub mod api_key; // Keys of callers.
pub mod session; // People who signed in.
pub mod secrets; // Keys that sign deliveries.
pub mod assertion; // Keys that sign in to other servers.
pub mod port_tls; // Certificates at a port of ours.

pub use configuration::ConfigSeal;
pub use crypto::{Random, Seeded, SystemRandomness};
pub use disclose::{Disclosed, Extent, Origin, Original, Told, disclose, extent, needs_original};
pub use keyring::{Error, Keyring};
pub use mask::{Masked, PersonalField, PersonalKind, Tells, mask, mask_by};
pub use master::{BadMasterKey, MasterKey};
pub use notify::{Moment, Subscriber};
pub use organisation::OrganisationKeys;
pub use record::{RecordKey, RecordKind, ResourceKey, Scope, Unreadable, day_of};
pub use reveal::{AuditReceipt, reveal};
pub use vault::{KeyName, MemoryVault, Vault, VaultError, WrappedKey};
pub use warm::Warm;
