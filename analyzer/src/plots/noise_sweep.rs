//! How precision and recall hold over noise rates: one point per run, at the share of its samples
//! that are mislabeled.

use super::axis::Axis;
use super::canvas::{Canvas, Point};
use super::figure::{Figure, Key, Mark};
use super::panel::Panel;
use super::run_view::RunView;
use super::theme::{Colour, Theme};

type Value = fn(&RunView<'_>) -> Option<f64>;

/// A name, what is drawn, its colour.
type Curve = (&'static str, Value, fn(Theme) -> Colour);

const CURVES: [Curve; 3] = [
    (
        "precision",
        |view| view.analysis.evaluation.precision(),
        |theme| theme.series(0),
    ),
    (
        "recall",
        |view| view.analysis.evaluation.recall(),
        |theme| theme.series(1),
    ),
    (
        "F1",
        |view| view.analysis.evaluation.f1(),
        |theme| theme.series(2),
    ),
];

/// The curves; `None` with fewer than two runs whose true labels are known.
pub fn noise_sweep<'a>(views: &[RunView<'_>]) -> Option<Figure<'a>> {
    let points = |value: Value| -> Vec<(f64, f64)> {
        let mut points: Vec<(f64, f64)> = views
            .iter()
            .filter_map(|view| Some((view.analysis.evaluation.mislabeled_share()?, value(view)?)))
            .collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        points
    };
    let curves: Vec<Vec<(f64, f64)>> = CURVES.iter().map(|(_, value, _)| points(*value)).collect();
    let runs = curves
        .iter()
        .map(Vec::len)
        .max()
        .filter(|&count| count > 1)?;
    let legend = CURVES.iter().map(|(name, _, colour)| Key {
        mark: Mark::Line,
        colour: *colour,
        label: (*name).to_owned(),
    });
    let highest = curves
        .iter()
        .flatten()
        .fold(0.0_f64, |high, point| high.max(point.0));
    Some(Figure {
        title: "How much noise does it bear?".to_owned(),
        facts: format!("{runs} of {} runs have known true labels", views.len()),
        legend: legend.collect(),
        notes: vec!["A dot per run.".to_owned()],
        height: 340.0,
        body: Box::new(move |canvas, rect| {
            let x = Axis::new(
                "Mislabeled samples (%)",
                0.0,
                (highest * 105.0).max(1.0),
                10,
            );
            let panel = Panel::draw(canvas, rect, "", (x, Axis::percent("Share")));
            for (curve, (_, _, colour)) in curves.iter().zip(CURVES) {
                draw(canvas, &panel, curve, colour(canvas.theme));
            }
        }),
    })
}

fn draw(canvas: &mut Canvas<'_>, panel: &Panel, curve: &[(f64, f64)], colour: Colour) {
    let points: Vec<Point> = curve.iter().map(|&(x, y)| panel.at(x * 100.0, y)).collect();
    canvas.line(&points, colour, 2.0);
    for point in points {
        canvas.dot(point, 3.5, colour, 1.0);
    }
}
