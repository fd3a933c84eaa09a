//! The contact sheet: the samples with the lowest AUMs as pictures, each with its given label, what
//! the network would rather say, its AUM and its id (the first figure of Pleiss et al., NeurIPS 2020).

use crate::error::AnalyzerError;
use crate::plots::drawing::axis::signed;
use crate::plots::drawing::canvas::Canvas;
use crate::plots::drawing::figure::Figure;
use crate::plots::drawing::geometry::{Align, Rect};
use crate::plots::drawing::lettering;
use crate::plots::drawing::lettering::Lettering;
use crate::plots::drawing::panel::{HEADING, SMALL, write};
use crate::plots::drawing::picture::Picture;
use crate::plots::plot::{ALWAYS_THERE, Draw, Plot, PlotNeeds};
use crate::plots::plotted_run::PlottedRun;
use crate::plots::run_view::RunView;
use crate::questions::confusions::Suggestion;

pub(crate) const PLOT: Plot = Plot {
    name: "lowest",
    shows: "The samples with the lowest AUMs as pictures",
    needs: |_| PlotNeeds {
        pictures: true,
        ..PlotNeeds::RIVAL_LABELS
    },
    draw: Draw::OfRun(
        |run, _| Ok(Some(contact_sheet(run.view, sheet(run)?))),
        ALWAYS_THERE,
    ),
};

const COLUMNS: usize = 8;
const PICTURE: f64 = 84.0;
const CAPTION: f64 = 64.0;
const GAP: f64 = 8.0;
/// The size of the smallest letters of a given label.
const SMALLEST: f64 = 9.5;

/// One sample of a contact sheet.
pub struct SheetEntry {
    /// Its id in the log.
    pub sample_id: String,
    /// The name of its given label.
    pub given: String,
    /// The name of the class that the network would rather say.
    pub other: Option<String>,
    /// In logit units.
    pub aum: f64,
    /// The verdict; `None` without a threshold.
    pub flagged: Option<bool>,
    /// From the sample table.
    pub picture: Option<Picture>,
}

/// The entries of a run.
///
/// # Errors
/// Those of reading.
pub fn sheet(run: &PlottedRun<'_>) -> Result<Vec<SheetEntry>, AnalyzerError> {
    let pictures = run.pictures();
    let picture = |sample: usize| pictures.get(&sample).cloned();
    Ok(sheet_entries(
        run.view,
        run.count,
        picture,
        run.suggestions()?,
    ))
}

/// The entries of the samples with the lowest AUMs; `pictures` has a PNG file per sample, where one
/// is known, and `suggestions` a class.
pub(crate) fn sheet_entries(
    view: RunView<'_>,
    count: usize,
    pictures: impl Fn(usize) -> Option<Vec<u8>>,
    suggestions: &[Suggestion],
) -> Vec<SheetEntry> {
    let suggested = |sample: usize| {
        let found = suggestions.iter().find(|found| found.sample == sample)?;
        found.suggested_label
    };
    let lowest = view.analysis.lowest(count).into_iter();
    lowest
        .filter_map(|sample| {
            let log = view.log;
            Some(SheetEntry {
                sample_id: log.sample_ids.get(sample)?.to_string(),
                given: log.given_labels[sample]
                    .map_or_else(|| "–".to_owned(), |given| view.class(given)),
                other: suggested(sample).map(|class| view.class(class)),
                aum: view.analysis.verdicts.get(sample).aum?,
                flagged: view.analysis.verdicts.get(sample).flagged,
                picture: pictures(sample).and_then(|file| Picture::from_png(&file)),
            })
        })
        .collect()
}

/// The contact sheet.
pub(crate) fn contact_sheet<'a>(view: RunView<'_>, entries: Vec<SheetEntry>) -> Figure<'a> {
    let rows = entries.len().div_ceil(COLUMNS).max(1);
    let without = entries
        .iter()
        .filter(|entry| entry.picture.is_none())
        .count();
    let mut notes = vec![
        "Above: the given label; below: what the network says instead (→), the AUM, and the sample's id."
            .to_owned(),
    ];
    let flagged = entries.iter().filter(|entry| entry.flagged == Some(true));
    let flagged = flagged.count();
    if flagged < entries.len() {
        let are = if flagged == 1 { "is" } else { "are" };
        notes.push(format!(
            "{flagged} of these {} samples {are} flagged.",
            entries.len()
        ));
    }
    // Where nothing has a picture there is no room for any.
    let side = if without < entries.len() {
        PICTURE
    } else {
        0.0
    };
    if without > 0 {
        notes.push(format!(
            "{without} of {} samples have no picture: the run has no sample table, or none for them.",
            entries.len()
        ));
    }
    Figure {
        title: match view.analysis.ranks_by_aum() {
            true => format!("The {} samples with the lowest AUMs", entries.len()),
            false => format!("The {} most suspicious samples", entries.len()),
        },
        facts: view.facts(),
        legend: Vec::new(),
        notes,
        height: rows as f64 * (side + CAPTION + GAP),
        body: Box::new(move |canvas, rect| {
            for (number, entry) in entries.iter().enumerate() {
                let place = (number % COLUMNS, number / COLUMNS);
                draw(canvas, rect.cell(place, (COLUMNS, rows), GAP), entry, side);
            }
        }),
    }
}

/// `side` is that of the picture.
fn draw(canvas: &mut Canvas<'_>, cell: Rect, entry: &SheetEntry, side: f64) {
    let (ink, pale, grid) = (
        canvas.theme.ink(),
        canvas.theme.pale_ink(),
        canvas.theme.grid(),
    );
    let middle = cell.centre().0;
    let room = cell.width();
    // A name that is a little too long is written smaller before it is cut.
    let heading = Lettering {
        size: (HEADING.size * room / lettering::width(&entry.given, HEADING).max(1.0))
            .clamp(SMALLEST, HEADING.size),
        ..HEADING
    };
    let given = lettering::fitted(&entry.given, heading, room);
    let above = (middle, cell.top + 8.0);
    write(canvas, &given, above, Align::Middle, heading, ink);
    let square = Rect::new(
        middle - side / 2.0,
        cell.top + 18.0,
        middle + side / 2.0,
        cell.top + 18.0 + side,
    );
    if let Some(picture) = &entry.picture {
        canvas.picture(within(square, picture.proportion()), picture);
    }
    if side > 0.0 {
        canvas.frame(square, grid, 1.0);
    }
    let other = entry
        .other
        .as_deref()
        .map(|other| format!("→ {other}"))
        .unwrap_or_default();
    let other = lettering::fitted(&other, SMALL, room);
    let blue = canvas.theme.clean();
    write(
        canvas,
        &other,
        (middle, square.bottom + 10.0),
        Align::Middle,
        SMALL,
        blue,
    );
    let id = format!("id {}", entry.sample_id);
    let id = lettering::fitted_at_start(&id, SMALL, room);
    for (text, below) in [(signed(entry.aum, 2), 24.0), (id, 38.0)] {
        let at = (middle, square.bottom + below);
        write(canvas, &text, at, Align::Middle, SMALL, pale);
    }
}

/// The largest rectangle of that height over width within the square.
fn within(square: Rect, proportion: f64) -> Rect {
    let (width, height) = if proportion > 1.0 {
        (square.width() / proportion, square.height())
    } else {
        (square.width(), square.height() * proportion)
    };
    let (x, y) = square.centre();
    Rect::new(
        x - width / 2.0,
        y - height / 2.0,
        x + width / 2.0,
        y + height / 2.0,
    )
}
