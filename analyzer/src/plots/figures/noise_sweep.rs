//! How precision, recall and the final test error hold over noise rates: one point per run, at the
//! share of its samples that are mislabeled. Runs are compared with their like alone: a panel for each data set,
//! kind of noise and network.

use std::collections::BTreeMap;

use logformat::configuration::{DATASET, NETWORK, NOISE_RATE, NOISE_TYPE};
use serde_json::Value;

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

const PANEL_HEIGHT: f64 = 340.0;

/// One run.
struct Point {
    /// Data set, kind of noise and network, as far as the log says.
    setting: [Option<String>; 3],
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
    if points.len() < 2 {
        return None;
    }
    let place = |run: &Point| run.asked.unwrap_or(run.noise);
    points.sort_by(|a, b| (place(a).total_cmp(&place(b))).then(a.noise.total_cmp(&b.noise)));
    let (count, highest) = (
        points.len(),
        points.iter().map(|run| run.noise).fold(0.0, f64::max),
    );
    let has_errors = points.iter().any(|run| run.test_error.is_some());
    let rates = RATES.iter().take(if has_errors { 4 } else { 3 });
    let legend = rates.map(|(name, _, colour)| Key {
        mark: Mark::Line,
        colour: *colour,
        label: (*name).to_owned(),
    });
    let mut notes = vec![
        "A dot per run; lines join the means of the runs that were asked for the same noise rate, of one data set, kind of noise and network."
            .to_owned(),
    ];
    notes.push(if has_errors {
        "The test error is that of the network that found them, trained on all labels, after its last epoch (the mean over its passes)."
    } else {
        "The logs have no test accuracies, so no test error is drawn."
    }.to_owned());
    let panels = panels(points);
    Some(Figure {
        title: "How much noise does it bear?".to_owned(),
        facts: format!("{count} of {} runs have known true labels", views.len()),
        legend: legend.collect(),
        notes,
        height: PANEL_HEIGHT * panels.len() as f64,
        body: Box::new(move |canvas, rect| {
            let most = (highest * 105.0).max(1.0);
            for (row, (heading, points)) in panels.iter().enumerate() {
                let cell = rect.cell((0, row), (1, panels.len()), 8.0);
                let x = Axis::new("Mislabeled samples (%)", 0.0, most, 10);
                let panel = Panel::draw(canvas, cell, heading, (x, Axis::percent("Share")));
                for (_, rate, colour) in RATES {
                    draw(canvas, &panel, points, rate, colour(canvas.theme));
                }
            }
        }),
    })
}

/// The runs of each setting under what it is called; of one alone it is left unsaid.
fn panels(points: Vec<Point>) -> Vec<(String, Vec<Point>)> {
    let mut panels: BTreeMap<[Option<String>; 3], Vec<Point>> = BTreeMap::new();
    for point in points {
        panels.entry(point.setting.clone()).or_default().push(point);
    }
    let is_one = panels.len() == 1;
    let heading = |[data, noise, network]: [Option<String>; 3]| {
        let noise = noise.map(|noise| format!("{noise} noise"));
        let parts: Vec<String> = [data, noise, network].into_iter().flatten().collect();
        match (is_one, parts.is_empty()) {
            (true, _) => String::new(),
            (false, true) => "Logs that do not tell their noise".to_owned(),
            (false, false) => parts.join(", "),
        }
    };
    let panels = panels.into_iter();
    panels
        .map(|(setting, points)| (heading(setting), points))
        .collect()
}

fn point(view: &RunView<'_>, test_error: Option<f64>) -> Option<Point> {
    let evaluation = view.analysis.evaluation;
    let told = |key| match &view.log.configuration[key] {
        Value::String(text) => Some(text.clone()),
        _ => None,
    };
    Some(Point {
        setting: [DATASET, NOISE_TYPE, NETWORK].map(told),
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
    fn runs_of_another_noise_or_network_have_a_panel_of_their_own() {
        let svg = |settings: &[(&str, &str)]| {
            let log = |&(noise, network): &(&str, &str)| {
                let mut log = two_passes();
                log.configuration = serde_json::json!({
                    "dataset": "digits", "noise_type": noise, "noise_rate": 0.2, "network": network,
                });
                log
            };
            let logs: Vec<_> = settings.iter().map(log).collect();
            with_view(&logs[0], |view| {
                let views: Vec<RunView<'_>> =
                    logs.iter().map(|log| RunView { log, ..view }).collect();
                noise_sweep(&views, &[]).unwrap().svg(Theme::Light)
            })
        };
        let one = svg(&[("uniform", "cnn"), ("uniform", "cnn")]);
        assert_eq!(one.matches(">Mislabeled samples (%)<").count(), 1);
        assert!(!one.contains("uniform noise"));
        let three = svg(&[("uniform", "cnn"), ("flip", "cnn"), ("uniform", "mlp")]);
        for heading in [
            "digits, flip noise, cnn",
            "digits, uniform noise, cnn",
            "digits, uniform noise, mlp",
        ] {
            assert!(three.contains(heading), "{heading}");
        }
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
