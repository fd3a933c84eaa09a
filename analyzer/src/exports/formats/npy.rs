//! Arrays as `numpy.save` writes them: NPY 1.0, little-endian, the last axis fastest
//! (numpy.org, *numpy.lib.format*).

use std::io::{self, Write};

/// Writes an array of `descr`, such as `<f4`, whose values have these `bytes`.
pub(super) fn write_npy(
    file: &mut impl Write,
    descr: &str,
    shape: &[usize],
    bytes: impl IntoIterator<Item = u8>,
) -> io::Result<()> {
    let lengths: String = shape.iter().map(|length| format!("{length},")).collect();
    let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({lengths}), }}");
    // Magic, version, length and header together are a multiple of 64 bytes long.
    let padded = (10 + header.len() + 1).next_multiple_of(64) - 10;
    let header = format!("{header:<width$}\n", width = padded - 1);
    file.write_all(b"\x93NUMPY\x01\x00")?;
    file.write_all(&(padded as u16).to_le_bytes())?;
    file.write_all(header.as_bytes())?;
    for byte in bytes {
        file.write_all(&[byte])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_array_has_its_header_and_its_values() {
        let mut file = Vec::new();
        let values = [1_i64, 2].into_iter().flat_map(i64::to_le_bytes);
        write_npy(&mut file, "<i8", &[2], values).unwrap();
        assert_eq!(file.len(), 128 + 16);
        assert_eq!(&file[..10], b"\x93NUMPY\x01\x00\x76\x00");
        assert!(
            file[10..].starts_with(b"{'descr': '<i8', 'fortran_order': False, 'shape': (2,), }")
        );
        assert_eq!(file[127], b'\n');
        assert_eq!(file[128], 1);
    }
}
