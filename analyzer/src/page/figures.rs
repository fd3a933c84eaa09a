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

impl Drawn {
    fn of(figure: Figure<'_>) -> Self {
        Self {
            light: figure.svg(Theme::Light),
            dark: figure.svg(Theme::Dark),
        }
    }
}

/// Those that can be drawn, by where they stand in the page.
pub(crate) struct Figures {
    pub(crate) sheet: Option<Drawn>,
    pub(crate) confusions: Option<Drawn>,
    pub(crate) others: Vec<Drawn>,
}

impl Figures {
    pub(crate) fn draw(
        view: RunView<'_>,
        found: &[Confusion],
        scores: &[ScoreVector],
        sheet: Vec<SheetEntry>,
    ) -> Self {
        let ranked = view.analysis.verdicts.judged_count() > 0;
        // Without pictures, the list has all that it would show.
        let has_pictures = sheet.iter().any(|entry| entry.picture.is_some());
        let others: [Option<Figure<'_>>; 5] = [
            ranked.then(|| histogram(view, false)),
            ranked.then(|| margins(view)),
            precision_recall(view, scores),
            thresholds(view),
            comparison(&[view]),
        ];
        Self {
            sheet: has_pictures.then(|| Drawn::of(contact_sheet(view, sheet))),
            confusions: confusions(view, found).map(Drawn::of),
            others: others.into_iter().flatten().map(Drawn::of).collect(),
        }
    }
}
