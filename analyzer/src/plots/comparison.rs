//! Whether two runs rank the samples alike: rank against rank for two, Spearman's correlations for
//! many. A run compared with itself: its first pass with its second.

use std::collections::BTreeMap;

use logformat::SampleId;

use super::axis::{Axis, signed};
use super::canvas::{Canvas, Rect};
use super::figure::Figure;
use super::heat_map::HeatMap;
use super::panel::Panel;
use super::run_view::RunView;
use crate::spearman;

/// With more samples than this, squares are coloured by how many samples lie in them.
const MOST_DOTS: usize = 3000;
const SQUARES: usize = 60;

/// A name, and the AUM of each sample by its id.
struct Ranked {
    name: String,
    aums: BTreeMap<SampleId, f64>,
}

/// The comparison of some runs, or of the passes of one; `None` where there are not two of them
/// that share at least two samples.
pub fn comparison<'a>(views: &[RunView<'_>]) -> Option<Figure<'a>> {
    let all: Vec<Ranked> = match views {
        [one] => passes(*one),
        several => several.iter().map(|view| whole(*view)).collect(),
    };
    match &all[..] {
        [] | [_] => None,
        [first, second] => two(first, second),
        _ => Some(many(&all)),
    }
}

fn whole(view: RunView<'_>) -> Ranked {
    let judged = view.analysis.ranking.iter();
    Ranked {
        name: view.log.title().to_owned(),
        aums: judged
            .filter_map(|&sample| {
                Some((
                    view.log.sample_ids.get(sample)?,
                    view.analysis.verdicts[sample].aum?,
                ))
            })
            .collect(),
    }
}

fn passes(view: RunView<'_>) -> Vec<Ranked> {
    let passes = view.log.passes.iter().zip(&view.analysis.passes);
    let ranked = passes.map(|(pass, found)| Ranked {
        name: format!("pass {} of {}", pass.pass, view.log.title()),
        aums: (0..view.log.sample_count())
            .filter(|&sample| pass.is_ordinary(sample))
            .filter_map(|sample| Some((view.log.sample_ids.get(sample)?, found.aums[sample]?)))
            .collect(),
    });
    ranked.collect()
}

/// The AUMs of the samples that both have.
fn shared(first: &Ranked, second: &Ranked) -> (Vec<f64>, Vec<f64>) {
    let both = first
        .aums
        .iter()
        .filter_map(|(id, aum)| Some((*aum, *second.aums.get(id)?)));
    both.unzip()
}

/// The rank of each value from 0 for the lowest; equal values share the mean of their ranks.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    for equal in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let first = ranks_before(&order, equal);
        for &sample in equal {
            ranks[sample] = first as f64 + (equal.len() - 1) as f64 / 2.0;
        }
    }
    ranks
}

fn ranks_before(order: &[usize], chunk: &[usize]) -> usize {
    // Both are parts of one slice.
    (chunk.as_ptr() as usize - order.as_ptr() as usize) / size_of::<usize>()
}

fn two<'a>(first: &Ranked, second: &Ranked) -> Option<Figure<'a>> {
    let (a, b) = shared(first, second);
    if a.len() < 2 {
        return None;
    }
    let correlation = spearman(&a, &b).map_or_else(|| "not defined".to_owned(), |r| signed(r, 3));
    let last = a.len() as f64;
    let (a, b) = (ranks(&a), ranks(&b));
    let axis = |name: &str| {
        Axis::new(
            &format!("AUM rank in {name}, the lowest first"),
            0.0,
            last,
            6,
        )
    };
    let axes = (axis(&first.name), axis(&second.name));
    Some(Figure {
        title: "Do both rank the samples alike?".to_owned(),
        facts: format!(
            "{} samples in both · Spearman's rank correlation {correlation}",
            signed(last, 0)
        ),
        legend: Vec::new(),
        notes: (a.len() > MOST_DOTS)
            .then(|| "The darker a square, the more samples lie in it.".to_owned())
            .into_iter()
            .collect(),
        height: 620.0,
        body: Box::new(move |canvas, rect| {
            let square = Rect {
                right: rect.left + 640.0,
                ..rect
            };
            let panel = Panel::draw(canvas, square, "", axes.clone());
            if a.len() > MOST_DOTS {
                draw_squares(canvas, &panel, &a, &b);
            } else {
                let colour = canvas.theme.clean();
                for (&x, &y) in a.iter().zip(&b) {
                    canvas.dot(panel.at(x, y), 2.0, colour, 0.5);
                }
            }
        }),
    })
}

fn draw_squares(canvas: &mut Canvas<'_>, panel: &Panel, a: &[f64], b: &[f64]) {
    let last = a.len() as f64;
    let mut counts = vec![0_u32; SQUARES * SQUARES];
    let square = |rank: f64| ((rank / last * SQUARES as f64) as usize).min(SQUARES - 1);
    for (&x, &y) in a.iter().zip(b) {
        counts[square(y) * SQUARES + square(x)] += 1;
    }
    let most = f64::from(counts.iter().copied().max().unwrap_or(1)).sqrt();
    let side = last / SQUARES as f64;
    for (number, &count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        let (x, y) = (
            (number % SQUARES) as f64 * side,
            (number / SQUARES) as f64 * side,
        );
        let ((left, bottom), (right, top)) = (panel.at(x, y), panel.at(x + side, y + side));
        // Square roots, so that single samples can still be seen.
        let colour = canvas
            .theme
            .scale(0.12 + 0.88 * f64::from(count).sqrt() / most);
        canvas.fill(Rect::new(left, top, right, bottom), colour, 1.0);
    }
}

fn many<'a>(all: &[Ranked]) -> Figure<'a> {
    let cells = all.iter().flat_map(|first| {
        all.iter().map(move |second| {
            let (a, b) = shared(first, second);
            spearman(&a, &b)
        })
    });
    let map = HeatMap {
        row_title: String::new(),
        column_title: "Spearman's correlation of the AUM ranks".to_owned(),
        names: all.iter().map(|ranked| ranked.name.clone()).collect(),
        cells: cells.collect(),
        decimals: 2,
    };
    Figure {
        title: "Do the runs rank the samples alike?".to_owned(),
        facts: format!("{} runs", all.len()),
        legend: Vec::new(),
        notes: vec![
            "1: the same order; 0: none in common. Over the samples that both runs have."
                .to_owned(),
        ],
        height: map.height(),
        body: Box::new(move |canvas, rect| map.draw(canvas, rect)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_share_their_mean_rank() {
        assert_eq!(ranks(&[5.0, 1.0, 5.0, 0.0]), [2.5, 1.0, 2.5, 0.0]);
    }
}
