//! Damages the bytes of a file in the ways that disks, copies and attackers do: flipped bits, other
//! bytes, cut and doubled parts, numbers that are too large, and bytes that were never a log. Shared by
//! the fuzzing program `logformat/examples/fuzz_reader.rs` and its short form in `log_contract/`.

/// Numbers that look random enough: SplitMix64 (Steele, Lea, Flood, *Fast Splittable Pseudorandom
/// Number Generators*, OOPSLA 2014).
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`, which is not zero.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }
}

/// The bytes with some damage, decided by `numbers`.
pub(crate) fn damaged(bytes: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let mut damaged = bytes.to_vec();
    if numbers.below(50) == 0 {
        damaged = (0..numbers.below(4096))
            .map(|_| numbers.next() as u8)
            .collect();
        frame(&mut damaged, numbers);
        return damaged;
    }
    for _ in 0..=numbers.below(4) {
        damage_once(&mut damaged, numbers);
    }
    damaged
}

/// Now and then the arbitrary bytes pretend to be Parquet with a footer.
fn frame(bytes: &mut Vec<u8>, numbers: &mut Numbers) {
    if numbers.below(2) == 0 {
        let length = u32::try_from(numbers.below(bytes.len() + 1)).unwrap_or(0);
        bytes.splice(0..0, *b"PAR1");
        bytes.extend(length.to_le_bytes());
        bytes.extend(*b"PAR1");
    }
}

fn damage_once(bytes: &mut Vec<u8>, numbers: &mut Numbers) {
    if bytes.is_empty() {
        return;
    }
    // Half of the damage goes where it tells most: into the footer.
    let end = bytes.len();
    let start = if numbers.below(2) == 0 {
        end.saturating_sub(end / 3)
    } else {
        0
    };
    let at = (start + numbers.below(end - start + 1)).min(end - 1);
    match numbers.below(8) {
        0..=3 => bytes[at] ^= 1 << numbers.below(8),
        4 => bytes[at] = numbers.next() as u8,
        5 => bytes.truncate(at),
        6 => {
            let part = bytes[at..(at + numbers.below(64)).min(end)].to_vec();
            let place = numbers.below(end);
            bytes.splice(place..place, part);
        }
        _ => {
            for byte in &mut bytes[at..(at + 5).min(end)] {
                *byte = 0xff;
            }
        }
    }
}
