//! What a person looks at instead of reading numbers: the figures of Pleiss et al. (NeurIPS 2020)
//! and their kin, as SVG and PNG. Each figure is drawn by one code for both, from a run's log and
//! analysis; a font comes with the program, so that they look the same everywhere.

pub(crate) mod drawing;
pub(crate) mod figures;

pub(crate) mod groups;
pub(crate) mod plot;
pub(crate) mod plotted_run;
pub(crate) mod run_view;

pub use crate::plots::drawing::canvas::PngFile;
pub use crate::plots::drawing::figure::Figure;
pub use crate::plots::drawing::picture::Picture;
pub use crate::plots::drawing::theme::{Theme, ThemeError};
pub use crate::plots::figures::PLOTS;
pub use crate::plots::figures::contact_sheet::{SheetEntry, sheet};
pub use crate::plots::figures::test_errors::{TestErrors, test_errors};
pub use crate::plots::plot::{Curves, Plot, PlotNeeds, PlotSettings};
pub use crate::plots::plotted_run::PlottedRun;
pub use crate::plots::run_view::RunView;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logs::run_log::{EpochMargins, RunLog};
    use crate::logs::two_passes::two_passes;
    use crate::plots::figures::comparison::comparison;
    use crate::plots::figures::confusions::confusions;
    use crate::plots::figures::contact_sheet::{contact_sheet, sheet_entries};
    use crate::plots::figures::histogram::histogram;
    use crate::plots::figures::margins::margins;
    use crate::plots::figures::noise_sweep::noise_sweep;
    use crate::plots::figures::precision_recall::precision_recall;
    use crate::plots::figures::sample_curves::sample_curves;
    use crate::plots::figures::thresholds::thresholds;
    use crate::plots::run_view::tests::with_view;
    use crate::questions::confusions::Suggestion;

    const HOSTILE: &str = "<script>alert('x')</script> \u{202E}\u{5D0}\u{5D1} \u{1F600} & \"";

    /// For every sample class 1.
    fn suggestions(log: &RunLog) -> Vec<Suggestion> {
        let suggestion = |sample| Suggestion {
            sample,
            suggested_label: Some(1),
            support: 1.0,
            given_support: 0.0,
        };
        (0..log.sample_count()).map(suggestion).collect()
    }

    fn figures<'a>(view: RunView<'a>) -> [Option<Figure<'a>>; 11] {
        let suggestions = suggestions(view.log);
        let entries = sheet_entries(view, 10, |_| None, &suggestions);
        let flagged: Vec<Suggestion> = suggestions
            .into_iter()
            .filter(|found| view.analysis.verdicts.get(found.sample).flagged == Some(true))
            .collect();
        let found = crate::questions::confusions::confusions(view.log, view.analysis, &flagged);
        [
            Some(histogram(view, false)),
            Some(histogram(view, true)),
            Some(margins(view)),
            Some(sample_curves(view, &[0, 1], &[])),
            precision_recall(view, &[]),
            thresholds(view),
            confusions(view, &found),
            comparison(&[view]),
            comparison(&[view, view, view]),
            noise_sweep(&[view, view], &[]),
            Some(contact_sheet(view, entries)),
        ]
    }

    /// Every figure that can be drawn of one run, as SVG; the PNGs are drawn too.
    fn drawn(log: &RunLog) -> Vec<String> {
        with_view(log, |view| {
            let figures = figures(view);
            let figures = figures.iter().flatten();
            figures
                .map(|figure| {
                    assert!(figure.png(Theme::Dark).bytes.starts_with(b"\x89PNG"));
                    figure.svg(Theme::Light)
                })
                .collect()
        })
    }

    #[test]
    fn a_run_with_truth_and_threshold_samples_has_every_figure() {
        assert_eq!(drawn(&two_passes()).len(), 11);
    }

    #[test]
    fn markup_in_names_stays_text() {
        let mut log = two_passes();
        log.run = Some(HOSTILE.repeat(20));
        log.class_names = vec![HOSTILE.to_owned(), HOSTILE.repeat(30)];
        log.sample_ids =
            logformat::SampleIds::Texts(["a", "b", "c", HOSTILE].map(str::to_owned).to_vec());
        for svg in drawn(&log) {
            assert!(!svg.contains("<script"), "{svg}");
        }
        assert!(drawn(&log)[0].contains("&lt;script&gt;"));
    }

    #[test]
    fn without_truth_threshold_samples_or_a_second_epoch_the_rest_is_drawn() {
        let mut log = two_passes();
        log.true_labels = vec![None; 4];
        for pass in &mut log.passes {
            pass.epochs = vec![EpochMargins::new(1, &[Some(0.5); 4])];
            pass.is_threshold_sample = vec![false; 4];
        }
        let svgs = drawn(&log);
        // Two histograms, margins, samples, the passes compared, the sheet; three runs that all have
        // equal AUMs have no correlation.
        assert_eq!(svgs.len(), 6);
        assert!(svgs[0].contains("no true labels") && svgs[0].contains("no threshold"));
        assert!(
            svgs.iter()
                .all(|svg| !svg.contains("NaN") && !svg.contains("inf"))
        );
    }

    #[test]
    fn constant_margins_are_drawn_with_room_around_them() {
        let mut log = two_passes();
        for pass in &mut log.passes {
            pass.epochs = (1..=3)
                .map(|epoch| EpochMargins::new(epoch, &[Some(-0.25); 4]))
                .collect();
        }
        for svg in drawn(&log) {
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        }
    }
}
