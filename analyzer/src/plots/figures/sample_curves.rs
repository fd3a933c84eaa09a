//! Single samples over the epochs, as in the second figure of Pleiss et al. (NeurIPS 2020): the
//! area between the margin and zero, filled apart for positive and negative, its mean being the
//! AUM; and, where the log has them, the logits of all classes above it.

use crate::error::AnalyzerError;
use crate::logs::run_log::PassLog;
use crate::logs::sample_logits::{SampleLogits, sample_logits};
use crate::plots::drawing::areas::areas;
use crate::plots::drawing::axis::{Axis, signed};
use crate::plots::drawing::canvas::Canvas;
use crate::plots::drawing::figure::{Figure, Key, Mark};
use crate::plots::drawing::geometry::{Point, Rect};
use crate::plots::drawing::lettering;
use crate::plots::drawing::panel::{HEADING, Panel};
use crate::plots::drawing::theme::Theme;
use crate::plots::plotted_run::PlottedRun;
use crate::plots::run_view::{RunView, shade_outside_window};

/// More columns than this make curves too narrow to read.
const MOST_COLUMNS: usize = 2;
const MARGIN_HEIGHT: f64 = 190.0;
/// In pixels.
const LONGEST_ID: f64 = 120.0;
const LOGITS_HEIGHT: f64 = 210.0;

/// What is drawn of one sample: one pass that judges it.
struct Curve {
    heading: String,
    /// Epoch and margin.
    margins: Vec<(u32, f64)>,
    logits: Option<SampleLogits>,
    assigned_label: u32,
}

/// The curves of some samples, by their positions in the run. `logits` are those of some of the
/// samples, where the log has any.
pub(crate) fn sample_curves<'a>(
    view: RunView<'a>,
    samples: &[usize],
    logits: &[SampleLogits],
) -> Figure<'a> {
    let curves: Vec<Curve> = samples
        .iter()
        .filter_map(|&sample| curve(view, sample, logits))
        .collect();
    let has_logits = curves.iter().any(|curve| curve.logits.is_some());
    let columns = curves.len().clamp(1, MOST_COLUMNS);
    let rows = curves.len().div_ceil(columns).max(1);
    let height = if has_logits {
        MARGIN_HEIGHT + LOGITS_HEIGHT
    } else {
        MARGIN_HEIGHT + 20.0
    };
    Figure {
        title: if curves.len() == 1 {
            "The area under one margin"
        } else {
            "Areas under margins"
        }
        .to_owned(),
        facts: view.facts(),
        legend: legend(has_logits),
        notes: notes(view, has_logits),
        height: height * rows as f64,
        body: Box::new(move |canvas, rect| {
            for (number, curve) in curves.iter().enumerate() {
                let place = (number % columns, number / columns);
                draw(canvas, rect.cell(place, (columns, rows), 12.0), view, curve);
            }
        }),
    }
}

fn notes(view: RunView<'_>, has_logits: bool) -> Vec<String> {
    let mut notes = Vec::new();
    if !has_logits {
        notes.push("The log has no logits, so the margin alone is drawn.".to_owned());
    }
    if view.log.passes.len() > 1 {
        notes.push(
            "Drawn is the first pass that judges the sample; its AUM is the mean over all that do."
                .to_owned(),
        );
    }
    if view.log.recorded_epochs().len() > 1 {
        notes.push("Grey: epochs that do not count towards the AUM.".to_owned());
    }
    notes
}

/// The curves of the samples with these ids.
pub(crate) fn curves_of<'a>(
    run: &PlottedRun<'a>,
    ids: &[String],
) -> Result<Figure<'a>, AnalyzerError> {
    let samples = sample_positions(run.view.log, ids)?;
    let logits = sample_logits(&run.files, run.view.log, &samples)?;
    Ok(sample_curves(run.view, &samples, &logits))
}

/// The positions of the samples with these ids.
fn sample_positions(
    log: &crate::logs::run_log::RunLog,
    ids: &[String],
) -> Result<Vec<usize>, AnalyzerError> {
    let found = |id: &String| {
        (0..log.sample_count())
            .find(|&sample| {
                log.sample_ids
                    .get(sample)
                    .is_some_and(|other| other.to_string() == *id)
            })
            .ok_or_else(|| AnalyzerError::NoSuchSample {
                run: log.title().to_owned(),
                sample_id: id.clone(),
                first: log
                    .sample_ids
                    .get(0)
                    .map(|id| id.to_string())
                    .unwrap_or_default(),
            })
    };
    ids.iter().map(found).collect()
}

fn legend(has_logits: bool) -> Vec<Key> {
    let key = |mark, colour, label: &str| Key {
        mark,
        colour,
        label: label.to_owned(),
    };
    let mut keys = vec![
        key(
            Mark::Area,
            Theme::clean,
            "margin above zero: the given label wins",
        ),
        key(
            Mark::Area,
            Theme::mislabeled,
            "below zero: another class wins",
        ),
    ];
    if has_logits {
        keys.push(key(Mark::Line, Theme::ink, "logit of the given label"));
        keys.push(key(Mark::Line, pale, "logits of the other classes"));
    }
    keys
}

fn pale(theme: Theme) -> crate::plots::drawing::theme::Colour {
    theme.pale_ink().towards(theme.paper(), 0.45)
}

fn curve(view: RunView<'_>, sample: usize, logits: &[SampleLogits]) -> Option<Curve> {
    let log = view.log;
    let judges = |pass: &&PassLog| pass.is_ordinary(sample);
    let pass = log.passes.iter().find(judges).or_else(|| {
        log.passes
            .iter()
            .find(|pass| pass.assigned_labels[sample].is_some())
    })?;
    let margins = pass.epochs.iter().filter_map(|epoch| {
        epoch
            .margin(sample)
            .map(|margin| (epoch.epoch, f64::from(margin)))
    });
    let of_pass = |found: &&SampleLogits| found.sample == sample && found.pass == pass.pass;
    Some(Curve {
        heading: heading(view, sample),
        margins: margins.collect(),
        logits: logits.iter().find(of_pass).cloned(),
        assigned_label: pass.assigned_labels[sample]?,
    })
}

fn heading(view: RunView<'_>, sample: usize) -> String {
    let log = view.log;
    let id = log.sample_ids.get(sample);
    let id = id.map(|id| id.to_string()).unwrap_or_default();
    // A long id, such as a path, must not push out what follows it.
    let id = lettering::fitted_at_start(&id, HEADING, LONGEST_ID);
    let verdict = view.analysis.verdicts.get(sample);
    let aum = verdict
        .aum
        .map_or_else(String::new, |aum| format!(" · AUM {}", signed(aum, 2)));
    let given = log.given_labels[sample].map_or_else(String::new, |given| {
        format!(" · given {}", view.class(given))
    });
    let truth = log.true_labels[sample]
        .map_or_else(String::new, |truth| format!(", true {}", view.class(truth)));
    let flagged = if verdict.flagged == Some(true) {
        " · flagged"
    } else {
        ""
    };
    format!("{id}{aum}{flagged}{given}{truth}")
}

fn draw(canvas: &mut Canvas<'_>, rect: Rect, view: RunView<'_>, curve: &Curve) {
    let epochs = view.log.recorded_epochs();
    let x = |title: &str| Axis::whole(title, epochs[0], epochs[epochs.len() - 1], 6);
    let Some(logits) = &curve.logits else {
        draw_margin(canvas, rect, view, curve, (x("Epoch"), &curve.heading));
        return;
    };
    let share = LOGITS_HEIGHT / (LOGITS_HEIGHT + MARGIN_HEIGHT);
    let middle = rect.top + rect.height() * share;
    let above = Rect {
        bottom: middle - 4.0,
        ..rect
    };
    draw_logits(canvas, above, logits, curve, x(""));
    draw_margin(
        canvas,
        Rect {
            top: middle,
            ..rect
        },
        view,
        curve,
        (x("Epoch"), ""),
    );
}

fn draw_margin(
    canvas: &mut Canvas<'_>,
    rect: Rect,
    view: RunView<'_>,
    curve: &Curve,
    (x, heading): (Axis, &str),
) {
    let values = curve.margins.iter().map(|(_, margin)| *margin);
    let (low, high) = values.fold((0.0_f64, 0.0_f64), |(low, high), value| {
        (low.min(value), high.max(value))
    });
    let y = Axis::around("Margin", low, high, 5);
    let panel = Panel::draw(canvas, rect, heading, (x, y));
    let points: Vec<(f64, f64)> = curve
        .margins
        .iter()
        .map(|(epoch, margin)| (f64::from(*epoch), *margin))
        .collect();
    let (clean, mislabeled) = (canvas.theme.clean(), canvas.theme.mislabeled());
    for (colour, sign) in [(clean, 1.0), (mislabeled, -1.0)] {
        for area in areas(&points, sign) {
            let corners: Vec<Point> = area.iter().map(|&(x, y)| panel.at(x, y)).collect();
            canvas.area(&corners, colour, 0.45);
        }
    }
    shade_outside_window(canvas, &panel, view);
    panel.zero_line(canvas);
    let line: Vec<Point> = points.iter().map(|&(x, y)| panel.at(x, y)).collect();
    let ink = canvas.theme.ink();
    canvas.line(&line, ink, 1.6);
    if let [only] = line[..] {
        canvas.dot(only, 4.0, ink, 1.0);
    }
}

fn draw_logits(canvas: &mut Canvas<'_>, rect: Rect, logits: &SampleLogits, curve: &Curve, x: Axis) {
    let values = logits.epochs.iter().flat_map(|(_, logits)| logits);
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &value| {
        (low.min(f64::from(value)), high.max(f64::from(value)))
    });
    let panel = Panel::draw(
        canvas,
        rect,
        &curve.heading,
        (x, Axis::around("Logits", low, high, 5)),
    );
    let classes = logits.epochs.first().map_or(0, |(_, logits)| logits.len());
    let line = |class: usize| -> Vec<Point> {
        let points = logits
            .epochs
            .iter()
            .map(|(epoch, logits)| panel.at(f64::from(*epoch), f64::from(logits[class])));
        points.collect()
    };
    let (others, ink) = (pale(canvas.theme), canvas.theme.ink());
    let assigned = curve.assigned_label as usize;
    for class in (0..classes).filter(|&class| class != assigned) {
        canvas.line(&line(class), others, 1.0);
    }
    if assigned < classes {
        canvas.line(&line(assigned), ink, 2.4);
    }
}
