//! What the embedded store promises beyond its parts.

#[cfg(test)]
mod support; // Stores in directories of their own.
#[cfg(test)]
mod contract; // The promises of every store.
#[cfg(test)]
mod control; // Broken stores, which must be caught.
#[cfg(test)]
mod queue; // The queue against a model of it.
#[cfg(test)]
mod files; // What only this store promises of its files.
#[cfg(test)]
mod audit; // The audit chain over the years.
#[cfg(test)]
mod keys; // The key file.
