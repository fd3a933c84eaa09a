//! How the AUMs of clean, mislabeled and threshold samples are distributed, with the threshold (the
//! figure of Pleiss et al., NeurIPS 2020, section 3.2). Each group is shown as shares of itself, so
//! that the few threshold samples can be compared with the many others.

use std::collections::BTreeMap;

use crate::logs::run_log::PassLog;
use crate::plots::drawing::axis::{Axis, signed};
use crate::plots::drawing::canvas::Canvas;
use crate::plots::drawing::figure::{Figure, Key, Mark};
use crate::plots::drawing::geometry::{Align, Point, Rect};
use crate::plots::drawing::lettering;
use crate::plots::drawing::panel::{Panel, SMALL, write};
use crate::plots::drawing::theme::Theme;
use crate::plots::groups::{Group, knows_mislabeled, passes_note, truth_note};
use crate::plots::plot::{ALWAYS_THERE, Draw, Plot, PlotNeeds};
use crate::plots::run_view::RunView;
use crate::rules::verdict::PassAums;

pub(crate) const PLOT: Plot = Plot {
    name: "histogram",
    shows: "How the AUMs of clean, mislabeled and threshold samples are distributed",
    needs: |_| PlotNeeds::AUMS,
    draw: Draw::OfRun(
        |run, settings| Ok(Some(histogram(run.view, settings.per_pass))),
        ALWAYS_THERE,
    ),
};

const BINS: usize = 60;
const PANEL_HEIGHT: f64 = 320.0;

/// The AUMs of one panel.
struct Distribution {
    heading: String,
    groups: BTreeMap<Group, Vec<f64>>,
    /// The thresholds and what is written at them.
    thresholds: Vec<(f64, String)>,
}

/// The AUM histogram: of the samples' combined AUMs, or a panel for each pass.
pub(crate) fn histogram<'a>(view: RunView<'a>, per_pass: bool) -> Figure<'a> {
    let panels = if per_pass && view.log.passes.len() > 1 {
        of_passes(view)
    } else {
        vec![combined(view)]
    };
    let has_threshold = panels.iter().any(|panel| !panel.thresholds.is_empty());
    let mut legend = legend(&panels);
    if has_threshold {
        legend.push(Key {
            mark: Mark::Dashes,
            colour: Theme::ink,
            label: format!("AUM threshold ({})", view.threshold_rule()),
        });
    }
    let mut notes: Vec<String> = truth_note(view.log).into_iter().collect();
    if !has_threshold {
        notes.push(
            "Without threshold samples there is no threshold, so nothing is flagged.".to_owned(),
        );
    }
    if panels.len() > 1 {
        notes.extend(passes_note(view.log));
    }
    let span = span(&panels);
    Figure {
        title: if knows_mislabeled(view.log) {
            "How low are the AUMs of wrong labels?"
        } else {
            "How low are the AUMs?"
        }
        .to_owned(),
        facts: view.facts(),
        legend,
        notes,
        height: PANEL_HEIGHT * panels.len() as f64,
        body: Box::new(move |canvas, rect| {
            for (row, panel) in panels.iter().enumerate() {
                let cell = rect.cell((0, row), (1, panels.len()), 8.0);
                draw(canvas, cell, panel, span);
            }
        }),
    }
}

fn combined(view: RunView<'_>) -> Distribution {
    let mut groups: BTreeMap<Group, Vec<f64>> = BTreeMap::new();
    for &sample in view.analysis.ranking() {
        let aums = groups.entry(Group::of(view.log, sample)).or_default();
        aums.extend(view.analysis.verdicts.get(sample).aum);
    }
    for aums in view.analysis.aums.iter().map(PassAums::threshold_aums) {
        if !aums.is_empty() {
            groups.entry(Group::Threshold).or_default().extend(aums);
        }
    }
    let several = view.analysis.passes.len() > 1;
    let thresholds = view.analysis.passes.iter().filter_map(|pass| {
        let threshold = pass.threshold_aum()?;
        let place = if several {
            format!("pass {}: ", pass.pass)
        } else {
            String::new()
        };
        Some((threshold, format!("{place}{}", signed(threshold, 2))))
    });
    Distribution {
        heading: String::new(),
        thresholds: thresholds.collect(),
        groups,
    }
}

fn of_passes(view: RunView<'_>) -> Vec<Distribution> {
    let distribution = |(at, pass): (usize, &PassLog)| {
        let mut groups: BTreeMap<Group, Vec<f64>> = BTreeMap::new();
        for (sample, aum) in view.analysis.aums[at].aums.iter().enumerate() {
            if let (Some(aum), Some(group)) = (*aum, Group::in_pass(view.log, pass, sample)) {
                groups.entry(group).or_default().push(aum);
            }
        }
        let threshold = view.analysis.passes[at].threshold_aum();
        Distribution {
            heading: format!("Pass {}", pass.pass),
            groups,
            thresholds: threshold
                .map(|aum| (aum, signed(aum, 2)))
                .into_iter()
                .collect(),
        }
    };
    let passes = view.log.passes.iter().enumerate();
    passes.map(distribution).collect()
}

fn legend(panels: &[Distribution]) -> Vec<Key> {
    let count = |group: &Group| -> usize {
        let of_group = panels.iter().filter_map(|panel| panel.groups.get(group));
        of_group.map(Vec::len).sum()
    };
    let shown = Group::ALL.iter().filter(|group| count(group) > 0);
    shown
        .map(|group| {
            let mark = if *group == Group::Threshold {
                Mark::Outline
            } else {
                Mark::Area
            };
            group.key(mark, count(group))
        })
        .collect()
}

/// From the lowest to the highest value of all panels, which share their axis.
fn span(panels: &[Distribution]) -> (f64, f64) {
    let values = panels.iter().flat_map(|panel| {
        let aums = panel.groups.values().flatten().copied();
        aums.chain(panel.thresholds.iter().map(|(at, _)| *at))
    });
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    });
    if low > high { (0.0, 0.0) } else { (low, high) }
}

/// The share of a group in each of the bins from `from` to `to`.
fn shares(aums: &[f64], from: f64, to: f64) -> Vec<f64> {
    let mut counts = vec![0_usize; BINS];
    for aum in aums {
        let bin = ((aum - from) / (to - from) * BINS as f64) as usize;
        counts[bin.min(BINS - 1)] += 1;
    }
    let all = aums.len().max(1) as f64;
    counts.into_iter().map(|count| count as f64 / all).collect()
}

fn draw(canvas: &mut Canvas<'_>, rect: Rect, panel: &Distribution, (low, high): (f64, f64)) {
    let x = Axis::around("AUM (logit units)", low, high, 9);
    let groups: Vec<(Group, Vec<f64>)> = panel
        .groups
        .iter()
        .map(|(group, aums)| (*group, shares(aums, x.from, x.to)))
        .collect();
    let highest = groups
        .iter()
        .flat_map(|(_, shares)| shares)
        .fold(0.0_f64, |a, &b| a.max(b));
    // The labels of the thresholds stand in the room above the bars.
    let top = (highest * 100.0).max(1.0) * 1.16;
    let y = Axis::new("Share of the group (%)", 0.0, top, 6);
    let (from, width) = (x.from, (x.to - x.from) / BINS as f64);
    let drawn = Panel::draw(canvas, rect, &panel.heading, (x, y));
    for (group, shares) in &groups {
        let mut outline: Vec<Point> = Vec::new();
        for (bin, share) in shares.iter().enumerate() {
            let left = from + width * bin as f64;
            outline.push(drawn.at(left, share * 100.0));
            outline.push(drawn.at(left + width, share * 100.0));
        }
        let colour = (group.colour())(canvas.theme);
        if *group != Group::Threshold {
            let mut area = outline.clone();
            area.push((drawn.plot.right, drawn.plot.bottom));
            area.push((drawn.plot.left, drawn.plot.bottom));
            canvas.area(&area, colour, 0.4);
        }
        canvas.line(&outline, colour, 1.4);
    }
    write_thresholds(canvas, &drawn, &panel.thresholds);
}

/// The lower half of the thresholds is written left of all of them, the others right, so that no
/// line runs through a number.
fn write_thresholds(canvas: &mut Canvas<'_>, panel: &Panel, thresholds: &[(f64, String)]) {
    let mut sorted: Vec<&(f64, String)> = thresholds.iter().collect();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (Some(first), Some(last)) = (sorted.first(), sorted.last()) else {
        return;
    };
    let ends = (panel.x_at(first.0) - 5.0, panel.x_at(last.0) + 5.0);
    let half = sorted.len() / 2;
    let ink = canvas.theme.ink();
    for (number, (at, label)) in sorted.iter().enumerate() {
        panel.mark_x(canvas, *at);
        let room = panel.plot.right - ends.1;
        let left = number < half || room < lettering::width(label, SMALL);
        let (x, align, row) = if left {
            (ends.0, Align::End, number)
        } else {
            (ends.1, Align::Start, number - half)
        };
        let y = panel.plot.top + 10.0 + 14.0 * row as f64;
        write(canvas, label, (x, y), align, SMALL, ink);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_of_a_group_add_up_to_1_and_the_highest_value_is_in_the_last_bin() {
        let shares = shares(&[0.0, 0.0, 6.0, 3.05], 0.0, 6.0);
        assert_eq!((shares[0], shares[30], shares[BINS - 1]), (0.5, 0.25, 0.25));
    }
}
