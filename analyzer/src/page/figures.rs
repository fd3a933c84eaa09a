//! The figures of a report as SVG, once for each ground: the page shows the one that its reader's
//! settings ask for.

use crate::plots::{
    Figure, RunView, SheetEntry, Theme, comparison, confusions, contact_sheet, histogram, margins,
    precision_recall, thresholds,
};
use crate::{Confusion, ScoreVector};

/// A figure on both grounds.
pub(super) struct Drawn {
    pub(super) light: String,
    pub(super) dark: String,
}

/// Those that can be drawn.
pub(super) fn drawn(
    view: RunView<'_>,
    found: &[Confusion],
    scores: &[ScoreVector],
    sheet: Vec<SheetEntry>,
) -> Vec<Drawn> {
    let ranked = view.analysis.verdicts.judged_count() > 0;
    let figures: [Option<Figure<'_>>; 7] = [
        ranked.then(|| contact_sheet(view, sheet)),
        ranked.then(|| histogram(view, false)),
        ranked.then(|| margins(view)),
        precision_recall(view, scores),
        thresholds(view),
        confusions(view, found),
        comparison(&[view]),
    ];
    let figures = figures.iter().flatten();
    figures
        .map(|figure| Drawn {
            light: figure.svg(Theme::Light),
            dark: figure.svg(Theme::Dark),
        })
        .collect()
}
