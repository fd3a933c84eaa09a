//! Which class was given where the network says which: the flagged samples as a heat map.

use std::collections::BTreeMap;

use super::axis::signed;
use super::figure::Figure;
use super::heat_map::HeatMap;
use super::run_view::RunView;

/// With more classes than this, those that are most often confused are shown.
const MOST_CLASSES: usize = 20;

/// Given against suggested class of the flagged samples; `None` where none of them has both.
pub fn confusions<'a>(view: RunView<'a>, suggested: &[Option<u32>]) -> Option<Figure<'a>> {
    let counts = counts(view, suggested);
    if counts.is_empty() {
        return None;
    }
    let (labels, all) = shown_classes(view, &counts);
    let cells = labels.iter().flat_map(|given| {
        let counts = &counts;
        labels.iter().map(move |suggested| {
            let count = counts.get(&(*given, *suggested)).copied().unwrap_or(0);
            (given != suggested).then_some(f64::from(count))
        })
    });
    let map = HeatMap {
        row_title: "Given class".to_owned(),
        column_title: "Suggested class (the network's most frequent other answer)".to_owned(),
        names: labels.iter().map(|&label| view.class(label)).collect(),
        cells: cells.collect(),
        decimals: 0,
    };
    let flagged: u32 = counts.values().sum();
    let mut notes = vec![format!(
        "{} flagged samples.",
        signed(f64::from(flagged), 0)
    )];
    if labels.len() < all {
        notes.push(format!(
            "{} of {all} classes are shown, those with the most flagged samples.",
            labels.len()
        ));
    }
    Some(Figure {
        title: "Which labels were mistaken for which?".to_owned(),
        facts: view.facts(),
        legend: Vec::new(),
        notes,
        height: map.height(),
        body: Box::new(move |canvas, rect| map.draw(canvas, rect)),
    })
}

/// How many flagged samples have this given and this suggested class.
fn counts(view: RunView<'_>, suggested: &[Option<u32>]) -> BTreeMap<(u32, u32), u32> {
    let mut counts = BTreeMap::new();
    for (sample, verdict) in view.analysis.verdicts.iter().enumerate() {
        let given = view.log.given_labels[sample];
        if let (Some(true), Some(given), Some(Some(other))) =
            (verdict.flagged, given, suggested.get(sample))
        {
            *counts.entry((given, *other)).or_default() += 1;
        }
    }
    counts
}

/// The classes to show, ascending, and how many there are.
fn shown_classes(view: RunView<'_>, counts: &BTreeMap<(u32, u32), u32>) -> (Vec<u32>, usize) {
    let mut weight: BTreeMap<u32, u32> = BTreeMap::new();
    for (&(given, other), &count) in counts {
        *weight.entry(given).or_default() += count;
        *weight.entry(other).or_default() += count;
    }
    let all = view
        .log
        .class_count()
        .unwrap_or(weight.len())
        .max(weight.len());
    if all <= MOST_CLASSES {
        let last = weight.keys().last().map_or(0, |&label| label as usize + 1);
        return ((0..all.max(last) as u32).collect(), all);
    }
    let mut heaviest: Vec<(u32, u32)> = weight.into_iter().collect();
    heaviest.sort_by_key(|&(label, count)| (std::cmp::Reverse(count), label));
    let mut labels: Vec<u32> = heaviest
        .into_iter()
        .take(MOST_CLASSES)
        .map(|(label, _)| label)
        .collect();
    labels.sort_unstable();
    (labels, all)
}
