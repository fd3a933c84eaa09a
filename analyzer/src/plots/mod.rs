//! What a person looks at instead of reading numbers: the figures of Pleiss et al. (NeurIPS 2020)
//! and their kin, as SVG and PNG. Each figure is drawn by one code for both, from a run's log and
//! analysis; a font comes with the program, so that they look the same everywhere.

mod axis;
mod canvas;
mod comparison;
mod confusions;
mod contact_sheet;
mod figure;
mod groups;
mod heat_map;
mod histogram;
mod lettering;
mod margins;
mod noise_sweep;
mod panel;
mod picture;
mod png_file;
mod quantiles;
mod rates;
mod run_view;
mod sample_curves;
mod sample_logits;
mod suggestions;
mod svg_text;
mod theme;

pub use comparison::comparison;
pub use confusions::confusions;
pub use contact_sheet::{SheetEntry, contact_sheet, sheet_entries};
pub use figure::Figure;
pub use histogram::histogram;
pub use margins::margins;
pub use noise_sweep::noise_sweep;
pub use picture::Picture;
pub use rates::{precision_recall, thresholds};
pub use run_view::RunView;
pub use sample_curves::{sample_curves, sample_positions};
pub use sample_logits::{SampleLogits, sample_logits};
pub use suggestions::suggested_labels;
pub use theme::{Theme, ThemeError};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::tests::two_passes;
    use crate::{AumSettings, EpochMargins, RunLog, analyze};

    const HOSTILE: &str = "<script>alert('x')</script> \u{202E}\u{5D0}\u{5D1} \u{1F600} & \"";

    /// Every figure that can be drawn of one run, as SVG; the PNGs are drawn too.
    fn drawn(log: &RunLog) -> Vec<String> {
        let settings = AumSettings::default();
        let analysis = analyze(log, &settings).unwrap();
        let view = RunView {
            log,
            analysis: &analysis,
            settings: &settings,
        };
        let suggested = vec![Some(1); log.sample_count()];
        let entries = sheet_entries(view, 10, |_| None, &suggested);
        let figures = [
            Some(histogram(view, false)),
            Some(histogram(view, true)),
            Some(margins(view)),
            Some(sample_curves(view, &[0, 1], &[])),
            precision_recall(view),
            thresholds(view),
            confusions(view, &suggested),
            comparison(&[view]),
            comparison(&[view, view, view]),
            noise_sweep(&[view, view]),
            Some(contact_sheet(view, entries)),
        ];
        let figures = figures.iter().flatten();
        figures
            .map(|figure| {
                assert!(figure.png(Theme::Dark).starts_with(b"\x89PNG"));
                figure.svg(Theme::Light)
            })
            .collect()
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
        // Two histograms, margins, samples, the passes compared, three runs compared, the sheet.
        assert_eq!(svgs.len(), 7);
        assert!(svgs[0].contains("no true labels") && svgs[0].contains("no threshold"));
        assert!(
            svgs.iter()
                .all(|svg| !svg.contains("NaN") && !svg.contains("inf"))
        );
    }

    #[test]
    fn of_a_thousand_classes_the_most_confused_are_shown() {
        let mut log = two_passes();
        log.class_names = (0..1000).map(|class| format!("class {class}")).collect();
        let svg = drawn(&log)
            .into_iter()
            .find(|svg| svg.contains("mistaken for which"))
            .unwrap();
        assert!(svg.contains("of 1000 classes are shown"));
        assert!(svg.len() < 100_000);
    }
}
