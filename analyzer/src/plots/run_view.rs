//! What single-run plots are drawn from, and the words that they share.

use crate::analysis::run_analysis::RunAnalysis;
use crate::analysis::settings::AumSettings;
use crate::logs::run_log::RunLog;
use crate::plots::drawing::axis::signed;
use crate::plots::drawing::canvas::Canvas;
use crate::plots::drawing::geometry::Rect;
use crate::plots::drawing::panel::Panel;
use crate::rules::evaluation::{ANOTHER_CLASS, WRONG};
use crate::rules::mixture::FLAGGED_FROM;
use crate::rules::threshold_rule::ThresholdRule;
use crate::rules::window::WindowRule;

/// A run, what was found in it, and how it was judged.
#[derive(Debug, Clone, Copy)]
pub struct RunView<'a> {
    /// The log of the run.
    pub log: &'a RunLog,
    /// What was found in it.
    pub analysis: &'a RunAnalysis,
    /// How it was judged.
    pub settings: &'a AumSettings,
}

impl RunView<'_> {
    /// The line below the title of every plot of one run.
    pub(crate) fn facts(&self) -> String {
        let log = self.log;
        let passes = match log.passes.len() {
            1 => "1 pass".to_owned(),
            count => format!("{count} passes"),
        };
        let window = self.analysis.window;
        let epochs = if window.rule == WindowRule::AumTable {
            "epochs that its table does not tell".to_owned()
        } else if window.first == window.last {
            format!("epoch {}", window.first)
        } else {
            format!("epochs {} to {}", window.first, window.last)
        };
        format!(
            "{} · {} samples, {passes}, AUM over {epochs}",
            log.title(),
            signed(log.sample_count() as f64, 0)
        )
    }

    /// How a class is called; by its index where it has no name, or none that can be seen.
    pub(crate) fn class(&self, label: u32) -> String {
        if label == ANOTHER_CLASS {
            return WRONG.to_owned();
        }
        let name = self.log.class_names.get(label as usize);
        let name = name.filter(|name| !name.trim().is_empty());
        name.cloned().unwrap_or_else(|| label.to_string())
    }

    /// Where the threshold comes from, such as `99th percentile`.
    pub(crate) fn threshold_rule(&self) -> String {
        match self.settings.threshold {
            ThresholdRule::Percentile(percentile) => ordinal_percentile(percentile.percent()),
            ThresholdRule::Given(_) => "threshold as given".to_owned(),
            ThresholdRule::Posterior => format!("probability {FLAGGED_FROM} of being mislabeled"),
            ThresholdRule::Combined => "AUM and held-out evidence".to_owned(),
            ThresholdRule::ConfidentLearning(_) => "confident learning".to_owned(),
        }
    }
}

/// `99th percentile`, `92nd percentile`, `99.9th percentile`.
pub(crate) fn ordinal_percentile(percent: f64) -> String {
    let text = percent.to_string();
    let ending = match text.as_bytes() {
        [.., b'1', b'1' | b'2' | b'3'] => "th",
        _ if text.contains('.') => "th",
        [.., b'1'] => "st",
        [.., b'2'] => "nd",
        [.., b'3'] => "rd",
        _ => "th",
    };
    format!("{text}{ending} percentile")
}

/// The epochs before and after the window lie under a veil.
pub(crate) fn shade_outside_window(canvas: &mut Canvas<'_>, panel: &Panel, view: RunView<'_>) {
    let window = view.analysis.window;
    let (from, to) = (
        panel.x_at(f64::from(window.first)).max(panel.plot.left),
        panel.x_at(f64::from(window.last)).min(panel.plot.right),
    );
    let veil = canvas.theme.pale_ink();
    let plot = panel.plot;
    if window.first != window.last {
        canvas.fill(
            Rect {
                right: from,
                ..plot
            },
            veil,
            0.12,
        );
        canvas.fill(Rect { left: to, ..plot }, veil, 0.12);
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::analysis::run_analysis::analyze;

    /// What `look` makes of the view of a log that is analyzed with the default settings.
    pub(crate) fn with_view<T>(log: &RunLog, look: impl FnOnce(RunView<'_>) -> T) -> T {
        let settings = AumSettings::default();
        let analysis = analyze(log, &settings).unwrap();
        look(RunView {
            log,
            analysis: &analysis,
            settings: &settings,
        })
    }

    #[test]
    fn a_class_without_a_visible_name_is_called_by_its_index() {
        let mut log = crate::logs::two_passes::two_passes();
        log.class_names = vec!["cat".to_owned(), " ".to_owned()];
        let names = with_view(&log, |view| [0, 1, 2].map(|label| view.class(label)));
        assert_eq!(names, ["cat", "1", "2"]);
    }

    #[test]
    fn percentiles_are_read_aloud() {
        for (percent, text) in [
            (99.0, "99th"),
            (91.0, "91st"),
            (11.0, "11th"),
            (99.9, "99.9th"),
        ] {
            assert_eq!(ordinal_percentile(percent), format!("{text} percentile"));
        }
    }
}
