//! The tensors of what `torch.save` writes: since 2020 a zip archive with a pickle and a file for each storage,
//! before that pickles and then the storages.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::ops::Range;
use std::rc::Rc;

use zip::{CompressionMethod, ZipArchive};

use crate::pretrained::weights::pickle::{self, Pickle, PickleError, Storage, StoredTensor, Value};
use crate::pretrained::weights::tensors::{Tensor, Tensors};

/// What the first pickle of an old file holds.
const MAGIC_NUMBER: [u8; 10] = [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

pub(crate) fn is_archive(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04")
}

/// Pickles that begin with the magic number.
pub(crate) fn is_old(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x80, 0x02, 0x8a, 0x0a]) && bytes[4..].starts_with(&MAGIC_NUMBER)
}

/// Any pickle of a version that Python 3 writes.
pub(crate) fn is_pickle(bytes: &[u8]) -> bool {
    matches!(bytes, [0x80, 2..=5, ..])
}

pub(crate) fn read_archive(bytes: &[u8]) -> Result<Tensors, PickleError> {
    let places = entries(bytes).map_err(PickleError::Damaged)?;
    let pickles = places.iter().find_map(|(name, place)| {
        let folder = name.strip_suffix("data.pkl")?;
        Some((folder, place.clone()))
    });
    let Some((folder, place)) = pickles else {
        return Err(PickleError::Damaged(
            "it is a zip archive without the data.pkl that torch.save writes".to_owned(),
        ));
    };
    let pickle = pickle::read(&bytes[place])?;
    let place = |storage: &Storage| {
        places
            .get(&format!("{folder}data/{}", storage.key))
            .cloned()
    };
    tensors(&pickle.value, place)
}

/// Where each file of the archive lies in it, its checksum compared.
fn entries(bytes: &[u8]) -> Result<BTreeMap<String, Range<usize>>, String> {
    let unreadable = |error| format!("it cannot be read as a zip archive ({error})");
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(unreadable)?;
    let mut places = BTreeMap::new();
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(unreadable)?;
        let name = entry.name().map_err(unreadable)?.into_owned();
        if entry.compression() != CompressionMethod::Stored {
            return Err(format!(
                "{name} in it is compressed, which torch.save never does"
            ));
        }
        let start = entry
            .data_start()
            .and_then(|start| usize::try_from(start).ok());
        let size = usize::try_from(entry.size()).ok();
        let place = start.zip(size).and_then(|(start, size)| {
            let place = start..start.checked_add(size)?;
            (place.end <= bytes.len()).then_some(place)
        });
        let Some(place) = place else {
            return Err(format!("{name} in it is cut off"));
        };
        if crc32fast::hash(&bytes[place.clone()]) != entry.crc32() {
            return Err(format!("{name} in it is not as its checksum says"));
        }
        places.insert(name, place);
    }
    Ok(places)
}

pub(crate) fn read_old(bytes: &[u8]) -> Result<Tensors, PickleError> {
    let mut rest = bytes;
    // The magic number, the version and the sizes of the machine's numbers.
    for _ in 0..3 {
        rest = pickle::read(rest)?.rest;
    }
    let state = pickle::read(rest)?;
    let keys = pickle::read(state.rest)?;
    let places = storages_behind(bytes, &state.storages, &keys)?;
    tensors(&state.value, |storage| places.get(&storage.key).cloned())
}

/// Where the storages lie behind the last pickle, which says in which order they come: each the count of its numbers,
/// and these.
fn storages_behind(
    file: &[u8],
    storages: &[Rc<Storage>],
    keys: &Pickle,
) -> Result<BTreeMap<String, Range<usize>>, PickleError> {
    let damaged = |reason: String| PickleError::Damaged(reason);
    let Value::List(order) = &keys.value else {
        return Err(damaged(
            "it does not say in which order its storages come".to_owned(),
        ));
    };
    let bytes_a_number: BTreeMap<&str, usize> = storages
        .iter()
        .map(|storage| (storage.key.as_str(), storage.bytes))
        .collect();
    let mut places = BTreeMap::new();
    let mut start = file.len() - keys.rest.len();
    for key in order.borrow().iter() {
        let Value::Text(key) = key else { continue };
        let cut = || damaged(format!("its storage {key} is cut off"));
        let bytes = bytes_a_number.get(key.as_str());
        let bytes = bytes.ok_or_else(|| damaged(format!("no tensor is of its storage {key}")))?;
        let count = file.get(start..).and_then(|rest| rest.first_chunk::<8>());
        let count = usize::try_from(u64::from_le_bytes(*count.ok_or_else(cut)?));
        let length = count.ok().and_then(|count| count.checked_mul(*bytes));
        let end = length.and_then(|length| (start + 8).checked_add(length));
        let end = end.filter(|&end| end <= file.len()).ok_or_else(cut)?;
        places.insert(key.clone(), start + 8..end);
        start = end;
    }
    match file.len() - start {
        0 => Ok(places),
        rest => Err(damaged(format!("{rest} bytes are behind its last storage"))),
    }
}

/// The tensors of floats of a state dict, whose storages lie where `place` says.
fn tensors(
    value: &Value,
    place: impl Fn(&Storage) -> Option<Range<usize>>,
) -> Result<Tensors, PickleError> {
    let mut tensors = Tensors::new();
    for (name, stored) in pickle::state_dict(value) {
        let StoredTensor {
            storage,
            offset,
            shape,
            strides,
        } = &*stored;
        let Some(number) = storage.number else {
            continue;
        };
        let made = place(storage).and_then(|place| {
            let start = place
                .start
                .checked_add(offset.checked_mul(number.bytes())?)?;
            let place = (start <= place.end).then_some(start..place.end)?;
            Tensor::new(number, shape.clone(), Some(strides.clone()), place)
        });
        let tensor = made.ok_or_else(|| {
            PickleError::Damaged(format!("the tensor {name} is larger than its part of it"))
        })?;
        tensors.insert(name, tensor);
    }
    Ok(tensors)
}
