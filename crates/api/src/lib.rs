//! The admin HTTP surface: one folder per noun, one file per call.
