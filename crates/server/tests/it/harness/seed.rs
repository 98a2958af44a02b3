//! Randomness that can be repeated.

use std::hash::{BuildHasher as _, Hasher as _};

/// A generator of numbers from a seed that is printed.
#[derive(Debug, Clone)]
pub(crate) struct Seed(u64);

impl Seed {
    /// A fresh seed, or the one of `CAREHOOK_SEED`; printed with the line that repeats it.
    pub(crate) fn of(test: &str) -> Seed {
        let fresh = || std::hash::RandomState::new().build_hasher().finish();
        let seed = super::number("CAREHOOK_SEED", fresh());
        eprintln!(
            "seed {seed}; to repeat: CAREHOOK_SEED={seed} cargo test --package server --test it -- {test}"
        );
        Seed(seed)
    }

    /// A generator of its own, for a thread of its own.
    pub(crate) fn part(&self, number: u64) -> Seed {
        Seed(self.0 ^ number.wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    /// The next number below a bound (`SplitMix64`).
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % bound
    }
}
