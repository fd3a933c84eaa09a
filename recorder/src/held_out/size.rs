//! What held-out evidence takes, before any is computed.

use rayon::current_num_threads;

use crate::dataset::samples::dataset::Dataset;
use crate::held_out::discriminant::FOLDS;
use crate::held_out::features::Features;
use crate::held_out::{discriminant, neighbours, trees};

/// Held-out logits: those of the best count of neighbours, of the next one, on their way to the file, and their pages.
const COPIES_OF_ROWS: usize = 4;
/// Matrices of the discriminant that each thread has: the covariance, what is made of it, and its factor.
const MATRICES_A_THREAD: usize = 3;
/// A node of a tree, of which there are two a sample, with the samples that are still to be told apart.
const BYTES_A_NODE: usize = 64;

/// In bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct HeldOutSize {
    /// Of the files.
    pub(crate) files: u64,
    /// Of the memory, at most, while they are computed.
    pub(crate) memory: u64,
}

impl HeldOutSize {
    /// Of a data set; nothing where its samples are no features.
    pub(crate) fn of(dataset: &Dataset) -> Self {
        let Some(features) = Features::of(dataset) else {
            return Self::default();
        };
        let (samples, width) = (features.len(), features.width());
        let rows = size_of::<f32>() * samples * dataset.class_count();
        let with_trees = width <= trees::MOST_FEATURES;
        let (classes, threads) = (dataset.class_count(), current_num_threads());
        let discriminant = 8 * width * width * (FOLDS + MATRICES_A_THREAD * threads)
            + 8 * width * (2 * classes * threads + 2 * discriminant::BLOCK);
        let voters = samples.min(neighbours::MOST_VOTERS);
        // All of them, and turned; the cosines of a block, twice; those that a thread sorts, which may have doubled.
        let votes = voters * (8 * width + 8 * neighbours::BLOCK + 32 * threads)
            + (16 * neighbours::MOST + size_of::<Vec<f32>>()) * samples;
        let grown = match with_trees {
            true => samples * (trees::BLOCK * 2 * BYTES_A_NODE + 4 * width + 8 * classes),
            false => 0,
        };
        let models = if with_trees { 3 } else { 2 };
        Self {
            files: (models * (rows + 16 * samples)) as u64,
            memory: (COPIES_OF_ROWS * rows + discriminant.max(votes).max(grown)) as u64,
        }
    }
}
