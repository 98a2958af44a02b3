//! The behaviour of a store, as tests.
