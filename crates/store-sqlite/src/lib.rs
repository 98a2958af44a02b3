//! The default store: one SQLite file, one writer with group commit.
