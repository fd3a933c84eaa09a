//! What a checkpoint says of itself, so that a damaged one is never trained on, nor one of another epoch:
//! pass, epoch and a checksum of the whole file, in the metadata that safetensors files may begin with.

/// The length of the header, little-endian, comes first.
const LENGTH_BYTES: usize = 8;
/// In place of the checksum while it is taken.
const NO_CHECKSUM: &[u8; 8] = b"00000000";
/// Tensors begin at a multiple of this.
const ALIGNMENT: usize = 8;

fn before_checksum(pass: usize, epoch: usize) -> String {
    format!(r#"{{"__metadata__":{{"pass":"{pass}","epoch":"{epoch}","crc32":""#)
}

/// The `state`, a safetensors file without metadata, with the seal of a pass and epoch; `None` where it is no
/// such file.
pub(crate) fn sealed(state: &[u8], (pass, epoch): (usize, usize)) -> Option<Vec<u8>> {
    let (length, rest) = state.split_first_chunk::<LENGTH_BYTES>()?;
    let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
    let (header, tensors) = rest.split_at_checked(length)?;
    let header = std::str::from_utf8(header).ok()?.strip_prefix('{')?;
    let start = before_checksum(pass, epoch);
    let place = LENGTH_BYTES + start.len();
    let mut header = format!("{start}00000000\"}},{}", header.trim_end());
    while !header.len().is_multiple_of(ALIGNMENT) {
        header.push(' ');
    }
    let length = (header.len() as u64).to_le_bytes();
    let mut sealed = [&length[..], header.as_bytes(), tensors].concat();
    let checksum = format!("{:08x}", crc32fast::hash(&sealed));
    sealed[place..place + NO_CHECKSUM.len()].copy_from_slice(checksum.as_bytes());
    Some(sealed)
}

/// Checks the seal of a pass and epoch.
///
/// # Errors
/// What is wrong, in words.
pub(crate) fn check_seal(state: &[u8], (pass, epoch): (usize, usize)) -> Result<(), &'static str> {
    let start = before_checksum(pass, epoch);
    let place = LENGTH_BYTES + start.len();
    let begins = state.get(LENGTH_BYTES..place) == Some(start.as_bytes());
    let rest = state.get(place..).filter(|_| begins);
    let Some((checksum, rest)) = rest.and_then(|rest| rest.split_first_chunk::<8>()) else {
        return Err("it is not the one of this epoch, or damaged");
    };
    let mut hasher = crc32fast::Hasher::new();
    for part in [&state[..place], NO_CHECKSUM, rest] {
        hasher.update(part);
    }
    match format!("{:08x}", hasher.finalize()).as_bytes() == checksum {
        true => Ok(()),
        false => Err("it is damaged: its checksum is not the one of what was written"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use safetensors::SafeTensors;
    use safetensors::tensor::{Dtype, TensorView};

    const END: (usize, usize) = (1, 7);

    fn state() -> Vec<u8> {
        let values = [1_u8; 12];
        let tensor = TensorView::new(Dtype::F32, vec![3], &values).unwrap();
        safetensors::serialize([("weight", tensor)], None).unwrap()
    }

    #[test]
    fn a_sealed_state_is_a_safetensors_file_with_the_same_tensors() {
        let sealed = sealed(&state(), END).unwrap();
        let read = SafeTensors::deserialize(&sealed).unwrap();
        assert_eq!(read.tensor("weight").unwrap().data(), [1; 12]);
        assert_eq!(check_seal(&sealed, END), Ok(()));
    }

    #[test]
    fn every_flipped_bit_and_every_other_epoch_breaks_the_seal() {
        let sealed = sealed(&state(), END).unwrap();
        for bit in 0..8 * sealed.len() {
            let mut flipped = sealed.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(check_seal(&flipped, END).is_err(), "bit {bit}");
        }
        assert!(check_seal(&sealed, (1, 8)).is_err());
        assert!(check_seal(&sealed[..20], END).is_err());
        assert!(check_seal(&state(), END).is_err(), "no seal is none");
    }
}
