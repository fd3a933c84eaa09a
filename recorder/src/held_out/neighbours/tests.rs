use crate::held_out::features::Features;
use crate::held_out::features::tests::{dataset, thirty_samples};
use crate::held_out::neighbours::*;
use crate::seeds::stream;

fn votes(values: Vec<f32>, width: usize, labels: &[u32], classes: usize) -> Vec<f32> {
    let dataset = dataset(values, width);
    let features = Features::of(&dataset).unwrap();
    held_out(&features, labels, classes, &mut stream(0, "voters")).unwrap()
}

/// With neighbours by scikit-learn.
#[test]
fn the_vote_is_that_of_scikit_learns_neighbours() {
    let (values, given) = thirty_samples();
    let found = votes(values, 4, &given, 3);
    for (sample, expected) in [
        (0, [-0.026_000_9, -4.355_743, -4.355_743]),
        (4, [-4.337_184, -0.026_494_5, -4.337_184]),
        (17, [-0.507_194_2, -0.971_506_4, -3.947_403_4]),
        (29, [-1.431_244_1, -4.463_398_3, -0.288_395]),
    ] {
        for (found, expected) in found[3 * sample..].iter().zip(expected) {
            assert!(
                (found - expected).abs() < 1e-5,
                "{sample}: {found} {expected}"
            );
        }
    }
}

#[test]
fn a_vote_counts_others_alone_and_is_never_unanimous() {
    // One feature: standardised, two samples lie to each side, in two directions. The one other sample on the
    // same side is at distance 0 and weighs 1 / 0.3; both across are at 2, the median, and weigh 1 / 1.3.
    let found = votes(vec![0.0, 0.0, 9.0, 9.0], 1, &[0, 0, 1, 1], 2);
    let (near, far) = (0.25 + 1.0 / 0.3, 0.25 + 2.0 / 1.3);
    let expected = (near / (near + far)) as f32;
    assert!((found[0] - expected.ln()).abs() < 1e-6, "{found:?}");
    assert_eq!(found[0], found[7]);
}

#[test]
fn a_single_sample_has_no_neighbour_and_so_no_preference() {
    assert_eq!(
        vote(&[], &[0], 2, 5, 0.0).collect::<Vec<_>>(),
        [0.5_f32.ln(); 2]
    );
    assert_eq!(median_distance(&[]), 0.0);
}

#[test]
fn beyond_twenty_thousand_samples_some_of_them_vote() {
    assert_eq!(voters(4, &mut stream(0, "voters")), [0, 1, 2, 3]);
    let drawn = voters(30_000, &mut stream(0, "voters"));
    assert_eq!(drawn.len(), MOST_VOTERS);
    assert!(drawn.is_sorted_by(|a, b| a < b));
}

#[test]
fn a_sample_keeps_room_for_its_neighbours_alone() {
    let voters: Vec<usize> = (0..5_000).collect();
    let near = nearest_of(&vec![0.5; 5_000], &voters, 3);
    assert_eq!(near.len(), MOST);
    assert!(near.capacity() < 2 * MOST, "{}", near.capacity());
}
