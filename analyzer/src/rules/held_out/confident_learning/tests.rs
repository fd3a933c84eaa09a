use crate::rules::held_out::confident_learning::*;

/// Eighty samples of four classes by a generator that any language has, a fifth of the labels wrong; every
/// ninth is called class 3, or 2 if it was.
fn eighty_samples() -> (Vec<f64>, Vec<u32>) {
    let mut state: u64 = 7;
    let mut draw = || {
        state = (state * 1_103_515_245 + 12_345) % (1 << 31);
        (state >> 16) as u32
    };
    let (mut rows, mut given) = (Vec::new(), Vec::new());
    for sample in 0..80_u32 {
        let class = sample % 4;
        let mut row: Vec<u32> = (0..4).map(|_| 1 + draw() % 100).collect();
        row[class as usize] += draw() % 250;
        let label = if draw() % 5 > 0 { class } else { draw() % 4 };
        given.push(match (sample % 9, label) {
            (8, 3) => 2,
            (8, _) => 3,
            _ => label,
        });
        let sum = f64::from(row.iter().sum::<u32>());
        rows.extend(row.into_iter().map(|value| f64::from(value) / sum));
    }
    (rows, given)
}

fn flagged(rows: &[f64], given: &[u32]) -> Vec<usize> {
    pruned(rows, given, Pruning::ByNoiseRate)
}

fn pruned(rows: &[f64], given: &[u32], pruning: Pruning) -> Vec<usize> {
    let classes = 4;
    let flagged = HeldOutProbabilities {
        rows,
        classes,
        given,
    }
    .flagged(pruning);
    (0..given.len()).filter(|&sample| flagged[sample]).collect()
}

/// By cleanlab 2.9.0, `find_label_issues(labels, pred_probs)`, and with `filter_by` `prune_by_class` and `both`.
#[test]
fn flags_are_those_of_cleanlab() {
    let (rows, mut given) = eighty_samples();
    let expected = [1, 2, 8, 18, 26, 29, 34, 38, 40, 44, 45, 52, 54, 61, 68, 77];
    assert_eq!(flagged(&rows, &given), expected);
    assert_eq!(pruned(&rows, &given, Pruning::ByBoth), expected);
    let expected = [
        1, 2, 8, 18, 26, 29, 33, 34, 38, 40, 44, 45, 52, 54, 61, 68, 71, 77,
    ];
    assert_eq!(pruned(&rows, &given, Pruning::ByClass), expected);
    // Of one label, a single sample is left: it is never flagged.
    given
        .iter_mut()
        .filter(|label| **label == 1)
        .for_each(|label| *label = 0);
    given[1] = 1;
    let expected = [
        2, 8, 17, 18, 26, 29, 33, 34, 37, 38, 40, 44, 45, 52, 54, 57, 61, 68, 69, 71,
    ];
    assert_eq!(flagged(&rows, &given), expected);
    let expected = [
        2, 8, 17, 18, 26, 29, 34, 38, 40, 44, 45, 49, 52, 53, 54, 57, 61, 65, 68, 69, 71,
    ];
    assert_eq!(pruned(&rows, &given, Pruning::ByClass), expected);
    let expected = [
        2, 8, 17, 18, 26, 29, 34, 38, 40, 44, 45, 52, 54, 57, 61, 68, 69, 71,
    ];
    assert_eq!(pruned(&rows, &given, Pruning::ByBoth), expected);
}

/// By `compute_confident_joint`, before it is rounded.
#[test]
fn the_joint_is_that_of_cleanlab() {
    let (rows, given) = eighty_samples();
    let (rows, given) = (&rows[..], &given[..]);
    let joint = HeldOutProbabilities {
        rows,
        classes: 4,
        given,
    }
    .joint();
    let rounded: Vec<f64> = joint.iter().map(|count| count.round()).collect();
    let expected = [
        [14.0, 0.0, 5.0, 0.0],
        [1.0, 12.0, 1.0, 0.0],
        [3.0, 3.0, 15.0, 0.0],
        [4.0, 0.0, 1.0, 21.0],
    ];
    let off: f64 = rounded
        .iter()
        .zip(expected.as_flattened())
        .map(|(a, b)| (a - b).abs())
        .sum();
    // Rounding that keeps the sums of rows moves one count here and there.
    assert!(off <= 2.0, "{joint:?}");
    let rows: Vec<f64> = joint.chunks(4).map(|row| row.iter().sum()).collect();
    assert!(
        rows.iter()
            .zip([19.0, 14.0, 21.0, 26.0])
            .all(|(a, b)| (a - b).abs() < 1e-9)
    );
}

#[test]
fn where_every_label_is_the_likeliest_none_is_flagged() {
    let rows = [0.9, 0.1, 0.6, 0.4, 0.2, 0.8, 0.1, 0.9];
    let probabilities = HeldOutProbabilities {
        rows: &rows,
        classes: 2,
        given: &[0, 0, 1, 1],
    };
    assert_eq!(probabilities.flagged(Pruning::ByBoth), [false; 4]);
}
