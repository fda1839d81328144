//! Chance that a seed decides: the same for the same words, whatever else is drawn.

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use sha2::{Digest as _, Sha256};

/// A number for putting things in an arbitrary order.
pub(crate) fn digest(seed: u64, words: &[&str]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(seed.to_le_bytes());
    for word in words {
        hash.update(word.as_bytes());
        hash.update([0]);
    }
    hash.finalize().into()
}

/// A source of numbers that nobody else draws from.
pub(crate) fn source(seed: u64, words: &[&str]) -> StdRng {
    StdRng::from_seed(digest(seed, words))
}
