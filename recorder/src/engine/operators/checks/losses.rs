//! The losses that were made for wrong labels.

use candle_core::{Device, Tensor};
use proptest::prelude::*;

use crate::engine::operators::checks::check;
use crate::engine::operators::losses::{LOSSES, Loss};

/// In words of their papers, of one sample.
fn defined(loss: Loss, logits: &[f64], label: usize) -> f64 {
    let sum: f64 = logits.iter().map(|logit| logit.exp()).sum();
    let p: Vec<f64> = logits.iter().map(|logit| logit.exp() / sum).collect();
    let (sure, entropy) = (-p[label].ln(), p.iter().map(|p| -p * p.ln()).sum::<f64>());
    match loss {
        Loss::CrossEntropy => sure,
        Loss::Generalised(q) => (1.0 - p[label].powf(q.into())) / f64::from(q),
        Loss::Symmetric {
            alpha,
            beta,
            log_of_zero,
        } => {
            let others = (0..p.len()).filter(|&class| class != label);
            let reverse: f64 = others.map(|class| -p[class] * f64::from(log_of_zero)).sum();
            f64::from(alpha) * sure + f64::from(beta) * reverse
        }
        Loss::BootstrapSoft(beta) => f64::from(beta) * sure + (1.0 - f64::from(beta)) * entropy,
        Loss::BootstrapHard(beta) => {
            let largest = p.iter().copied().fold(0.0, f64::max);
            f64::from(beta) * sure - (1.0 - f64::from(beta)) * largest.ln()
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn each_loss_is_its_definition(samples in 1..6usize, classes in 2..9usize, seed: u64) {
        let labels: Vec<u32> = (0..samples).map(|sample| (sample * 5 % classes) as u32).collect();
        let tensor = Tensor::new(labels.as_slice(), &Device::Cpu).unwrap();
        for (_, loss) in LOSSES {
            for composed in [false, true] {
                check(seed, &[vec![samples, classes]], 1e-5, |inputs| match composed {
                    false => loss.of(&inputs[0], &tensor),
                    true => loss.composed(&inputs[0], &tensor),
                }, |inputs| {
                    let rows = inputs[0].chunks(classes).zip(&labels);
                    let sum: f64 = rows.map(|(row, &label)| defined(loss, row, label as usize)).sum();
                    vec![sum / samples as f64]
                });
            }
        }
    }
}

/// For two classes with shares 1/4 (the label's) and 3/4.
#[test]
fn losses_of_a_label_that_the_network_gives_a_quarter() {
    let logits = Tensor::new(&[[0f32, 3f32.ln()]], &Device::Cpu).unwrap();
    let label = Tensor::new(&[0u32], &Device::Cpu).unwrap();
    for (name, expected) in [
        ("cross-entropy", 1.386_294),  // ln 4
        ("gce", 0.887_239),            // (1 − 4^−0.7) / 0.7
        ("sce", 3.138_629),            // 0.1 ln 4 + 4 · 3/4
        ("bootstrap-soft", 1.345_096), // 0.95 ln 4 + 0.05 · 0.562335
        ("bootstrap-hard", 1.166_572), // 0.8 ln 4 + 0.2 ln 4/3
    ] {
        let loss = Loss::by_name(name).unwrap();
        assert_eq!(loss.name(), name);
        let found = loss
            .of(&logits, &label)
            .unwrap()
            .to_scalar::<f32>()
            .unwrap();
        assert!(
            (f64::from(found) - expected).abs() < 1e-5,
            "{name}: {found}"
        );
    }
}

#[test]
fn the_share_of_cross_entropy_grows_with_the_classes_up_to_a_hundred() {
    let alpha = |classes| match Loss::by_name("sce").unwrap().of_classes(classes) {
        Loss::Symmetric { alpha, .. } => alpha,
        other => panic!("{other:?}"),
    };
    assert_eq!([2, 10].map(alpha), [0.1, 0.1]);
    assert!((alpha(30) - 0.3).abs() < 1e-6);
    assert_eq!([100, 1000].map(alpha), [1.0, 1.0]);
    let other = Loss::by_name("gce").unwrap();
    assert_eq!(other.of_classes(100), other);
}
