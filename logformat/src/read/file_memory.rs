//! How much memory one file may take, whatever it says of itself.
//!
//! The rule of every reader, here and in the programs: what a count or length in a file stands for takes at most
//! 1,024 times the bytes that it lies in, or 64 MiB (`claims`); and what is taken for one file at once is at most
//! what files of its kind may take, which one setting of the process, [`set_file_memory`], gives for all kinds.

use std::sync::atomic::{AtomicU64, Ordering};

/// In bytes; 0 where nothing was set.
static SET: AtomicU64 = AtomicU64::new(0);

/// Names and sizes of what bytes are told in.
const UNITS: [(&str, u64); 4] = [
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
];

/// So many bytes of memory may be taken for one file in this process, whatever its kind; `None` for the limits
/// that each kind has.
pub fn set_file_memory(bytes: Option<u64>) {
    SET.store(bytes.unwrap_or(0), Ordering::Relaxed);
}

/// Refuses what takes more bytes of memory than [`set_file_memory`] allows, or, where nothing was set, than
/// `usual`, the limit of its kind.
///
/// # Errors
/// Both numbers and the way out, in words that stand behind a file's name.
pub fn check_file_memory(bytes: u64, usual: u64) -> Result<(), String> {
    let most = match SET.load(Ordering::Relaxed) {
        0 => usual,
        set => set,
    };
    match bytes <= most {
        true => Ok(()),
        false => Err(too_large(bytes, most)),
    }
}

fn too_large(bytes: u64, most: u64) -> String {
    format!(
        "it takes {} of memory, and {} is the limit; where it is sound and there is so much memory, `file_memory` {} (GiB) allows it",
        told_bytes(bytes),
        told_bytes(most),
        bytes.div_ceil(1 << 30),
    )
}

/// A number of bytes for people: `1.5 GiB`.
pub fn told_bytes(bytes: u64) -> String {
    let unit = UNITS.iter().rev().find(|(_, unit)| bytes >= *unit);
    match unit {
        Some((name, unit)) => format!("{:.1} {name}", bytes as f64 / *unit as f64),
        None => format!("{bytes} B"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_more_than_its_kind_may_is_refused_by_both_numbers() {
        assert_eq!(check_file_memory(5 << 30, 5 << 30), Ok(()));
        let refusal = check_file_memory((5 << 30) + 1, 5 << 30).unwrap_err();
        assert_eq!(
            refusal,
            "it takes 5.0 GiB of memory, and 5.0 GiB is the limit; where it is sound and there is so much memory, `file_memory` 6 (GiB) allows it"
        );
    }

    #[test]
    fn sizes_are_told_in_the_largest_unit() {
        let told = [0, 1023, 1536, 3 << 30].map(told_bytes);
        assert_eq!(told, ["0 B", "1023 B", "1.5 KiB", "3.0 GiB"]);
    }
}
