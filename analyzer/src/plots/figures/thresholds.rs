//! What another percentile would flag: the flagged share, precision, recall and F1 over the percentile.

use crate::analysis::run_aums::RunAums;
use crate::plots::drawing::axis::Axis;
use crate::plots::drawing::figure::{Figure, Key, Mark};
use crate::plots::drawing::panel::Panel;
use crate::plots::drawing::theme::{Colour, Theme};
use crate::plots::plot::{Draw, Plot, PlotNeeds};
use crate::plots::run_view::{RunView, ordinal_percentile};
use crate::questions::evaluation::threshold_sweep::{SweepRow, threshold_sweep_without_intervals};
use crate::rules::percentile::Percentile;
use crate::rules::threshold_rule::ThresholdRule;

pub(crate) const PLOT: Plot = Plot {
    name: "thresholds",
    shows: "Flagged share, precision, recall and F1 over the percentile",
    needs: |_| PlotNeeds::AUMS,
    draw: Draw::OfRun(
        |run, _| Ok(thresholds(run.view)),
        "there are no threshold samples",
    ),
};

/// The sweep goes from this percentile to the 100th, in halves.
const FIRST_PERCENTILE: u32 = 50;

/// A name, and its value at a percentile, 0 to 1.
type Rate = (&'static str, fn(&SweepRow) -> Option<f64>);

/// The flagged share, and with known truth precision, recall and F1, over the percentile; `None`
/// without threshold samples, which the percentile is taken of.
pub(crate) fn thresholds(view: RunView<'_>) -> Option<Figure<'_>> {
    let halves = FIRST_PERCENTILE * 2..=200;
    let percentiles: Vec<Percentile> = halves
        .filter_map(|half| Percentile::new(f64::from(half) / 2.0).ok())
        .collect();
    let run = RunAums::of_analysis(view.log, view.analysis);
    let rows = threshold_sweep_without_intervals(&run, &percentiles, view.settings.protocol);
    rows[0].flagged?;
    let has_truth = rows[0].evaluation.evaluated > 0;
    let all: [Rate; 4] = [
        ("flagged share of all samples", SweepRow::flagged_share),
        ("precision", |row| row.evaluation.precision()),
        ("recall", |row| row.evaluation.recall()),
        ("F1", |row| row.evaluation.f1()),
    ];
    let shown = if has_truth { 4 } else { 1 };
    let curves: Vec<Vec<(f64, f64)>> = all[..shown]
        .iter()
        .map(|(_, value)| {
            let values = rows
                .iter()
                .filter_map(|row| Some((row.percentile.percent(), value(row)?)));
            values.collect()
        })
        .collect();
    let mut legend: Vec<Key> = (0..shown)
        .map(|number| Key {
            mark: Mark::Line,
            colour: RATES[number],
            label: all[number].0.to_owned(),
        })
        .collect();
    let chosen = match view.settings.threshold {
        ThresholdRule::Percentile(percentile) => Some(percentile.percent()),
        ThresholdRule::Given(_)
        | ThresholdRule::Posterior
        | ThresholdRule::Combined
        | ThresholdRule::ConfidentLearning(_) => None,
    };
    legend.extend(chosen.map(|percent| Key {
        mark: Mark::Dashes,
        colour: Theme::ink,
        label: format!("{} (chosen)", ordinal_percentile(percent)),
    }));
    Some(Figure {
        title: "What another percentile would flag".to_owned(),
        facts: view.facts(),
        legend,
        notes: if has_truth {
            Vec::new()
        } else {
            vec!["The log has no true labels, so precision and recall are not known.".to_owned()]
        },
        height: 320.0,
        body: Box::new(move |canvas, rect| {
            let x = Axis::new(
                "Percentile of the threshold samples' AUMs",
                f64::from(FIRST_PERCENTILE),
                100.0,
                10,
            );
            let panel = Panel::draw(canvas, rect, "", (x, Axis::percent("Share")));
            if let Some(percent) = chosen.filter(|&percent| percent >= f64::from(FIRST_PERCENTILE))
            {
                panel.mark_x(canvas, percent);
            }
            for (number, curve) in curves.iter().enumerate() {
                panel.curve(canvas, curve, RATES[number](canvas.theme), 2.0);
            }
        }),
    })
}

/// The colours of flagged share, precision, recall, F1.
const RATES: [fn(Theme) -> Colour; 4] = [
    Theme::pale_ink,
    |theme| theme.series(0),
    |theme| theme.series(1),
    |theme| theme.series(2),
];
