//! A store that forgets un-synced writes when it crashes, for simulation.
