//! A file of weights, whichever format it has, and the parameters that a network takes from it.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use logformat::read_regular;

use crate::error::weights::WeightsError;
use crate::pretrained::weights::pickle::{self, PickleError};
use crate::pretrained::weights::tensors::Tensors;
use crate::pretrained::weights::{safetensors_file, torch_file};

/// What wrappers put before the names of the parameters that they wrap.
const WRAPPERS: [&str; 2] = ["module.", "_orig_mod."];

/// What a file may take where nothing else is set; a network of a billion parameters takes as much.
const USUAL_BYTES: u64 = 4 << 30;

/// The weights of a file.
pub struct Weights {
    path: PathBuf,
    bytes: Vec<u8>,
    tensors: Tensors,
    taken: RefCell<BTreeSet<String>>,
}

impl Weights {
    /// Reads where in the file the parameters are.
    ///
    /// # Errors
    /// [`WeightsError`] where it cannot be read, is damaged or something else, or would run code.
    pub fn open(path: &Path) -> Result<Self, WeightsError> {
        let unreadable = |source| WeightsError::Read {
            path: path.to_owned(),
            source,
        };
        let bytes = read_regular(path, USUAL_BYTES).map_err(unreadable)?;
        let damaged = |reason| WeightsError::Damaged {
            path: path.to_owned(),
            reason,
        };
        let of_pickle = |error| match error {
            PickleError::Damaged(reason) => damaged(reason),
            PickleError::Code(global) => WeightsError::Code {
                path: path.to_owned(),
                global,
            },
        };
        let unknown = || WeightsError::Unknown {
            path: path.to_owned(),
        };
        let tensors = if torch_file::is_archive(&bytes) {
            torch_file::read_archive(&bytes).map_err(of_pickle)?
        } else if torch_file::is_old(&bytes) {
            torch_file::read_old(&bytes).map_err(of_pickle)?
        } else if torch_file::is_pickle(&bytes) {
            // Of something else; but whoever made it may have meant it to run.
            pickle::read(&bytes).map_err(of_pickle)?;
            return Err(unknown());
        } else if safetensors_file::is_one(&bytes) {
            safetensors_file::read(&bytes).map_err(damaged)?
        } else {
            return Err(unknown());
        };
        if tensors.is_empty() {
            return Err(unknown());
        }
        let named = tensors.into_iter().map(|(name, tensor)| {
            let inner = WRAPPERS.iter().fold(name.as_str(), |name, wrapper| {
                name.strip_prefix(wrapper).unwrap_or(name)
            });
            (inner.to_owned(), tensor)
        });
        Ok(Self {
            path: path.to_owned(),
            tensors: named.collect(),
            bytes,
            taken: RefCell::default(),
        })
    }

    /// The parameter of this name, which `network` has in this shape.
    pub(crate) fn take(
        &self,
        network: &'static str,
        name: &str,
        shape: &[usize],
    ) -> Result<Vec<f32>, WeightsError> {
        let Some(tensor) = self.tensors.get(name) else {
            return Err(WeightsError::Missing {
                path: self.path.clone(),
                network,
                parameter: name.to_owned(),
                expected: shape.to_vec(),
                count: self.tensors.len(),
                example: self.tensors.keys().next().cloned().unwrap_or_default(),
            });
        };
        if tensor.shape != shape {
            return Err(WeightsError::OtherShape {
                path: self.path.clone(),
                network,
                parameter: name.to_owned(),
                found: tensor.shape.clone(),
                expected: shape.to_vec(),
            });
        }
        let values = tensor.values(&self.bytes);
        if values.iter().any(|value| !value.is_finite()) {
            return Err(WeightsError::NotFinite {
                path: self.path.clone(),
                parameter: name.to_owned(),
            });
        }
        self.taken.borrow_mut().insert(name.to_owned());
        Ok(values)
    }

    /// The shape of a parameter.
    pub(crate) fn shape(&self, name: &str) -> Option<&[usize]> {
        self.tensors.get(name).map(|tensor| tensor.shape.as_slice())
    }

    /// How many parameters were taken, and the names of those that were not.
    pub(crate) fn left_over(&self) -> (usize, Vec<String>) {
        let taken = self.taken.borrow();
        let left = self.tensors.keys().filter(|name| !taken.contains(*name));
        (taken.len(), left.cloned().collect())
    }

    /// A checksum of the whole file.
    pub(crate) fn crc32(&self) -> u32 {
        crc32fast::hash(&self.bytes)
    }
}
