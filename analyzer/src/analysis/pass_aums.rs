//! The AUMs of a pass of a log: from its margins, or from the sums that were kept of them.

use crate::logs::run_log::{EpochMargins, PassLog};
use crate::rules::aum::aum;
use crate::rules::window::Window;

/// The AUM of every sample of a pass over the epochs of `window`, in the order of the run's samples.
/// A sample that misses some epochs has the mean over those that it has; one that has none, none.
/// So have all samples of a log of which other sums alone were kept (see [`crate::logs::read_settings::Keep`]).
pub fn pass_aums(pass: &PassLog, window: Window) -> Vec<Option<f64>> {
    let samples = pass.assigned_labels.len();
    if let Some(sums) = &pass.sums {
        let aums = sums.aums(window, pass.recorded_epochs());
        return aums.unwrap_or_else(|| vec![None; samples]);
    }
    let epochs: Vec<&EpochMargins> = pass.epochs_within(window).collect();
    let margins = |sample| epochs.iter().filter_map(move |epoch| epoch.margin(sample));
    (0..samples).map(|sample| aum(margins(sample))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::window::WindowRule;

    fn pass(epochs: &[(u32, &[Option<f32>])]) -> PassLog {
        let samples = epochs[0].1.len();
        PassLog {
            pass: 1,
            assigned_labels: vec![Some(0); samples],
            is_threshold_sample: vec![false; samples],
            epochs: epochs
                .iter()
                .map(|(epoch, margins)| EpochMargins::new(*epoch, margins))
                .collect(),
            sums: None,
            held_out_accuracies: Vec::new(),
        }
    }

    fn window(first: u32, last: u32) -> Window {
        Window {
            first,
            last,
            rule: WindowRule::Requested,
        }
    }

    #[test]
    fn only_the_epochs_of_the_window_count() {
        let pass = pass(&[
            (1, &[Some(100.0)]),
            (2, &[Some(1.0)]),
            (3, &[Some(4.0)]),
            (4, &[Some(-50.0)]),
        ]);
        assert_eq!(pass_aums(&pass, window(2, 3)), [Some(2.5)]);
    }

    #[test]
    fn a_gap_leaves_the_mean_over_the_recorded_epochs() {
        let pass = pass(&[
            (2, &[Some(1.0), None]),
            (3, &[None, None]),
            (4, &[Some(2.0), None]),
        ]);
        assert_eq!(pass_aums(&pass, window(2, 4)), [Some(1.5), None]);
    }

    #[test]
    fn a_pass_gives_the_same_bits_as_its_samples_one_by_one() {
        let margins: Vec<f32> = (1_u16..=150)
            .map(|i| (f32::from(i) * 0.731).sin() * 7.3)
            .collect();
        let columns: Vec<[Option<f32>; 1]> = margins.iter().map(|&m| [Some(m)]).collect();
        let epochs: Vec<(u32, &[Option<f32>])> =
            (1..).zip(columns.iter().map(|c| c.as_slice())).collect();
        assert_eq!(pass_aums(&pass(&epochs), window(1, 150)), [aum(margins)]);
    }
}
