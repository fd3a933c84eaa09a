//! How margins grow over the epochs: the median and the middle half of clean, mislabeled and
//! threshold samples.

use std::collections::BTreeMap;

use crate::logs::needs::RowParts;
use crate::plots::drawing::axis::Axis;
use crate::plots::drawing::canvas::Canvas;
use crate::plots::drawing::figure::{Figure, Key, Mark};
use crate::plots::drawing::geometry::{Point, Rect};
use crate::plots::drawing::panel::Panel;
use crate::plots::drawing::quantiles::quartiles;
use crate::plots::drawing::theme::Theme;
use crate::plots::figures::sample_curves::curves_of;
use crate::plots::groups::{Group, knows_mislabeled, passes_note, truth_note};
use crate::plots::plot::{ALWAYS_THERE, Curves, Draw, Plot, PlotNeeds};
use crate::plots::run_view::{RunView, shade_outside_window};

pub(crate) const PLOT: Plot = Plot {
    name: "margins",
    shows: "Margins over the epochs: medians and bands, or single samples",
    needs: |settings| PlotNeeds {
        rows: match settings.samples[..] {
            [] => RowParts::Margins,
            _ => RowParts::Logits,
        },
        curves: Curves::Yes,
        pictures: false,
    },
    draw: Draw::OfRun(
        |run, settings| match settings.samples[..] {
            [] => Ok(Some(margins(run.view))),
            _ => curves_of(run, &settings.samples).map(Some),
        },
        ALWAYS_THERE,
    ),
};

/// The quartiles of a group in each epoch.
type Bands = BTreeMap<Group, Vec<(u32, [f64; 3])>>;

/// Margins over epochs: medians and bands. Margins of all passes count alike.
pub(crate) fn margins(view: RunView<'_>) -> Figure<'_> {
    let (bands, counts) = bands(view);
    let shown = Group::ALL.iter().filter(|group| counts.contains_key(group));
    let mut legend: Vec<Key> = shown
        .map(|group| group.key(Mark::Line, counts[group]))
        .collect();
    legend.push(Key {
        mark: Mark::Area,
        colour: Theme::pale_ink,
        label: "band: the middle half".to_owned(),
    });
    let mut notes: Vec<String> = truth_note(view.log).into_iter().collect();
    notes.extend(passes_note(view.log));
    let window = view.analysis.window;
    if view.log.recorded_epochs().len() > (window.last - window.first + 1) as usize {
        notes.push("Grey: epochs that do not count towards the AUM.".to_owned());
    }
    Figure {
        title: if knows_mislabeled(view.log) {
            "Margins of right and of wrong labels over the epochs"
        } else {
            "Margins over the epochs"
        }
        .to_owned(),
        facts: view.facts(),
        legend,
        notes,
        height: 340.0,
        body: Box::new(move |canvas, rect| draw(canvas, rect, view, &bands)),
    }
}

fn bands(view: RunView<'_>) -> (Bands, BTreeMap<Group, usize>) {
    let log = view.log;
    let groups: Vec<Vec<Option<Group>>> = log
        .passes
        .iter()
        .map(|pass| {
            (0..log.sample_count())
                .map(|sample| Group::in_pass(log, pass, sample))
                .collect()
        })
        .collect();
    let mut counts = BTreeMap::new();
    for group in groups.iter().flatten().flatten() {
        *counts.entry(*group).or_default() += 1;
    }
    let mut bands = Bands::new();
    let mut margins: BTreeMap<Group, Vec<f32>> = BTreeMap::new();
    for epoch in log.recorded_epochs() {
        margins.values_mut().for_each(Vec::clear);
        for (pass, groups) in log.passes.iter().zip(&groups) {
            for recorded in pass
                .epochs
                .iter()
                .filter(|recorded| recorded.epoch == epoch)
            {
                for (margin, group) in recorded.margins.iter().zip(groups) {
                    if let Some(group) = group.filter(|_| !margin.is_nan()) {
                        margins.entry(group).or_default().push(*margin);
                    }
                }
            }
        }
        for (group, margins) in &mut margins {
            let quartiles = quartiles(margins);
            let band = bands.entry(*group).or_default();
            band.extend(quartiles.map(|quartiles| (epoch, quartiles)));
        }
    }
    (bands, counts)
}

fn draw(canvas: &mut Canvas<'_>, rect: Rect, view: RunView<'_>, bands: &Bands) {
    let epochs = view.log.recorded_epochs();
    let (first, last) = (epochs[0], epochs[epochs.len() - 1]);
    let values = bands
        .values()
        .flatten()
        .flat_map(|(_, quartiles)| quartiles);
    let (low, high) = values.fold((0.0_f64, 0.0_f64), |(low, high), &value| {
        (low.min(value), high.max(value))
    });
    let axes = (
        Axis::whole("Epoch", first, last, 12),
        Axis::around("Margin (logit units)", low, high, 7),
    );
    let panel = Panel::draw(canvas, rect, "", axes);
    shade_outside_window(canvas, &panel, view);
    panel.zero_line(canvas);
    for (place, (group, band)) in bands.iter().enumerate() {
        let colour = (group.colour())(canvas.theme);
        let line = |quartile: usize| -> Vec<Point> {
            let points = band
                .iter()
                .map(|(epoch, values)| panel.at(f64::from(*epoch), values[quartile]));
            points.collect()
        };
        let corners: Vec<Point> = line(0)
            .into_iter()
            .chain(line(2).into_iter().rev())
            .collect();
        canvas.area(&corners, colour, 0.16);
        canvas.line(&line(1), colour, 2.2);
        if let [(x, y)] = line(1)[..] {
            // Beside each other, since bars of one epoch would hide each other.
            let x = x + (place as f64 - (bands.len() - 1) as f64 / 2.0) * 24.0;
            canvas.line(&[(x, line(0)[0].1), (x, line(2)[0].1)], colour, 2.0);
            canvas.dot((x, y), 4.0, colour, 1.0);
        }
    }
}
