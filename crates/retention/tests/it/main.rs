//! What is owed is kept and what is over is forgotten, over the embedded store and its key file.

#[cfg(test)]
mod place; // A store, its keys and their keeper.
#[cfg(test)]
mod days; // Safety: a day's key goes only when nothing needs it.
#[cfg(test)]
mod clock; // Safety: a clock that jumps.
#[cfg(test)]
mod crash; // Killed at any step.
