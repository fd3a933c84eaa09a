//! The neighbours' vote: shares of the given labels among the nearest other samples, nearer ones counting more.
//! Near is a small angle between standardised features. A vote is never unanimous: half a vote is shared out
//! among all classes. Of votes among 5, 10 and 30 neighbours that one counts which agrees most often with the
//! given labels, which needs no truth.

use candle_core::{Device, Result, Tensor};
use rand::seq::index;
use rayon::prelude::*;

use crate::held_out::features::{Features, blocks};
use crate::held_out::log_probabilities::log_probabilities;
use crate::seeds::Stream;

/// From few that are like a sample alone, to many that even out wrong labels.
const COUNTS: [usize; 3] = [5, 10, 30];
pub(crate) const MOST: usize = 30;
/// Beyond so many samples, neighbours are looked for among so many, drawn at random: time grows with the
/// samples, not with their square.
pub(crate) const MOST_VOTERS: usize = 20_000;
/// Samples whose neighbours are looked for at once.
pub(crate) const BLOCK: usize = 256;
/// A neighbour at the median distance weighs 1 / 1.3, one in the same place 1 / 0.3.
const NEAREST: f64 = 0.3;

/// Held-out log probabilities, samples × classes.
///
/// # Errors
/// Where there is no room for a matrix.
pub(crate) fn held_out(
    features: &Features,
    labels: &[u32],
    classes: usize,
    stream: &mut Stream,
) -> Result<Vec<f32>> {
    let neighbours = nearest(features, &voters(features.len(), stream))?;
    let median = median_distance(&neighbours);
    let vote = |count: usize| -> (usize, Vec<f32>) {
        let vote = |near: &Vec<(usize, f32)>| vote(near, labels, classes, count, median);
        let rows: Vec<f32> = neighbours.par_iter().flat_map_iter(vote).collect();
        let agrees = |(row, label): (&[f32], &u32)| favourite(row) == *label as usize;
        let rows_of_samples = rows.chunks_exact(classes).zip(labels);
        (rows_of_samples.filter(|&pair| agrees(pair)).count(), rows)
    };
    let mut best = vote(COUNTS[0]);
    for count in COUNTS.into_iter().skip(1) {
        let next = vote(count);
        if next.0 > best.0 {
            best = next;
        }
    }
    Ok(best.1)
}

/// Who may be a neighbour, ascending.
fn voters(samples: usize, stream: &mut Stream) -> Vec<usize> {
    if samples <= MOST_VOTERS {
        return (0..samples).collect();
    }
    let mut drawn = index::sample(stream, samples, MOST_VOTERS).into_vec();
    drawn.sort_unstable();
    drawn
}

/// For each sample its nearest others, nearest first, and their distances: 1 − the cosine of the angle.
fn nearest(features: &Features, voters: &[usize]) -> Result<Vec<Vec<(usize, f32)>>> {
    let width = features.width();
    let matrix = |samples: &[usize]| {
        let directions = features.directions(samples);
        Tensor::from_vec(directions, (samples.len(), width), &Device::Cpu)
    };
    let all = matrix(voters)?.t()?.contiguous()?;
    let mut found = Vec::with_capacity(features.len());
    for block in blocks(features.len(), BLOCK) {
        let samples: Vec<usize> = block.collect();
        let cosines = matrix(&samples)?.matmul(&all)?;
        let cosines = cosines.flatten_all()?.to_vec1::<f32>()?;
        let rows = cosines.par_chunks_exact(voters.len()).zip(&samples);
        found.par_extend(rows.map(|(cosines, &sample)| nearest_of(cosines, voters, sample)));
    }
    Ok(found)
}

fn nearest_of(cosines: &[f32], voters: &[usize], sample: usize) -> Vec<(usize, f32)> {
    let others = cosines.iter().zip(voters);
    let distance = |(cosine, &voter): (&f32, &usize)| (voter, (1.0 - cosine).max(0.0));
    let mut others: Vec<(usize, f32)> = others.map(distance).filter(|o| o.0 != sample).collect();
    let nearer = |a: &(usize, f32), b: &(usize, f32)| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0));
    if others.len() > MOST {
        others.select_nth_unstable_by(MOST - 1, nearer);
        others.truncate(MOST);
        // There is such a list for every sample, and all voters had room in each.
        others.shrink_to_fit();
    }
    others.sort_unstable_by(nearer);
    others
}

fn median_distance(neighbours: &[Vec<(usize, f32)>]) -> f64 {
    let mut distances: Vec<f32> = neighbours.iter().flatten().map(|near| near.1).collect();
    if distances.is_empty() {
        return 0.0;
    }
    let middle = distances.len() / 2;
    f64::from(*distances.select_nth_unstable_by(middle, f32::total_cmp).1)
}

fn vote(
    nearest: &[(usize, f32)],
    labels: &[u32],
    classes: usize,
    count: usize,
    median: f64,
) -> impl Iterator<Item = f32> + use<> {
    let mut shares = vec![0.5 / classes as f64; classes];
    for &(voter, distance) in nearest.iter().take(count) {
        let relative = match median > 0.0 {
            true => f64::from(distance) / median,
            false => 0.0,
        };
        shares[labels[voter] as usize] += 1.0 / (relative + NEAREST);
    }
    log_probabilities(shares.into_iter().map(f64::ln).collect())
}

/// The first class of the most votes.
fn favourite(row: &[f32]) -> usize {
    let higher = |best: usize, class: usize| if row[class] > row[best] { class } else { best };
    (0..row.len()).fold(0, higher)
}

#[cfg(test)]
mod tests;
