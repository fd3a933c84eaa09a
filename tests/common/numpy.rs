//! Files of NumPy, as `numpy.save` and `numpy.savez` write them.

use std::io::{Cursor, Write};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// An NPY file of version 1.0 with values of this type (`<f4`) and shape (`(2, 3)`), the header filled up to 128 bytes.
pub fn npy(descr: &str, is_fortran: bool, shape: &str, values: &[u8]) -> Vec<u8> {
    let order = if is_fortran { "True" } else { "False" };
    let header = format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}");
    let header = format!("{header:<117}\n");
    let length = (header.len() as u16).to_le_bytes();
    [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), values].concat()
}

/// The same of 32-bit floats.
pub fn npy_floats(shape: &str, values: &[f32]) -> Vec<u8> {
    let bytes = values.iter().flat_map(|value| value.to_le_bytes());
    npy("<f4", false, shape, &bytes.collect::<Vec<u8>>())
}

/// The same of 64-bit integers.
pub fn npy_integers(shape: &str, values: &[i64]) -> Vec<u8> {
    let bytes = values.iter().flat_map(|value| value.to_le_bytes());
    npy("<i8", false, shape, &bytes.collect::<Vec<u8>>())
}

/// An archive of NPY files under their names.
pub fn npz(members: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        let options = SimpleFileOptions::default();
        archive.start_file(format!("{name}.npy"), options).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}
