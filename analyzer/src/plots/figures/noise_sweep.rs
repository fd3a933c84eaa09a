//! How precision, recall and the final test error hold over noise rates: one point per run, at the
//! share of its samples that are mislabeled.

use logformat::configuration::NOISE_RATE;

use crate::logs::run_records::{final_test_error, run_record};
use crate::plots::drawing::axis::Axis;
use crate::plots::drawing::canvas::Canvas;
use crate::plots::drawing::figure::{Figure, Key, Mark};
use crate::plots::drawing::panel::Panel;
use crate::plots::drawing::theme::{Colour, Theme};
use crate::plots::plot::{Draw, Plot, PlotNeeds};
use crate::plots::run_view::RunView;

pub(crate) const PLOT: Plot = Plot {
    name: "noise-sweep",
    shows: "Precision, recall and final test error over the noise rates of several runs",
    needs: |_| PlotNeeds::AUMS,
    draw: Draw::OfRuns(
        |runs| {
            let views: Vec<RunView<'_>> = runs.iter().map(|run| run.view).collect();
            let errors = runs.iter().map(|run| {
                let record = run_record(&run.files, run.view.log.run.as_deref());
                final_test_error(&record?)
            });
            noise_sweep(&views, &errors.collect::<Vec<_>>())
        },
        "it takes two runs with known true labels (column true_label)",
    ),
};

/// One run.
struct Point {
    /// The share of the samples that are mislabeled, 0 to 1.
    noise: f64,
    /// The noise rate that was asked for, where the log says it: each seed realises it a little
    /// otherwise.
    asked: Option<f64>,
    precision: Option<f64>,
    recall: Option<f64>,
    f1: Option<f64>,
    test_error: Option<f64>,
}

/// A name, what is drawn (0 to 1), its colour.
type Rate = (&'static str, fn(&Point) -> Option<f64>, fn(Theme) -> Colour);

const RATES: [Rate; 4] = [
    ("precision", |run| run.precision, |theme| theme.series(0)),
    ("recall", |run| run.recall, |theme| theme.series(1)),
    ("F1", |run| run.f1, |theme| theme.series(2)),
    ("final test error", |run| run.test_error, Theme::ink),
];

/// The curves over some runs; `None` with fewer than two runs whose true labels are known.
/// `test_errors` has the final test error (0 to 1) of each run in the same order, where known.
pub(crate) fn noise_sweep<'a>(
    views: &[RunView<'_>],
    test_errors: &[Option<f64>],
) -> Option<Figure<'a>> {
    let errors = test_errors.iter().copied().chain(std::iter::repeat(None));
    let runs = views.iter().zip(errors);
    let mut points: Vec<Point> = runs
        .filter_map(|(view, error)| point(view, error))
        .collect();
    let place = |run: &Point| run.asked.unwrap_or(run.noise);
    points.sort_by(|a, b| (place(a).total_cmp(&place(b))).then(a.noise.total_cmp(&b.noise)));
    if points.len() < 2 {
        return None;
    }
    let has_errors = points.iter().any(|run| run.test_error.is_some());
    let rates = RATES.iter().take(if has_errors { 4 } else { 3 });
    let legend = rates.map(|(name, _, colour)| Key {
        mark: Mark::Line,
        colour: *colour,
        label: (*name).to_owned(),
    });
    let mut notes = vec![
        "A dot per run; lines join the means of the runs that were asked for the same noise rate."
            .to_owned(),
    ];
    notes.push(if has_errors {
        "The test error is that of the network that found them, trained on all labels, after its last epoch (the mean over its passes)."
    } else {
        "The logs have no test accuracies, so no test error is drawn."
    }.to_owned());
    Some(Figure {
        title: "How much noise does it bear?".to_owned(),
        facts: format!(
            "{} of {} runs have known true labels",
            points.len(),
            views.len()
        ),
        legend: legend.collect(),
        notes,
        height: 340.0,
        body: Box::new(move |canvas, rect| {
            let highest = points.iter().fold(0.0_f64, |high, run| high.max(run.noise));
            let most = (highest * 105.0).max(1.0);
            let x = Axis::new("Mislabeled samples (%)", 0.0, most, 10);
            let panel = Panel::draw(canvas, rect, "", (x, Axis::percent("Share")));
            for (_, rate, colour) in RATES {
                draw(canvas, &panel, &points, rate, colour(canvas.theme));
            }
        }),
    })
}

fn point(view: &RunView<'_>, test_error: Option<f64>) -> Option<Point> {
    let evaluation = view.analysis.evaluation;
    Some(Point {
        noise: evaluation.mislabeled_share()?,
        asked: view.log.configuration[NOISE_RATE].as_f64(),
        precision: evaluation.precision(),
        recall: evaluation.recall(),
        f1: evaluation.f1(),
        test_error,
    })
}

fn draw(
    canvas: &mut Canvas<'_>,
    panel: &Panel,
    runs: &[Point],
    rate: fn(&Point) -> Option<f64>,
    colour: Colour,
) {
    let at = |run: &Point| Some((run.noise * 100.0, rate(run)?));
    let groups = runs.chunk_by(|a, b| a.asked.is_some() && a.asked == b.asked);
    let means: Vec<(f64, f64)> = groups
        .filter_map(|group| mean(&group.iter().filter_map(at).collect::<Vec<_>>()))
        .collect();
    panel.curve(canvas, &means, colour, 2.0);
    for (x, y) in runs.iter().filter_map(at) {
        canvas.dot(panel.at(x, y), 3.5, colour, 1.0);
    }
}

fn mean(points: &[(f64, f64)]) -> Option<(f64, f64)> {
    let count = points.len() as f64;
    let sum = points
        .iter()
        .fold((0.0, 0.0), |a, b| (a.0 + b.0, a.1 + b.1));
    (count > 0.0).then(|| (sum.0 / count, sum.1 / count))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logs::two_passes::two_passes;
    use crate::plots::run_view::tests::with_view;

    #[test]
    fn the_mean_of_two_runs_lies_between_them() {
        assert_eq!(mean(&[(19.0, 0.5), (21.0, 1.0)]), Some((20.0, 0.75)));
        assert_eq!(mean(&[]), None);
    }

    #[test]
    fn the_test_error_is_drawn_where_it_was_recorded() {
        with_view(&two_passes(), |view| {
            let sweep = |errors: &[Option<f64>]| {
                let figure = noise_sweep(&[view, view], errors).unwrap();
                figure.svg(Theme::Light)
            };
            assert!(sweep(&[Some(0.1), None]).contains(">final test error<"));
            assert!(sweep(&[]).contains("no test accuracies"));
            assert!(noise_sweep(&[view], &[]).is_none());
        });
    }
}
