//! Noise as it is drawn: rates, wrong classes, and that nothing else moves them.

use proptest::prelude::*;

use crate::labels::noise::*;
use crate::seeds::stream;

fn names(count: u32) -> Vec<String> {
    (0..count).map(|class| class.to_string()).collect()
}

fn noisy(model: &NoiseModel, labels: &[u32], seed: u64) -> Vec<u32> {
    model.draw(labels, &mut stream(seed, "noise"))
}

fn at_rate(noise: fn(NoiseRate) -> LabelNoise, rate: f64, classes: u32) -> NoiseModel {
    let noise = noise(NoiseRate::new(rate).unwrap());
    noise.model(&names(classes)).unwrap().unwrap()
}

fn uniform(rate: f64, classes: u32) -> NoiseModel {
    at_rate(LabelNoise::Uniform, rate, classes)
}

fn flip(rate: f64, classes: u32) -> NoiseModel {
    at_rate(LabelNoise::Flip, rate, classes)
}

fn matrix(rows: &[Vec<f64>]) -> NoiseModel {
    let line = |row: &Vec<f64>| {
        row.iter()
            .map(|share| format!("{share} "))
            .collect::<String>()
    };
    let text: Vec<String> = rows.iter().map(line).collect();
    let matrix = NoiseMatrix::parse(&text.join("\n"), rows.len()).unwrap();
    NoiseModel::matrix(matrix, u32::try_from(rows.len()).unwrap())
}

/// So many labels, all classes alike.
fn labels(samples: u32, classes: u32) -> Vec<u32> {
    (0..samples).map(|sample| sample % classes).collect()
}

/// Whether `count` of `draws` with this probability is within five standard deviations.
fn is_likely(count: usize, draws: usize, probability: f64) -> bool {
    let (count, draws) = (count as f64, draws as f64);
    let deviation = (draws * probability * (1.0 - probability)).sqrt();
    // Few draws of a rare event are no normal distribution: five of them more are let through.
    (count - draws * probability).abs() <= 5.0 * deviation + 5.0
}

fn changed(before: &[u32], after: &[u32]) -> Vec<usize> {
    (0..before.len())
        .filter(|&sample| before[sample] != after[sample])
        .collect()
}

#[test]
fn a_rate_of_zero_leaves_every_label_and_of_one_leaves_none() {
    let labels = labels(1000, 10);
    for model in [uniform, flip] {
        assert_eq!(noisy(&model(0.0, 10), &labels, 1), labels);
        let after = noisy(&model(1.0, 10), &labels, 1);
        assert_eq!(changed(&labels, &after).len(), 1000);
    }
}

#[test]
fn uniform_noise_is_that_of_the_first_release() {
    let after = noisy(&uniform(0.4, 10), &labels(20, 10), 1);
    let expected = [2, 1, 2, 3, 4, 5, 5, 5, 8, 9, 7, 1, 3, 3, 4, 5, 6, 6, 7, 9];
    assert_eq!(after, expected);
}

#[test]
fn a_higher_rate_keeps_the_mistakes_of_a_lower_one() {
    let labels = labels(1000, 10);
    let few = noisy(&uniform(0.2, 10), &labels, 1);
    let many = noisy(&uniform(0.4, 10), &labels, 1);
    for ((before, few), many) in labels.iter().zip(few).zip(many) {
        assert!(few == *before || few == many);
    }
}

#[test]
fn a_matrix_that_says_what_flip_does_draws_what_flip_draws() {
    let row = |class: usize| {
        let mut row = vec![0.0; 5];
        row[class] = 0.75;
        row[(class + 1) % 5] = 0.25;
        row
    };
    let rows: Vec<Vec<f64>> = (0..5).map(row).collect();
    let labels = labels(1000, 5);
    assert_eq!(
        noisy(&matrix(&rows), &labels, 3),
        noisy(&flip(0.25, 5), &labels, 3)
    );
}

#[test]
fn the_pairs_of_cifar_10_are_drawn_and_the_other_classes_stay() {
    let classes = "airplane automobile bird cat deer dog frog horse ship truck";
    let names: Vec<String> = classes.split(' ').map(str::to_owned).collect();
    let noise = LabelNoise::Cifar10Pairs(NoiseRate::new(0.4).unwrap());
    let labels = labels(10_000, 10);
    let after = noisy(&noise.model(&names).unwrap().unwrap(), &labels, 1);
    for (class, target) in [(9, 1), (2, 0), (4, 7), (3, 5), (5, 3)] {
        let of_class = || {
            labels
                .iter()
                .zip(&after)
                .filter(|(label, _)| **label == class)
        };
        let wrong = of_class().filter(|(_, given)| **given == target).count();
        let kept = of_class().filter(|(_, given)| **given == class).count();
        assert_eq!(wrong + kept, 1000);
        assert!(is_likely(wrong, 1000, 0.4), "{class}: {wrong}");
    }
    let changes = changed(&labels, &after).into_iter();
    assert!(
        changes
            .map(|sample| labels[sample])
            .all(|class| [9, 2, 4, 3, 5].contains(&class))
    );
}

#[test]
fn noise_needs_two_classes() {
    let noise = LabelNoise::Uniform(NoiseRate::new(0.5).unwrap());
    let error = noise.model(&names(1)).unwrap_err().to_string();
    assert!(error.contains("two classes or more"), "{error}");
    assert_eq!(LabelNoise::None.model(&names(1)).unwrap(), None);
}

/// A row-stochastic matrix of some classes, with zeros in it.
fn any_matrix() -> impl Strategy<Value = Vec<Vec<f64>>> {
    let weights = |classes: usize| {
        let entry = prop_oneof![Just(0u32), 1u32..100];
        let row = prop::collection::vec(entry, classes);
        prop::collection::vec(row, classes)
    };
    (2usize..7).prop_flat_map(weights).prop_map(|rows| {
        let normalise = |(class, row): (usize, Vec<u32>)| -> Vec<f64> {
            let sum: u32 = row.iter().sum();
            let shares = row.iter().enumerate().map(|(given, &weight)| match sum {
                0 => f64::from(u8::from(given == class)),
                sum => f64::from(weight) / f64::from(sum),
            });
            shares.collect()
        };
        rows.into_iter().enumerate().map(normalise).collect()
    })
}

proptest! {
    #[test]
    fn the_realised_rate_stays_within_five_standard_deviations(
        rate in 0.0..=1.0, classes in 2u32..20, seed: u64,
    ) {
        let labels = labels(4000, classes);
        let after = noisy(&uniform(rate, classes), &labels, seed);
        prop_assert!(after.iter().all(|&label| label < classes));
        let wrong = changed(&labels, &after);
        prop_assert!(is_likely(wrong.len(), 4000, rate), "{}", wrong.len());
        // Flip makes the very same samples wrong.
        let flipped = noisy(&flip(rate, classes), &labels, seed);
        prop_assert_eq!(changed(&labels, &flipped), wrong);
    }

    #[test]
    fn a_wrong_label_is_each_other_class_equally_often_and_never_the_true_one(
        class in 0u32..10, seed: u64,
    ) {
        let after = noisy(&uniform(1.0, 10), &[class; 9000], seed);
        let count = |given| after.iter().filter(|&&label| label == given).count();
        prop_assert_eq!(count(class), 0);
        for other in (0..10).filter(|&other| other != class) {
            prop_assert!(is_likely(count(other), 9000, 1.0 / 9.0), "{}: {}", other, count(other));
        }
    }

    #[test]
    fn flip_gives_the_next_class_alone(rate in 0.0..=1.0, classes in 2u32..20, seed: u64) {
        let labels = labels(500, classes);
        let after = noisy(&flip(rate, classes), &labels, seed);
        for (&label, given) in labels.iter().zip(after) {
            prop_assert!(given == label || given == (label + 1) % classes);
        }
    }

    #[test]
    fn a_matrix_is_reproduced_row_by_row(rows in any_matrix(), seed: u64) {
        const DRAWS: usize = 2000;
        let model = matrix(&rows);
        for (class, row) in (0..).zip(&rows) {
            let after = noisy(&model, &[class; DRAWS], seed ^ u64::from(class));
            for (given, &share) in (0..).zip(row) {
                let count = after.iter().filter(|&&label| label == given).count();
                prop_assert!(is_likely(count, DRAWS, share), "{} → {}: {}", class, given, count);
                prop_assert!(share > 0.0 || count == 0);
            }
        }
    }

    #[test]
    fn a_sample_draws_as_much_under_every_model(samples in 0u32..200, seed: u64) {
        use rand::Rng;
        let labels = labels(samples, 4);
        let rows = vec![vec![0.25; 4]; 4];
        let after = [uniform(0.3, 4), flip(0.9, 4), matrix(&rows)].map(|model| {
            let mut draws = stream(seed, "noise");
            model.draw(&labels, &mut draws);
            draws.next_u64()
        });
        prop_assert_eq!(after[0], after[1]);
        prop_assert_eq!(after[0], after[2]);
    }
}
