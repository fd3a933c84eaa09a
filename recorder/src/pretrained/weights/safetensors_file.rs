//! The tensors of a safetensors file: a header in JSON that says where each lies, and their bytes.

use safetensors::{Dtype, SafeTensors};

use crate::pretrained::weights::number::Number;
use crate::pretrained::weights::tensors::{Tensor, Tensors};

/// A header is JSON behind its length.
pub(crate) fn is_one(bytes: &[u8]) -> bool {
    bytes.len() > 8 && bytes[8] == b'{'
}

/// `Err` says why they cannot be read.
pub(crate) fn read(bytes: &[u8]) -> Result<Tensors, String> {
    let file = SafeTensors::deserialize(bytes);
    let file = file.map_err(|error| format!("it cannot be read as safetensors ({error})"))?;
    let mut tensors = Tensors::new();
    for (name, view) in file.iter() {
        let number = match view.dtype() {
            Dtype::F16 => Number::Float16,
            Dtype::BF16 => Number::Brain16,
            Dtype::F32 => Number::Float32,
            Dtype::F64 => Number::Float64,
            // Counters and the like.
            _ => continue,
        };
        let start = view.data().as_ptr().addr() - bytes.as_ptr().addr();
        let place = start..start + view.data().len();
        let tensor = Tensor::new(number, view.shape().to_vec(), None, place);
        let tensor =
            tensor.ok_or_else(|| format!("the tensor {name} is larger than its part of it"))?;
        tensors.insert(name.to_owned(), tensor);
    }
    Ok(tensors)
}
