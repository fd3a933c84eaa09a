use crate::rules::held_out::noise_model::*;

/// The log probabilities of one model for a sample that is of `class` with probability `sure`, and of each of
/// the others alike.
fn row(class: usize, classes: usize, sure: f32) -> Vec<f32> {
    let mut row = vec![((1.0 - sure) / (classes - 1) as f32).ln(); classes];
    row[class] = sure.ln();
    row
}

#[test]
fn labels_that_go_to_the_next_class_are_found_though_the_models_expect_them() {
    // Both models were trained on a fifth of such labels, and say so: 0.7 for the class, 0.1 for the others.
    let truth: Vec<usize> = (0..400).map(|sample| sample % 4).collect();
    let given =
        |sample: usize| ((truth[sample] + usize::from(sample.is_multiple_of(5))) % 4) as u32;
    let given: Vec<u32> = (0..400).map(given).collect();
    let model: Vec<f32> = truth.iter().flat_map(|&class| row(class, 4, 0.7)).collect();
    let found = PooledEvidence::of(&[model.clone(), model], &given, 4);
    let mislabeled = found.log_odds.iter().map(|odds| *odds > 0.0);
    assert!(mislabeled.eq((0_usize..400).map(|sample| sample.is_multiple_of(5))));
}

#[test]
fn classes_that_overlap_are_no_noise() {
    // Of a hundred samples each that are of class 0 with probability 0.99, 0.7, 0.3 and 0.01, as many have its
    // label: what lies between the classes is what it seems to be.
    let (mut model, mut given) = (Vec::new(), Vec::new());
    for (sure, of_class_0) in [(0.99, 99), (0.7, 70), (0.3, 30), (0.01, 1)] {
        model.extend((0..100).flat_map(|_| row(0, 2, sure)));
        given.extend((0..100).map(|sample| u32::from(sample >= of_class_0)));
    }
    let found = PooledEvidence::of(&[model], &given, 2);
    let flagged: Vec<usize> = (0..400)
        .filter(|&sample| found.log_odds[sample] > 0.0)
        .collect();
    assert!(
        flagged.iter().all(|sample| [99, 300].contains(sample)),
        "{flagged:?}"
    );
    // Without noise, the model is right as it is: its weight is 1.
    assert!((found.probabilities[0] - 0.99).abs() < 1e-3);
}

#[test]
fn a_model_that_knows_nothing_gets_no_weight() {
    let truth = |sample: usize| sample % 2;
    let given: Vec<u32> = (0..100).map(|sample| truth(sample) as u32).collect();
    let knows: Vec<f32> = (0..100)
        .flat_map(|sample| row(truth(sample), 2, 0.8))
        .collect();
    // As often right as wrong.
    let guesses: Vec<f32> = (0..100)
        .flat_map(|sample| row(sample / 2 % 2, 2, 0.9))
        .collect();
    let alone = PooledEvidence::of(std::slice::from_ref(&knows), &given, 2);
    let both = PooledEvidence::of(&[knows, guesses], &given, 2);
    let pairs = alone.probabilities.iter().zip(&both.probabilities);
    assert!(
        pairs
            .into_iter()
            .all(|(one, other)| (one - other).abs() < 1e-2)
    );
}
