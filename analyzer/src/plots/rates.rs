//! Precision, recall and the flagged share over the percentile, and over the whole ranking.

use super::axis::{Axis, signed};
use super::canvas::{Align, Canvas, Point, Rect};
use super::figure::{Figure, Key, Mark};
use super::panel::{Panel, SMALL, write};
use super::run_view::{RunView, ordinal_percentile};
use super::theme::Theme;
use crate::{Evaluation, PassAums, Percentile, ThresholdRule, evaluate, judge};

/// The percentiles whose points are marked on the precision-recall curve.
const MARKED: [f64; 4] = [90.0, 95.0, 99.0, 100.0];
/// The sweep goes from this percentile to the 100th.
const FIRST_PERCENTILE: u32 = 50;
/// No curve needs more points to look smooth.
const MOST_POINTS: usize = 400;

/// What a percentile would flag.
struct AtPercentile {
    percentile: f64,
    flagged_share: f64,
    evaluation: Evaluation,
}

/// A name, and its value at a percentile, 0 to 1.
type Rate = (&'static str, fn(&AtPercentile) -> Option<f64>);

fn at_percentile(view: RunView<'_>, passes: &[PassAums], percent: f64) -> Option<AtPercentile> {
    let percentile = Percentile::new(percent).ok()?;
    let rule = ThresholdRule::Percentile(percentile);
    let flagged = judge(passes, rule, view.settings.protocol).flagged();
    let judged = flagged.iter().flatten().count();
    let count = flagged.iter().flatten().filter(|&&flagged| flagged).count();
    (judged > 0).then(|| AtPercentile {
        percentile: percent,
        flagged_share: count as f64 / judged as f64,
        evaluation: evaluate(&view.log.given_labels, &view.log.true_labels, &flagged),
    })
}

/// The flagged share, and with known truth precision, recall and F1, over the percentile; `None`
/// without threshold samples, which the percentile is taken of.
pub fn thresholds(view: RunView<'_>) -> Option<Figure<'_>> {
    let passes = view.analysis.aums_of_passes(view.log);
    let percents = (FIRST_PERCENTILE * 2..=200).map(|half| f64::from(half) / 2.0);
    let points: Vec<AtPercentile> = percents
        .filter_map(|percent| at_percentile(view, &passes, percent))
        .collect();
    let has_truth = points.first()?.evaluation.evaluated > 0;
    let all: [Rate; 4] = [
        ("flagged share of all samples", |point| {
            Some(point.flagged_share)
        }),
        ("precision", |point| point.evaluation.precision()),
        ("recall", |point| point.evaluation.recall()),
        ("F1", |point| point.evaluation.f1()),
    ];
    let shown = if has_truth { 4 } else { 1 };
    let curves: Vec<Vec<(f64, f64)>> = all[..shown]
        .iter()
        .map(|(_, value)| {
            let values = points
                .iter()
                .filter_map(|point| Some((point.percentile, value(point)?)));
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
        ThresholdRule::Given(_) => None,
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
                draw_curve(canvas, &panel, curve, RATES[number](canvas.theme));
            }
        }),
    })
}

/// The colours of flagged share, precision, recall, F1.
const RATES: [fn(Theme) -> super::theme::Colour; 4] = [
    Theme::pale_ink,
    |theme| theme.series(0),
    |theme| theme.series(1),
    |theme| theme.series(2),
];

fn draw_curve(
    canvas: &mut Canvas<'_>,
    panel: &Panel,
    curve: &[(f64, f64)],
    colour: super::theme::Colour,
) {
    let points: Vec<Point> = curve.iter().map(|&(x, y)| panel.at(x, y)).collect();
    canvas.line(&points, colour, 2.0);
}

/// Precision over recall along the ranking by AUM, with the points of several percentiles; `None`
/// where no mislabeled sample is known.
pub fn precision_recall(view: RunView<'_>) -> Option<Figure<'_>> {
    let wrong = wrong_by_rank(view);
    let mislabeled = wrong.iter().filter(|&&wrong| wrong).count();
    if mislabeled == 0 {
        return None;
    }
    let curve = curve(&wrong, mislabeled);
    let passes = view.analysis.aums_of_passes(view.log);
    let marked: Vec<(f64, f64, f64)> = MARKED
        .iter()
        .filter_map(|&percent| {
            let evaluation = at_percentile(view, &passes, percent)?.evaluation;
            Some((percent, evaluation.recall()?, evaluation.precision()?))
        })
        .collect();
    let base = mislabeled as f64 / wrong.len() as f64;
    let mut legend = vec![
        Key {
            mark: Mark::Line,
            colour: Theme::clean,
            label: format!(
                "AUM ranking (average precision {})",
                signed(average_precision(&wrong, mislabeled), 3)
            ),
        },
        Key {
            mark: Mark::Dashes,
            colour: Theme::pale_ink,
            label: format!("chance ({} % mislabeled)", signed(base * 100.0, 1)),
        },
    ];
    if !marked.is_empty() {
        legend.push(Key {
            mark: Mark::Dot,
            colour: Theme::mislabeled,
            label: "percentiles as thresholds".to_owned(),
        });
    }
    Some(Figure {
        title: "Finding all wrong labels, and only those".to_owned(),
        facts: view.facts(),
        legend,
        notes: Vec::new(),
        height: 400.0,
        body: Box::new(move |canvas, rect| {
            draw_precision_recall(canvas, rect, &curve, &marked, base);
        }),
    })
}

/// Whether each judged sample with a known true label is mislabeled, the lowest AUM first.
fn wrong_by_rank(view: RunView<'_>) -> Vec<bool> {
    let labels = view.analysis.ranking.iter().filter_map(|&sample| {
        Some(view.log.given_labels[sample]? != view.log.true_labels[sample]?)
    });
    labels.collect()
}

/// Recall and precision after each rank, thinned.
fn curve(wrong: &[bool], mislabeled: usize) -> Vec<(f64, f64)> {
    let every = wrong.len().div_ceil(MOST_POINTS).max(1);
    let mut found = 0;
    let mut points = Vec::new();
    for (rank, &wrong_label) in wrong.iter().enumerate() {
        found += usize::from(wrong_label);
        if rank % every == 0 || rank + 1 == wrong.len() {
            points.push((
                found as f64 / mislabeled as f64,
                found as f64 / (rank + 1) as f64,
            ));
        }
    }
    points
}

/// The mean of the precision at the rank of each mislabeled sample.
fn average_precision(wrong: &[bool], mislabeled: usize) -> f64 {
    let (mut found, mut sum) = (0, 0.0);
    for (rank, _) in wrong.iter().enumerate().filter(|(_, wrong)| **wrong) {
        found += 1;
        sum += f64::from(found) / (rank + 1) as f64;
    }
    sum / mislabeled as f64
}

fn draw_precision_recall(
    canvas: &mut Canvas<'_>,
    rect: Rect,
    curve: &[(f64, f64)],
    marked: &[(f64, f64, f64)],
    base: f64,
) {
    let axes = (Axis::percent("Recall"), Axis::percent("Precision"));
    let panel = Panel::draw(canvas, rect, "", axes);
    let pale = canvas.theme.pale_ink();
    canvas.dashes(panel.at(0.0, base), panel.at(1.0, base), pale, 1.2);
    let colour = canvas.theme.clean();
    draw_curve(canvas, &panel, curve, colour);
    let (dot, ink) = (canvas.theme.mislabeled(), canvas.theme.ink());
    let mut taken: Vec<f64> = Vec::new();
    for &(percent, recall, precision) in marked {
        let (x, y) = panel.at(recall, precision);
        canvas.dot((x, y), 4.5, dot, 1.0);
        // The labels stand below each other, the lowest recall on top, so that no line crosses one.
        let mut label_y = y + 14.0;
        while taken.iter().any(|other| (other - label_y).abs() < 15.0) {
            label_y += 15.0;
        }
        taken.push(label_y);
        let label = ordinal_percentile(percent);
        canvas.line(&[(x, y), (x - 8.0, label_y)], pale, 0.8);
        write(canvas, &label, (x - 11.0, label_y), Align::End, SMALL, ink);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn average_precision_is_the_mean_over_the_mislabeled() {
        // Found at ranks 1 and 3: (1/1 + 2/3) / 2.
        let average = average_precision(&[true, false, true, false], 2);
        assert!((average - 5.0 / 6.0).abs() < 1e-12);
    }

    #[test]
    fn the_curve_ends_at_full_recall() {
        let curve = curve(&[true, false, true, false], 2);
        assert_eq!(
            curve,
            [(0.5, 1.0), (0.5, 0.5), (1.0, 2.0 / 3.0), (1.0, 0.5)]
        );
    }
}
