//! Precision over recall along the ranking by AUM, with what several percentiles would flag, beside
//! the rankings by the scores of others.

use crate::analysis::run_aums::RunAums;
use crate::logs::needs::RowParts;
use crate::plots::drawing::axis::{Axis, signed};
use crate::plots::drawing::canvas::Canvas;
use crate::plots::drawing::figure::{Figure, Key, Mark};
use crate::plots::drawing::geometry::{Align, Rect};
use crate::plots::drawing::lettering;
use crate::plots::drawing::panel::{Panel, SMALL, write};
use crate::plots::drawing::theme::{Colour, Theme};
use crate::plots::plot::{Curves, Draw, Plot, PlotNeeds};
use crate::plots::run_view::{RunView, ordinal_percentile};
use crate::questions::evaluation::evaluated_score::EvaluatedSamples;
use crate::questions::evaluation::score_metrics::RankedScores;
use crate::questions::evaluation::threshold_sweep::threshold_sweep_without_intervals;
use crate::questions::scores::SCORES;
use crate::questions::scores::combined::ScoreVector;
use crate::questions::scores::score::{Score, named};
use crate::rules::percentile::Percentile;

pub(crate) const PLOT: Plot = Plot {
    name: "precision-recall",
    shows: "Precision over recall along the ranking by AUM and by the scores of others, with the points of several percentiles",
    needs: |_| PlotNeeds {
        rows: RowParts::Logits,
        curves: Curves::WhereThere,
        pictures: false,
    },
    draw: Draw::OfRun(
        |run, _| Ok(precision_recall(run.view, &run.scores()?)),
        "no mislabeled sample is known (column true_label)",
    ),
};

/// The percentiles whose points are marked.
const MARKED: [f64; 4] = [90.0, 95.0, 99.0, 100.0];
/// No curve needs more points to look smooth.
const MOST_POINTS: usize = 400;

/// The colours of the scores that are drawn beside the AUM, in their order, and then again.
const OTHERS: [Ink; 6] = [
    |theme| theme.series(4),
    |theme| theme.series(2),
    |theme| theme.series(3),
    |theme| theme.series(1),
    |theme| theme.series(5),
    Theme::pale_ink,
];

/// A colour, once the ground is known.
type Ink = fn(Theme) -> Colour;

/// One ranking.
struct Curve {
    label: String,
    colour: Ink,
    /// Recall and precision.
    points: Vec<(f64, f64)>,
}

/// What a percentile would flag.
struct OperatingPoint {
    percent: f64,
    recall: f64,
    precision: f64,
}

/// The curves of the AUM and of those of `scores` (see `sample_scores`; the AUM among them is not
/// needed); `None` where no mislabeled sample is known.
pub(crate) fn precision_recall<'a>(
    view: RunView<'a>,
    scores: &[ScoreVector],
) -> Option<Figure<'a>> {
    let run = RunAums::of_analysis(view.log, view.analysis);
    let samples = EvaluatedSamples::new(&run, &view.analysis.verdicts);
    let mislabeled = samples.mislabeled.iter().filter(|&&is| is).count();
    if mislabeled == 0 {
        return None;
    }
    let base = mislabeled as f64 / samples.samples.len() as f64;
    let curves = curves(view, &samples, scores);
    let marked = operating_points(view, &run);
    let lowest = curves.iter().flat_map(|curve| &curve.points);
    let lowest = lowest.fold(base, |low, point| low.min(point.1));
    Some(Figure {
        title: "Precision and recall along the ranking by AUM".to_owned(),
        facts: view.facts(),
        legend: legend(&curves, base, !marked.is_empty()),
        notes: notes(
            scores,
            (!marked.is_empty()).then_some(view.analysis.passes.len()),
        ),
        height: 400.0,
        body: Box::new(move |canvas, rect| {
            let axes = (
                Axis::percent("Recall: of the mislabeled samples, found"),
                Axis::percent_from("Precision: of those looked at, mislabeled", lowest),
            );
            draw(canvas, rect, axes, &curves, &marked, base);
        }),
    })
}

/// The AUM first.
fn curves(view: RunView<'_>, samples: &EvaluatedSamples, scores: &[ScoreVector]) -> Vec<Curve> {
    let others = beside_the_aum().zip(OTHERS.iter().cycle());
    let others = others.filter_map(|(score, &colour)| {
        let vector = scores.iter().find(|vector| vector.score == score)?;
        Some(curve(score, colour, samples, &vector.suspicions()))
    });
    let aums = view.analysis.verdicts.iter();
    let suspicions: Vec<Option<f64>> = aums.map(|verdict| verdict.aum.map(|aum| -aum)).collect();
    let aum = curve(&SCORES[0], Theme::clean, samples, &suspicions);
    [aum].into_iter().chain(others).collect()
}

/// One curve less is easier to read than one of a score that is a weak sign alone.
fn beside_the_aum() -> impl Iterator<Item = &'static Score> {
    SCORES.iter().filter(|score| score.is_drawn)
}

fn curve(
    score: &Score,
    colour: Ink,
    samples: &EvaluatedSamples,
    suspicions: &[Option<f64>],
) -> Curve {
    let pairs = samples.samples.iter().zip(&samples.mislabeled);
    let (values, mislabeled): (Vec<f64>, Vec<bool>) = pairs
        .filter_map(|(&sample, &mislabeled)| Some((suspicions[sample]?, mislabeled)))
        .unzip();
    let ranked = RankedScores::new(&values, &mislabeled);
    let average = ranked.quality().average_precision.unwrap_or(0.0);
    Curve {
        label: format!("{} {}", score.title, signed(average, 3)),
        colour,
        points: thinned(&ranked.precision_recall_curve()),
    }
}

/// At most about [`MOST_POINTS`] points, the first and the last among them, and one at recall 0, so
/// that rankings with many equal scores begin at the axis too.
fn thinned(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let every = points.len().div_ceil(MOST_POINTS).max(1);
    let begin = points.first().map(|&(_, precision)| (0.0, precision));
    let last = points.len().saturating_sub(1);
    let kept = points.iter().enumerate();
    let kept = kept.filter(|(at, _)| at % every == 0 || *at == last);
    begin
        .into_iter()
        .chain(kept.map(|(_, &point)| point))
        .collect()
}

fn operating_points(view: RunView<'_>, run: &RunAums) -> Vec<OperatingPoint> {
    let percentiles = MARKED.map(|percent| Percentile::new(percent).ok());
    let percentiles: Vec<Percentile> = percentiles.into_iter().flatten().collect();
    let rows = threshold_sweep_without_intervals(run, &percentiles, view.settings.protocol);
    let points = rows.iter().filter_map(|row| {
        row.flagged?;
        Some(OperatingPoint {
            percent: row.percentile.percent(),
            recall: row.evaluation.recall()?,
            precision: row.evaluation.precision()?,
        })
    });
    points.collect()
}

fn legend(curves: &[Curve], base: f64, has_points: bool) -> Vec<Key> {
    let mut keys: Vec<Key> = curves
        .iter()
        .map(|curve| Key {
            mark: Mark::Line,
            colour: curve.colour,
            label: curve.label.clone(),
        })
        .collect();
    keys.push(Key {
        mark: Mark::Dashes,
        colour: Theme::pale_ink,
        label: format!("chance ({} % mislabeled)", signed(base * 100.0, 1)),
    });
    if has_points {
        keys.push(Key {
            mark: Mark::Dot,
            colour: Theme::ink,
            label: "AUM at percentiles of the threshold samples".to_owned(),
        });
    }
    keys
}

/// `marked_passes`: how many passes the marked points come from.
fn notes(scores: &[ScoreVector], marked_passes: Option<usize>) -> Vec<String> {
    let mut notes = vec![
        "Beside each name: its average precision, the mean precision at the ranks of the mislabeled samples."
            .to_owned(),
    ];
    // The curve cuts one ranking, by the mean over the passes.
    if marked_passes.is_some_and(|passes| passes > 1) {
        notes.push("A dot may lie off the curve: each pass has a threshold of its own, and a sample is flagged by what its passes say, not by its mean AUM alone.".to_owned());
    }
    let mut drawn = scores
        .iter()
        .filter(|vector| vector.score.is_drawn)
        .peekable();
    if drawn.peek().is_some() && !drawn.any(|vector| vector.score.needs_logits()) {
        let lacking = named(beside_the_aum().filter(|score| score.needs_logits()));
        notes.push(sentence(&format!(
            "{lacking} need logits, which the log does not have."
        )));
    }
    notes
}

/// With a capital letter first.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}

fn draw(
    canvas: &mut Canvas<'_>,
    rect: Rect,
    axes: (Axis, Axis),
    curves: &[Curve],
    marked: &[OperatingPoint],
    base: f64,
) {
    let panel = Panel::draw(canvas, rect, "", axes);
    let (pale, ink) = (canvas.theme.pale_ink(), canvas.theme.ink());
    canvas.dashes(panel.at(0.0, base), panel.at(1.0, base), pale, 1.2);
    // The AUM last, so that it lies above the others.
    for (number, curve) in curves.iter().enumerate().rev() {
        let width = if number == 0 { 2.4 } else { 1.3 };
        let colour = (curve.colour)(canvas.theme);
        panel.curve(canvas, &curve.points, colour, width);
    }
    for (point, label_y) in marked.iter().zip(label_heights(&panel, marked)) {
        let (x, y) = panel.at(point.recall, point.precision);
        let label = ordinal_percentile(point.percent);
        canvas.line(&[(x, y), (x - 8.0, label_y)], pale, 0.8);
        let left = x - 14.0 - lettering::width(&label, SMALL);
        let behind = Rect::new(left, label_y - 7.0, x - 9.0, label_y + 7.0);
        canvas.fill(behind, canvas.theme.paper(), 0.8);
        write(canvas, &label, (x - 11.0, label_y), Align::End, SMALL, ink);
    }
    for point in marked {
        canvas.dot(panel.at(point.recall, point.precision), 4.0, ink, 1.0);
    }
}

/// Where the labels of points stand: below each other, the lowest recall on top, so that no line
/// crosses one; where the frame ends before that, all above their points, over the falling curve.
fn label_heights(panel: &Panel, marked: &[OperatingPoint]) -> Vec<f64> {
    const APART: f64 = 15.0;
    const OVER_THE_CURVE: f64 = 60.0;
    let stacked = |points: &mut dyn Iterator<Item = &OperatingPoint>, first: f64, step: f64| {
        let mut heights: Vec<f64> = Vec::new();
        for point in points {
            let mut height = panel.at(point.recall, point.precision).1 + first;
            while heights.iter().any(|other| (other - height).abs() < APART) {
                height += step;
            }
            heights.push(height);
        }
        heights
    };
    let below = stacked(&mut marked.iter(), APART, APART);
    if below.iter().all(|&height| height < panel.plot.bottom - 7.0) {
        return below;
    }
    let mut above = stacked(&mut marked.iter().rev(), -OVER_THE_CURVE, -APART);
    above.reverse();
    above
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logs::two_passes::two_passes;
    use crate::plots::drawing::canvas;
    use crate::plots::run_view::tests::with_view;

    #[test]
    fn a_curve_keeps_its_ends_and_begins_at_the_axis() {
        let points: Vec<(f64, f64)> = (1..=1000)
            .map(|rank| (f64::from(rank) / 1000.0, 0.5))
            .collect();
        let thin = thinned(&points);
        assert!(thin.len() <= MOST_POINTS + 2);
        assert_eq!((thin[0], thin[thin.len() - 1]), ((0.0, 0.5), (1.0, 0.5)));
        assert!(thinned(&[]).is_empty());
    }

    #[test]
    fn labels_stay_in_the_frame_where_the_precision_ends_low() {
        canvas::svg((800.0, 400.0), Theme::Light, "", |canvas| {
            let axes = (
                Axis::percent("Recall"),
                Axis::percent_from("Precision", 0.2),
            );
            let panel = Panel::draw(canvas, Rect::new(0.0, 0.0, 800.0, 400.0), "", axes);
            let points = [(90.0, 0.9, 0.3), (99.0, 0.98, 0.25), (100.0, 1.0, 0.2)];
            let marked = points.map(|(percent, recall, precision)| OperatingPoint {
                percent,
                recall,
                precision,
            });
            for height in label_heights(&panel, &marked) {
                assert!(panel.plot.top < height && height < panel.plot.bottom);
            }
        });
    }

    #[test]
    fn each_score_has_a_curve_with_its_average_precision() {
        with_view(&two_passes(), |view| {
            // The mislabeled sample, 1, has the second highest loss of the three known ones.
            let losses = ScoreVector {
                score: &crate::questions::scores::mean_loss::SCORE,
                values: vec![Some(0.9), Some(0.5), Some(0.1), None],
            };
            let svg = precision_recall(view, &[losses]).unwrap().svg(Theme::Light);
            assert!(svg.contains("AUM 1.000") && svg.contains("Mean loss 0.500"));
        });
    }
}
