//! The whole node on a simulated network, clock and store; scenarios are sentences.
