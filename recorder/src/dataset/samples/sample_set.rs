//! Samples on the host: inputs as they are stored, labels, and where each of them came from.

use crate::dataset::images::image_set::Images;
use crate::dataset::samples::origins::Origins;
use crate::error::dataset::DatasetError;

/// The inputs of some samples, before standardisation.
#[derive(Debug, Clone, PartialEq)]
pub enum Inputs {
    /// Images, a byte a value: samples × channels × height × width, row-major.
    Pixels(Vec<u8>),
    /// Features: samples × values, row-major.
    Values(Vec<f32>),
    /// Images that may have to be read and decoded when they are asked for.
    Images(Images),
}

/// Samples with their labels as the data set has them.
#[derive(Debug, Clone, PartialEq)]
pub struct Samples {
    /// What the network sees.
    pub inputs: Inputs,
    /// One class index a sample.
    pub labels: Vec<u32>,
    /// Where each sample came from.
    pub origins: Origins,
}

impl Samples {
    /// No samples.
    pub(crate) fn none() -> Self {
        Self {
            inputs: Inputs::Values(Vec::new()),
            labels: Vec::new(),
            origins: Origins::default(),
        }
    }

    /// The number of samples.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is no sample.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The pixels of one sample of `size` values, channels × height × width; `None` where samples are no
    /// images.
    ///
    /// # Errors
    /// Where its file cannot be read any more.
    pub fn pixels(&self, sample: usize, size: usize) -> Result<Option<Vec<u8>>, DatasetError> {
        self.pixels_of(sample, None, size)
    }

    /// The files of samples, where they are to be read from the disk and many are read at the cost of one:
    /// for [`Samples::pixels_of`].
    ///
    /// # Errors
    /// Where a file cannot be read any more.
    pub(crate) fn read_together(
        &self,
        samples: &[usize],
    ) -> Result<Option<Vec<Vec<u8>>>, DatasetError> {
        match &self.inputs {
            Inputs::Images(images) if images.window().is_some() => images.read(samples).map(Some),
            _ => Ok(None),
        }
    }

    /// As [`Samples::pixels`], of a sample whose file may have been read already.
    pub(crate) fn pixels_of(
        &self,
        sample: usize,
        encoded: Option<&[u8]>,
        size: usize,
    ) -> Result<Option<Vec<u8>>, DatasetError> {
        Ok(match &self.inputs {
            Inputs::Pixels(pixels) => Some(pixels[sample * size..(sample + 1) * size].to_vec()),
            Inputs::Values(_) => None,
            Inputs::Images(images) => {
                let mut planes = vec![0; size];
                images.write_planes(sample, encoded, None, &mut planes)?;
                Some(planes)
            }
        })
    }

    /// Those at `indices`, in that order.
    pub fn select(&self, indices: &[usize]) -> Self {
        let count = self.len();
        Self {
            inputs: match &self.inputs {
                Inputs::Pixels(pixels) => Inputs::Pixels(select_rows(pixels, count, indices)),
                Inputs::Values(values) => Inputs::Values(select_rows(values, count, indices)),
                Inputs::Images(images) => Inputs::Images(images.select(indices)),
            },
            labels: indices.iter().map(|&sample| self.labels[sample]).collect(),
            origins: self.origins.select(indices),
        }
    }
}

impl Samples {
    /// Those at the first `count` places of `order`, and the others, each in its order; `order` has every
    /// sample once. Rows change places where they lie, since a table of features may fill much of the
    /// memory.
    pub(crate) fn part(self, order: &[usize], count: usize) -> (Self, Self) {
        let (first, rest) = order.split_at(count);
        let samples = self.len();
        let of = |indices: &[usize], inputs| Self {
            inputs,
            labels: indices.iter().map(|&sample| self.labels[sample]).collect(),
            origins: self.origins.select(indices),
        };
        let (first_inputs, rest_inputs) = match self.inputs {
            Inputs::Pixels(pixels) => {
                let (first, rest) = part_rows(pixels, samples, order, count);
                (Inputs::Pixels(first), Inputs::Pixels(rest))
            }
            Inputs::Values(values) => {
                let (first, rest) = part_rows(values, samples, order, count);
                (Inputs::Values(first), Inputs::Values(rest))
            }
            Inputs::Images(images) => (
                Inputs::Images(images.select(first)),
                Inputs::Images(images.select(rest)),
            ),
        };
        (of(first, first_inputs), of(rest, rest_inputs))
    }
}

/// The rows at the first `count` places of `order`, and the others. The larger part stays where it is.
fn part_rows<T: Copy>(
    mut values: Vec<T>,
    rows: usize,
    order: &[usize],
    count: usize,
) -> (Vec<T>, Vec<T>) {
    let size = values.len() / rows.max(1);
    let (first, rest) = order.split_at(count);
    let is_first_smaller = first.len() < rest.len();
    let (kept, split_off) = if is_first_smaller {
        (rest, first)
    } else {
        (first, rest)
    };
    permute_rows(&mut values, size, &[kept, split_off].concat());
    let other = values.split_off(kept.len() * size);
    values.shrink_to_fit();
    match is_first_smaller {
        true => (other, values),
        false => (values, other),
    }
}

/// Puts row `order[n]` at place n, for each n, along the cycles of that permutation.
fn permute_rows<T: Copy>(values: &mut [T], size: usize, order: &[usize]) {
    let row = |place: usize| place * size..(place + 1) * size;
    let mut is_done = vec![false; order.len()];
    for first in 0..order.len() {
        if is_done[first] {
            continue;
        }
        let displaced = values[row(first)].to_vec();
        let mut place = first;
        loop {
            is_done[place] = true;
            let from = order[place];
            if from == first {
                break;
            }
            values.copy_within(row(from), place * size);
            place = from;
        }
        values[row(place)].copy_from_slice(&displaced);
    }
}

fn select_rows<T: Copy>(values: &[T], count: usize, indices: &[usize]) -> Vec<T> {
    let size = values.len() / count.max(1);
    let mut selected = Vec::with_capacity(size * indices.len());
    for sample in indices {
        selected.extend_from_slice(&values[sample * size..(sample + 1) * size]);
    }
    selected
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rows_are_put_in_order_along_long_and_short_cycles() {
        // Place 0 gets row 2, place 2 row 1, place 1 row 0; row 3 stays; 4 and 5 change places.
        let mut values = [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5];
        permute_rows(&mut values, 2, &[2, 0, 1, 3, 5, 4]);
        assert_eq!(values, [2, 2, 0, 0, 1, 1, 3, 3, 5, 5, 4, 4]);
    }

    proptest! {
        #[test]
        fn parts_are_what_selecting_them_gives(
            order in (1usize..40).prop_flat_map(|rows| Just((0..rows).collect::<Vec<_>>()).prop_shuffle()),
            share in 0.0f64..=1.0,
        ) {
            let rows = order.len();
            let samples = Samples {
                inputs: Inputs::Values((0..3 * rows).map(|value| value as f32).collect()),
                labels: (0..).take(rows).collect(),
                origins: Origins::rows_of("test", rows),
            };
            let count = (rows as f64 * share) as usize;
            let expected = (samples.select(&order[..count]), samples.select(&order[count..]));
            prop_assert_eq!(samples.part(&order, count), expected);
        }
    }
}
