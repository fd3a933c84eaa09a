use crate::held_out::discriminant::held_out;
use crate::held_out::features::Features;
use crate::held_out::features::tests::{dataset, thirty_samples};

/// By scikit-learn's `ledoit_wolf` of the samples about the means of their classes, and its discriminant.
#[test]
fn the_shrunk_discriminant_is_that_of_scikit_learn() {
    let (values, given) = thirty_samples();
    let dataset = dataset(values, 4);
    let folds: Vec<usize> = (0..30).map(|sample| sample / 3 % 5).collect();
    let found = held_out(&Features::of(&dataset).unwrap(), &given, 3, &folds).unwrap();
    for (sample, expected) in [
        (0, [-1.2126e-4, -11.151_602_7, -9.143_634_66]),
        (4, [-15.702_168_6, -2.6599e-4, -8.232_755_46]),
        (17, [-0.789_558_41, -1.848_554_71, -0.945_487_43]),
    ] {
        for (found, expected) in found[3 * sample..].iter().zip(expected) {
            assert!(
                (f64::from(*found) - expected).abs() < 2e-6,
                "{sample}: {found} {expected}"
            );
        }
    }
}

#[test]
fn a_class_that_no_other_fold_has_is_excluded_and_one_fold_alone_says_nothing() {
    let dataset = dataset(vec![0.0, 1.0, 2.0, 3.0], 1);
    let features = Features::of(&dataset).unwrap();
    let found = held_out(&features, &[0, 0, 0, 1], 2, &[0, 1, 2, 3]).unwrap();
    assert_eq!(found[6..], [0.0, -30.0]);
    let found = held_out(&features, &[0, 0, 0, 1], 2, &[0; 4]).unwrap();
    assert_eq!(found, [0.5_f32.ln(); 8]);
}

#[test]
fn features_that_repeat_others_or_tell_the_class_exactly_are_no_obstacle() {
    let values: Vec<f32> = (0..20)
        .flat_map(|sample| [(sample % 2) as f32; 3])
        .collect();
    let dataset = dataset(values, 3);
    let labels: Vec<u32> = (0..20).map(|sample| sample % 2).collect();
    let folds: Vec<usize> = (0..20).map(|sample| sample / 2 % 5).collect();
    let found = held_out(&Features::of(&dataset).unwrap(), &labels, 2, &folds).unwrap();
    let right = found
        .chunks(2)
        .zip(&labels)
        .all(|(row, &label)| row[label as usize] > 0.5_f32.ln());
    assert!(right, "{found:?}");
}
