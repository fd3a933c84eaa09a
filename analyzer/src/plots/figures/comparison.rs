//! Whether two runs rank the samples alike: rank against rank for two, Spearman's correlations for
//! many. A run compared with itself: its passes with each other.

use crate::plots::drawing::axis::{Axis, signed};
use crate::plots::drawing::canvas::Canvas;
use crate::plots::drawing::figure::{Figure, Key, Mark};
use crate::plots::drawing::geometry::Rect;
use crate::plots::drawing::heat_map::HeatMap;
use crate::plots::drawing::panel::Panel;
use crate::plots::groups::Group;
use crate::plots::plot::{Draw, Plot, PlotNeeds};
use crate::plots::run_view::RunView;
use crate::questions::comparison::agreement::{Comparison, Ranking, compare};

pub(crate) const PLOT: Plot = Plot {
    name: "compare",
    shows: "Rank against rank for two runs (or the two passes of one); correlations for more",
    needs: |_| PlotNeeds::AUMS,
    draw: Draw::OfRuns(
        |runs| comparison(&runs.iter().map(|run| run.view).collect::<Vec<_>>()),
        "it takes two runs or passes with some samples in common",
    ),
};

/// With more samples than this, squares are coloured by how many samples lie in them.
const MOST_DOTS: usize = 3000;
const SQUARES: usize = 45;

/// A sample that both judge.
struct Dot {
    ranks: [f64; 2],
    group: Group,
}

/// The comparison of some runs, or of the passes of one; `None` where there are not two of them
/// that share at least two samples.
pub(crate) fn comparison<'a>(views: &[RunView<'_>]) -> Option<Figure<'a>> {
    let (all, subject) = match views {
        [one] => (passes(*one), one.log.title().to_owned()),
        several => runs(several),
    };
    match &all[..] {
        [] | [_] => None,
        [first, second] => two(first, second, &subject),
        _ => many(&all, &subject),
    }
}

/// Runs of a sweep have long names that differ in a part alone: what they share goes into the line
/// below the title.
fn runs<'a>(views: &[RunView<'a>]) -> (Vec<Ranking<'a>>, String) {
    let rankings = views
        .iter()
        .map(|view| Ranking::of_run(view.log, view.analysis));
    let mut rankings: Vec<Ranking<'_>> = rankings.collect();
    let names: Vec<String> = rankings.iter().map(|run| run.name.clone()).collect();
    let shared = shared_start(&names);
    for ranking in &mut rankings {
        ranking.name = ranking.name[shared.len()..].to_owned();
    }
    let count = format!("{} runs", rankings.len());
    let subject = match shared.trim_end_matches('-') {
        "" => count,
        shared => format!("{count}, {shared}-…"),
    };
    (rankings, subject)
}

/// The parts, each ended by a dash, with which all names begin.
fn shared_start(names: &[String]) -> &str {
    let Some(first) = names.first() else {
        return "";
    };
    let ends = first.match_indices('-').map(|(at, _)| at + 1);
    let mut shared = ends.filter(|&end| names.iter().all(|name| name.starts_with(&first[..end])));
    &first[..shared.next_back().unwrap_or(0)]
}

/// Their names are short: the run stands below the title.
fn passes<'a>(view: RunView<'a>) -> Vec<Ranking<'a>> {
    let mut rankings = Ranking::of_passes(view.log, view.analysis);
    for (ranking, pass) in rankings.iter_mut().zip(&view.log.passes) {
        ranking.name = format!("pass {}", pass.pass);
    }
    rankings
}

fn two<'a>(first: &Ranking<'_>, second: &Ranking<'_>, subject: &str) -> Option<Figure<'a>> {
    let found = compare(first, second);
    if found.compared < 2 {
        return None;
    }
    let last = found.compared as f64;
    let axis = |name: &str| {
        let title = format!("AUM rank in {name} (1: the lowest)");
        Axis::new(&title, 0.0, last, 6)
    };
    let axes = (axis(&first.name), axis(&second.name));
    let dots = found.samples.iter().map(|sample| Dot {
        ranks: sample.ranks.map(f64::from),
        group: Group::of_labels(sample.given_label, sample.true_label),
    });
    let dots: Vec<Dot> = dots.collect();
    Some(Figure {
        title: "Do both rank the samples alike?".to_owned(),
        facts: facts(&found, subject),
        legend: legend(&dots),
        notes: notes(&found),
        height: 620.0,
        body: Box::new(move |canvas, rect| {
            let square = Rect {
                right: rect.left + 640.0,
                ..rect
            };
            let panel = Panel::draw(canvas, square, "", axes.clone());
            if dots.len() > MOST_DOTS {
                draw_squares(canvas, &panel, &dots);
                return;
            }
            for dot in &dots {
                let colour = (dot.group.colour())(canvas.theme);
                canvas.dot(panel.at(dot.ranks[0], dot.ranks[1]), 2.0, colour, 0.5);
            }
        }),
    })
}

/// Squares count samples of all groups.
fn legend(dots: &[Dot]) -> Vec<Key> {
    let count = |group: &Group| dots.iter().filter(|dot| dot.group == *group).count();
    let counted = Group::ALL.iter().map(|group| (group, count(group)));
    counted
        .filter(|&(_, count)| count > 0 && dots.len() <= MOST_DOTS)
        .map(|(group, count)| group.key(Mark::Dot, count))
        .collect()
}

fn facts(found: &Comparison, subject: &str) -> String {
    let spearman = found.spearman.map(|rho| signed(rho, 3));
    format!(
        "{subject} · {} samples that both judge · Spearman's rank correlation {}",
        signed(found.compared as f64, 0),
        spearman.unwrap_or_else(|| "not defined".to_owned())
    )
}

fn notes(found: &Comparison) -> Vec<String> {
    let mut notes = Vec::new();
    if found.samples.len() > MOST_DOTS {
        notes.push("The darker a square, the more samples lie in it.".to_owned());
    }
    if found.other_label > 0 {
        notes.push(format!(
            "{} samples carry another given label in each, and are left out.",
            signed(found.other_label as f64, 0)
        ));
    }
    notes
}

fn draw_squares(canvas: &mut Canvas<'_>, panel: &Panel, dots: &[Dot]) {
    let last = dots.len() as f64;
    let mut counts = vec![0_u32; SQUARES * SQUARES];
    let square = |rank: f64| (((rank - 1.0) / last * SQUARES as f64) as usize).min(SQUARES - 1);
    for [x, y] in dots.iter().map(|dot| dot.ranks) {
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

fn many<'a>(all: &[Ranking<'_>], subject: &str) -> Option<Figure<'a>> {
    let side = all.len();
    let mut cells = vec![None; side * side];
    for row in 0..side {
        cells[row * side + row] = Some(1.0);
        for column in 0..row {
            let correlation = compare(&all[row], &all[column]).spearman;
            cells[row * side + column] = correlation;
            cells[column * side + row] = correlation;
        }
    }
    if cells.iter().flatten().count() == side {
        return None; // nothing but each with itself
    }
    let map = HeatMap {
        row_title: String::new(),
        column_title: "Spearman's correlation of the AUM ranks".to_owned(),
        names: all.iter().map(|ranking| ranking.name.clone()).collect(),
        cells,
        decimals: 2,
        highest: Some(1.0),
        classes: None,
    };
    Some(Figure {
        title: "Do they rank the samples alike?".to_owned(),
        facts: subject.to_owned(),
        legend: Vec::new(),
        notes: vec![
            "1: the same order; 0: none in common. Each over the samples that both judge, with the same given label."
                .to_owned(),
        ],
        height: map.height(),
        body: Box::new(move |canvas, rect| map.draw(canvas, rect)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logs::two_passes::two_passes;
    use crate::plots::drawing::theme::Theme;
    use crate::plots::run_view::tests::with_view;

    #[test]
    fn many_runs_are_a_matrix_with_each_pair_twice() {
        with_view(&two_passes(), |view| {
            let svg = comparison(&[view, view, view]).unwrap().svg(Theme::Light);
            assert_eq!(svg.matches(">1.00<").count(), 9);
            assert!(svg.contains("3 runs"));
        });
    }

    #[test]
    fn what_all_names_share_is_said_once() {
        let names = ["digits-mlp-noise0.1-seed0", "digits-mlp-noise0.1-seed1"].map(str::to_owned);
        assert_eq!(shared_start(&names), "digits-mlp-noise0.1-");
        assert_eq!(shared_start(&["a-b".to_owned(), "a".to_owned()]), "");
        assert_eq!(shared_start(&[]), "");
    }

    #[test]
    fn the_passes_of_one_run_are_called_by_their_numbers() {
        with_view(&two_passes(), |view| {
            // Both judge samples 0 and 1, and put 1 first.
            let svg = comparison(&[view]).unwrap().svg(Theme::Light);
            assert!(svg.contains("2 samples that both judge"));
            assert!(svg.contains("rank correlation 1.000"));
            assert!(svg.contains("AUM rank in pass 2 (1: the lowest)"));
        });
    }
}
