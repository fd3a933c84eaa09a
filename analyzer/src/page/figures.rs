//! The figures of a report as SVG, once for each ground: the page shows the one that its reader's
//! settings ask for.

use crate::plots::drawing::figure::Figure;
use crate::plots::drawing::theme::Theme;
use crate::plots::figures::comparison::comparison;
use crate::plots::figures::confusions::confusions;
use crate::plots::figures::contact_sheet::{SheetEntry, contact_sheet};
use crate::plots::figures::histogram::histogram;
use crate::plots::figures::margins::margins;
use crate::plots::figures::precision_recall::precision_recall;
use crate::plots::figures::thresholds::thresholds;
use crate::plots::run_view::RunView;
use crate::questions::confusions::Confusion;
use crate::questions::scores::combined::ScoreVector;

/// A figure on both grounds.
pub(crate) struct Drawn {
    pub(crate) light: String,
    pub(crate) dark: String,
}

/// Those that can be drawn.
pub(crate) fn drawn(
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
