//! Where every random number of a run comes from: a stream of ChaCha with a name.
//!
//! A stream is keyed by one of the run's two seeds and by what it is for, so adding a draw in one
//! place moves no other, and epoch 7 does not depend on how much epoch 6 drew. The data seed feeds
//! noise, split and threshold samples; the training seed feeds weights and the order of samples.

use rand::SeedableRng;
use rand::rngs::ChaCha12Rng;

/// A source of random numbers with a name.
pub type Stream = ChaCha12Rng;

/// The stream of `seed` for the purpose `name`, such as `"shuffle/pass 1/epoch 7"`.
///
/// The key is the seed and a hash of the name, so streams of different names never overlap.
pub fn stream(seed: u64, name: &str) -> Stream {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key[8..16].copy_from_slice(&fnv1a(name.bytes()).to_le_bytes());
    Stream::from_seed(key)
}

/// The 64-bit FNV-1a hash (Fowler, Noll, Vo): short, and the same on every machine and in every
/// version, unlike the standard library's.
pub fn fnv1a(bytes: impl IntoIterator<Item = u8>) -> u64 {
    const OFFSET_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    bytes.into_iter().fold(OFFSET_BASIS, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(PRIME)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::seq::SliceRandom;
    use rand::{Rng, RngExt};

    #[test]
    fn the_hash_is_the_published_one() {
        // Test vectors of draft-eastlake-fnv.
        assert_eq!(fnv1a(*b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(*b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv1a(*b"foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn a_stream_depends_on_its_seed_and_its_name() {
        let first = |seed, name| stream(seed, name).next_u64();
        assert_eq!(first(3, "noise"), first(3, "noise"));
        assert_ne!(first(3, "noise"), first(4, "noise"));
        assert_ne!(first(3, "noise"), first(3, "split"));
    }

    /// Old seeds must go on meaning the same runs: an update of `rand` that draws differently is
    /// noticed here.
    #[test]
    fn the_first_draws_are_those_of_the_first_release() {
        let mut draws = stream(1, "golden");
        let mut order: Vec<u32> = (0..8).collect();
        order.shuffle(&mut draws);
        let below_ten: Vec<u32> = (0..8).map(|_| draws.random_range(0..10)).collect();
        let share: f64 = draws.random();
        assert_eq!(order, [6, 5, 1, 7, 4, 2, 0, 3]);
        assert_eq!(below_ten, [1, 4, 6, 4, 0, 1, 1, 6]);
        assert_eq!(share, 0.803_670_079_465_237_6);
    }
}
