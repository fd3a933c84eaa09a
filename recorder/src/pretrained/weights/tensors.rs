//! Where the tensors of a file of weights lie in it.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::pretrained::weights::number::Number;

/// A tensor of floats in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tensor {
    pub(crate) number: Number,
    pub(crate) shape: Vec<usize>,
    /// From an element to the next along each axis, in elements.
    strides: Vec<usize>,
    /// Where its elements lie in the file, from the first one on.
    place: Range<usize>,
}

/// By name.
pub(crate) type Tensors = BTreeMap<String, Tensor>;

impl Tensor {
    /// `None` where `place`, the bytes of its storage from its first element on, has not all of its elements.
    pub(crate) fn new(
        number: Number,
        shape: Vec<usize>,
        strides: Option<Vec<usize>>,
        place: Range<usize>,
    ) -> Option<Self> {
        let count = shape
            .iter()
            .try_fold(1usize, |count, &length| count.checked_mul(length))?;
        let strides = match strides {
            Some(strides) => strides,
            None => row_major(&shape)?,
        };
        let mut end = usize::from(count > 0);
        for (length, stride) in shape.iter().zip(&strides) {
            end = end.checked_add(length.saturating_sub(1).checked_mul(*stride)?)?;
        }
        // A stride of 0 would make much of a little file.
        let bytes = end.max(count).checked_mul(number.bytes())?;
        (bytes <= place.len()).then_some(Self {
            number,
            shape,
            strides,
            place,
        })
    }

    pub(crate) fn count(&self) -> usize {
        self.shape.iter().product()
    }

    /// Its elements in row-major order.
    pub(crate) fn values(&self, file: &[u8]) -> Vec<f32> {
        let bytes = &file[self.place.clone()];
        let size = self.number.bytes();
        let count = self.count();
        if row_major(&self.shape).as_ref() == Some(&self.strides) {
            return self.number.floats(&bytes[..count * size]);
        }
        let mut gathered = Vec::with_capacity(count * size);
        let mut index = vec![0; self.shape.len()];
        for _ in 0..count {
            let at: usize = index.iter().zip(&self.strides).map(|(i, s)| i * s).sum();
            gathered.extend_from_slice(&bytes[at * size..(at + 1) * size]);
            for axis in (0..index.len()).rev() {
                index[axis] += 1;
                if index[axis] < self.shape[axis] {
                    break;
                }
                index[axis] = 0;
            }
        }
        self.number.floats(&gathered)
    }
}

fn row_major(shape: &[usize]) -> Option<Vec<usize>> {
    let mut strides = vec![1usize; shape.len()];
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis].checked_mul(shape[axis])?;
    }
    Some(strides)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tensor(shape: &[usize], strides: &[usize], bytes: usize) -> Option<Tensor> {
        let strides = Some(strides.to_vec());
        Tensor::new(Number::Float32, shape.to_vec(), strides, 0..bytes)
    }

    #[test]
    fn a_transposed_view_is_read_in_the_order_of_its_rows() {
        let file: Vec<u8> = (0..6u8).flat_map(|n| f32::from(n).to_le_bytes()).collect();
        let rows = tensor(&[2, 3], &[3, 1], 24).unwrap();
        assert_eq!(rows.values(&file), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
        let columns = tensor(&[3, 2], &[1, 3], 24).unwrap();
        assert_eq!(columns.values(&file), [0.0, 3.0, 1.0, 4.0, 2.0, 5.0]);
    }

    #[test]
    fn a_tensor_that_ends_behind_its_storage_or_repeats_it_is_none() {
        assert_eq!(tensor(&[2, 3], &[3, 1], 23), None);
        assert_eq!(tensor(&[1000], &[0], 4), None);
        assert_eq!(tensor(&[usize::MAX, 2], &[2, 1], 24), None);
    }
}
