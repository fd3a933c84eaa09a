//! The margins of each listed sample over the epochs, as the page draws them when asked.

use crate::logs::run_log::PassLog;
use crate::plots::run_view::RunView;

/// All margins together: some two megabytes.
const MOST_MARGINS: usize = 400_000;
/// No curve needs more points than this, …
const MOST_EPOCHS: usize = 75;
/// … and fewer than this do not show one.
const FEWEST_EPOCHS: usize = 8;

/// Every so many of the recorded epochs, and the last: of many samples fewer.
pub(crate) fn shown_epochs(view: RunView<'_>, samples: usize) -> Vec<u32> {
    let recorded = view.log.recorded_epochs();
    let curves = samples * view.log.passes.len();
    let most = (MOST_MARGINS / curves.max(1)).clamp(FEWEST_EPOCHS, MOST_EPOCHS);
    let every = recorded.len().div_ceil(most).max(1);
    let mut shown: Vec<u32> = recorded.iter().rev().step_by(every).copied().collect();
    shown.reverse();
    shown
}

/// The margins of a sample in each pass that judges it, in hundredths.
pub(crate) fn curves(view: RunView<'_>, sample: usize, epochs: &[u32]) -> Vec<Vec<Option<i64>>> {
    let hundredths = |margin: f32| (f64::from(margin) * 100.0).round() as i64;
    let judging = view.log.passes.iter();
    let judging = judging.filter(|pass| pass.is_ordinary(sample));
    let curve = |pass: &PassLog| {
        let margin = |epoch: &u32| {
            let found = pass.epochs.binary_search_by_key(epoch, |found| found.epoch);
            let margin = pass.epochs[found.ok()?].margin(sample);
            margin.map(hundredths)
        };
        epochs.iter().map(margin).collect()
    };
    judging.map(curve).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logs::two_passes::two_passes;
    use crate::plots::run_view::tests::with_view;

    #[test]
    fn a_sample_has_its_margins_in_each_pass_that_judges_it() {
        with_view(&two_passes(), |view| {
            // Sample 3 is a threshold sample in pass 1.
            assert_eq!(
                curves(view, 3, &[1, 3]),
                [[Some(-9000), Some(300)].to_vec()]
            );
            assert_eq!(
                curves(view, 0, &[2]),
                [[Some(200)], [Some(100)]].map(Vec::from)
            );
        });
    }

    #[test]
    fn of_many_samples_fewer_epochs_are_shown_and_always_the_last() {
        let mut log = two_passes();
        for pass in &mut log.passes {
            pass.epochs = (1..=150)
                .map(|epoch| crate::logs::run_log::EpochMargins::new(epoch, &[Some(0.0); 4]))
                .collect();
        }
        with_view(&log, |view| {
            let few = shown_epochs(view, 10);
            assert_eq!((few.len(), few.last()), (75, Some(&150)));
            // 400,000 margins for 2 · 20,000 curves: 10 epochs.
            let many = shown_epochs(view, 20_000);
            assert_eq!((many.len(), many.last()), (10, Some(&150)));
        });
    }
}
