//! How large the files of a log become, before anything is written.

use crate::schema::metadata::RunDescription;
use crate::write::logits_column::LogitsColumn;

/// Labels: the assigned, the given, the true and the rival one.
const LABELS: usize = 4;
/// The file's schema, its column chunks and their pages, of one epoch.
const FOOTER_BYTES: usize = 5 << 9;

/// About how many bytes the file of one epoch takes, of so many samples with so many outputs each. Logits and
/// margins hardly compress, and so are not compressed: what else there is takes a few bits a row.
pub fn epoch_bytes(
    description: &RunDescription,
    logits: LogitsColumn,
    samples: usize,
    outputs: usize,
) -> u64 {
    let label_bits = usize::BITS - outputs.saturating_sub(1).leading_zeros();
    let labels = LABELS * label_bits as usize + 2;
    // Where a list begins is a bit a value, or a run of equal ones.
    let lists = match logits.bytes() {
        0 => 0,
        _ => (outputs / 8 + 1).min(6),
    };
    let row = logits.bytes() * outputs + lists + size_of::<f32>();
    let pairs = description.to_key_values();
    let about = pairs
        .iter()
        .map(|pair| pair.key.len() + pair.value.as_ref().map_or(0, String::len));
    let bytes = samples * row + samples * labels / 8 + about.sum::<usize>() + FOOTER_BYTES;
    bytes as u64
}
