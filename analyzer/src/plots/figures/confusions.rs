//! Which class was given where the network says which: the flagged samples as a heat map.

use std::collections::{BTreeMap, BTreeSet};

use crate::plots::drawing::axis::signed;
use crate::plots::drawing::figure::Figure;
use crate::plots::drawing::heat_map::HeatMap;
use crate::plots::plot::{Draw, Plot, PlotNeeds};
use crate::plots::run_view::RunView;
use crate::questions::confusions::Confusion;

pub(crate) const PLOT: Plot = Plot {
    name: "confusions",
    shows: "Given against suggested class of the flagged samples",
    needs: |_| PlotNeeds::RIVAL_LABELS,
    draw: Draw::OfRun(
        |run, _| Ok(confusions(run.view, &run.confusions()?)),
        "no flagged sample has a suggested class (threshold samples, and rival_label or logits)",
    ),
};

/// With more classes than this, those of the most common confusions are shown.
const MOST_CLASSES: usize = 20;

/// Given against suggested class of the flagged samples (see `confusions` of the crate); `None` where
/// none of them has both.
pub(crate) fn confusions<'a>(view: RunView<'a>, confusions: &[Confusion]) -> Option<Figure<'a>> {
    let counts: BTreeMap<(u32, u32), usize> = confusions
        .iter()
        .filter_map(|found| Some(((found.given_label?, found.suggested_label?), found.count)))
        .collect();
    if counts.is_empty() {
        return None;
    }
    let (labels, all) = shown_classes(view, &counts);
    let cells = labels.iter().flat_map(|given| {
        let counts = &counts;
        labels.iter().map(move |suggested| {
            let count = counts.get(&(*given, *suggested)).copied().unwrap_or(0);
            (given != suggested).then_some(count as f64)
        })
    });
    let map = HeatMap {
        row_title: "Given class".to_owned(),
        column_title: "Suggested class: the one that the network prefers most often".to_owned(),
        names: labels.iter().map(|&label| view.class(label)).collect(),
        cells: cells.collect(),
        decimals: 0,
        highest: None,
        classes: Some(labels.clone()),
    };
    Some(Figure {
        title: "Which classes were given instead of which?".to_owned(),
        facts: view.facts(),
        legend: Vec::new(),
        notes: notes(confusions, &counts, &labels, all),
        height: map.height(),
        body: Box::new(move |canvas, rect| map.draw(canvas, rect)),
    })
}

fn notes(
    confusions: &[Confusion],
    counts: &BTreeMap<(u32, u32), usize>,
    labels: &[u32],
    all: usize,
) -> Vec<String> {
    let number = |count: usize| signed(count as f64, 0);
    let flagged: usize = confusions.iter().map(|found| found.count).sum();
    let suggested: usize = counts.values().sum();
    let mut notes = vec![match flagged - suggested {
        0 if flagged == 1 => "1 flagged sample.".to_owned(),
        0 => format!("{} flagged samples.", number(flagged)),
        without => format!(
            "{} flagged samples; {} more have no suggestion.",
            number(suggested),
            number(without)
        ),
    }];
    if labels.len() < all {
        let is_shown = |label: &u32| labels.contains(label);
        let in_them = counts
            .iter()
            .filter(|((given, other), _)| is_shown(given) && is_shown(other));
        let in_them: usize = in_them.map(|(_, count)| count).sum();
        notes.push(format!(
            "{} of {} classes are shown, those of the most common confusions, with {} of these samples.",
            labels.len(),
            number(all),
            number(in_them)
        ));
    }
    notes
}

/// The classes to show, ascending, and how many there are.
fn shown_classes(view: RunView<'_>, counts: &BTreeMap<(u32, u32), usize>) -> (Vec<u32>, usize) {
    let highest = counts.keys().map(|&(given, other)| given.max(other)).max();
    let all = highest.map_or(0, |label| label as usize + 1);
    let all = all.max(view.log.class_count().unwrap_or(0));
    if all <= MOST_CLASSES {
        return ((0..all as u32).collect(), all);
    }
    let mut pairs: Vec<(&(u32, u32), &usize)> = counts.iter().collect();
    pairs.sort_by_key(|&(pair, count)| (std::cmp::Reverse(count), pair));
    let mut labels = BTreeSet::new();
    for (&(given, other), _) in pairs {
        let new = [given, other];
        let new = new.iter().filter(|label| !labels.contains(*label)).count();
        if labels.len() + new <= MOST_CLASSES {
            labels.extend([given, other]);
        }
    }
    (labels.into_iter().collect(), all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logs::two_passes::two_passes;
    use crate::plots::drawing::theme::Theme;
    use crate::plots::run_view::tests::with_view;

    fn confusion(given: u32, suggested: Option<u32>, count: usize) -> Confusion {
        Confusion {
            given_label: Some(given),
            suggested_label: suggested,
            count,
            share_of_class: 0.5,
            known: 0,
            right: 0,
            samples: Vec::new(),
        }
    }

    #[test]
    fn of_a_thousand_classes_those_of_the_most_common_confusions_are_shown() {
        let mut log = two_passes();
        log.class_names = (0..1000).map(|class| format!("class {class}")).collect();
        // Class k is taken for k + 1, the more often the larger k is.
        let found: Vec<Confusion> = (0..999)
            .map(|class| confusion(class, Some(class + 1), 1 + class as usize))
            .collect();
        with_view(&log, |view| {
            let svg = confusions(view, &found).unwrap().svg(Theme::Light);
            assert!(svg.contains(">class 999<") && svg.contains(">class 980<"));
            assert!(!svg.contains(">class 979<"));
            // The 19 pairs of the 20 classes: 981 + … + 999.
            assert!(svg.contains("20 of 1,000 classes are shown"));
            assert!(svg.contains("with 18,810 of these samples"));
            assert!(svg.len() < 100_000);
        });
    }

    #[test]
    fn samples_without_a_suggestion_are_told_of() {
        with_view(&two_passes(), |view| {
            let found = [confusion(0, Some(1), 5), confusion(1, None, 2)];
            let svg = confusions(view, &found).unwrap().svg(Theme::Light);
            assert!(svg.contains("5 flagged samples; 2 more have no suggestion."));
            assert!(confusions(view, &[confusion(1, None, 2)]).is_none());
        });
    }
}
