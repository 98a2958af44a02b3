//! Metrics by name, and tasks that cannot die unseen.
