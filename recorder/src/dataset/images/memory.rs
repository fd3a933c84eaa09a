//! How much memory images may take, and sizes in bytes as people write them.

use sysinfo::{MemoryRefreshKind, Pid, ProcessRefreshKind, ProcessesToUpdate, RefreshKind, System};

/// Where nothing is known about the machine.
const UNKNOWN_MEMORY: u64 = 4 << 30;

/// Powers of 1024 and of 1000, as in IEC 80000-13.
const UNITS: [(&str, u64); 9] = [
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
    ("KB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("B", 1),
];

/// Reads a size such as `4GiB`, `500 MB` or `1048576`.
///
/// # Errors
/// What is wrong with the text, in words.
pub fn parse_bytes(text: &str) -> Result<u64, String> {
    let wrong = || "it must be a size such as 4GiB or 500MB".to_owned();
    let text = text.trim();
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let suffix = text[digits.len()..].to_ascii_lowercase();
    let fits = |unit: &str| {
        let unit = unit.to_ascii_lowercase();
        // 4G and 4Gi are 4GB and 4GiB.
        suffix == unit || (!suffix.is_empty() && format!("{suffix}b") == unit)
    };
    let unit = match suffix.as_str() {
        "" => 1,
        _ => {
            UNITS
                .iter()
                .find(|(unit, _)| fits(unit))
                .ok_or_else(wrong)?
                .1
        }
    };
    let number: f64 = digits.trim().parse().map_err(|_| wrong())?;
    let bytes = number * unit as f64;
    match bytes >= 0.0 && bytes < u64::MAX as f64 {
        true => Ok(bytes as u64),
        false => Err(wrong()),
    }
}

/// What was given, or half of what this machine (or the container that the program runs in) has.
pub(crate) fn memory_bytes(given: Option<u64>) -> u64 {
    given.unwrap_or_else(|| machine_bytes().map_or(UNKNOWN_MEMORY, |total| total / 2))
}

/// What this machine, or the container that the program runs in, has; `None` where nothing is known.
pub(crate) fn machine_bytes() -> Option<u64> {
    let memory = MemoryRefreshKind::nothing().with_ram();
    let system = System::new_with_specifics(RefreshKind::nothing().with_memory(memory));
    let of_container = system.cgroup_limits().map(|limits| limits.total_memory);
    let total = of_container.unwrap_or(u64::MAX).min(system.total_memory());
    (total > 0).then_some(total)
}

/// What this process takes by now; 0 where that cannot be found out.
pub(crate) fn resident_bytes() -> u64 {
    let own = Pid::from_u32(std::process::id());
    let memory = ProcessRefreshKind::nothing().with_memory();
    let mut system = System::new();
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&[own]), false, memory);
    system.process(own).map_or(0, |process| process.memory())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units_of_1024_and_of_1000() {
        for (text, bytes) in [
            ("4GiB", 4 << 30),
            ("1.5 KiB", 1536),
            ("500MB", 500_000_000),
            ("2g", 2_000_000_000),
            ("3mi", 3 << 20),
            ("17", 17),
            ("17b", 17),
            ("0", 0),
        ] {
            assert_eq!(parse_bytes(text), Ok(bytes), "{text}");
        }
        for text in ["", "GiB", "4 gigabytes", "-1", "1e40", "nan", "4GiBGiB"] {
            assert!(parse_bytes(text).is_err(), "{text}");
        }
    }

    #[test]
    fn half_of_the_machine_is_some_memory() {
        assert!(memory_bytes(None) > 1 << 20);
        assert!(resident_bytes() > 1 << 18 && resident_bytes() < machine_bytes().unwrap());
        assert_eq!(memory_bytes(Some(7)), 7);
    }
}
