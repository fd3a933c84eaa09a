use crate::questions::estimate::label_counts::*;

/// `right` samples of which a model says the given label, and others of which it says another one; of `classes` classes
/// in turn, with probabilities that fall from the first class named.
fn unseen(classes: usize, right: usize, wrong: impl IntoIterator<Item = usize>) -> UnseenLabels {
    let told = (0..right).map(|_| 0).chain(wrong);
    let (mut given, mut model) = (Vec::new(), Vec::new());
    for (sample, away) in told.enumerate() {
        let label = sample % classes;
        given.push(label as u32);
        let likeliest = (label + away) % classes;
        let mut row = vec![0.0_f32; classes];
        for distance in 0..classes {
            // Sure of the likeliest; the others fall one after the other.
            let logit = if distance == 0 {
                0.0
            } else {
                -4.0 - distance as f32
            };
            row[(likeliest + distance) % classes] = logit;
        }
        let sum: f32 = row.iter().map(|logit| logit.exp()).sum();
        model.extend(row.iter().map(|logit| logit - sum.ln()));
    }
    UnseenLabels {
        models: vec![model],
        given,
        classes,
        are_all: true,
    }
}

fn share(of: Estimated) -> f64 {
    of.estimate.unwrap()
}

#[test]
fn labels_that_are_wrong_at_random_are_counted_and_the_intervals_hold_them() {
    // 240 of 1,200 labels are wrong, each other class is as often the likeliest.
    let counts = LabelCounts::of(&unseen(5, 960, (0..240).map(|at| 1 + at / 60)));
    for share in [
        share(counts.at_random),
        share(counts.by_table),
        share(counts.disagreeing),
    ] {
        assert!((share - 0.2).abs() < 0.02, "{counts:?}");
    }
    let interval = counts.at_random.interval.unwrap();
    assert!(interval.low < 0.2 && 0.2 < interval.high, "{interval:?}");
    assert_eq!((counts.samples, counts.are_all), (1200, true));
}

#[test]
fn labels_that_are_wrong_by_a_pattern_disagree_and_are_not_counted_at_random() {
    // The next class is the likeliest and the given one the least improbable of the others.
    let mut unseen = unseen(5, 960, (0..240).map(|_| 1));
    for (row, &label) in unseen.models[0].chunks_exact_mut(5).zip(&unseen.given) {
        let label = label as usize;
        if row[(label + 1) % 5] > row[label] {
            row[label] = row[(label + 1) % 5] - 2.0;
        }
    }
    let counts = LabelCounts::of(&unseen);
    assert!(share(counts.at_random) < 0.01, "{counts:?}");
    assert_eq!(share(counts.disagreeing), 0.2);
}

#[test]
fn of_none_wrong_the_interval_is_that_of_none_seen() {
    let counts = LabelCounts::of(&unseen(10, 100, []));
    assert_eq!(share(counts.at_random), 0.0);
    let interval = counts.at_random.interval.unwrap();
    // Wilson's interval of 0 of 100 ends at 0.037; of the labels that were not given half are below.
    assert_eq!(interval.low, 0.0);
    assert!((0.05..0.1).contains(&interval.high), "{interval:?}");
}

#[test]
fn of_two_classes_the_other_label_is_the_only_other_one() {
    let counts = LabelCounts::of(&unseen(2, 300, (0..100).map(|_| 1)));
    // r is the share of given labels below the median of the others, a quarter, over that of these: r / (1 + r).
    assert!((share(counts.at_random) - 0.25).abs() < 0.02, "{counts:?}");
}
