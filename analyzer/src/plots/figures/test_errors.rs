//! The test errors of final networks by the method that trained them: a row a method, a dot a seed, a line at
//! their mean, and a panel for each network and noise. It is of no log, so `analyzer plot` does not have it: an
//! experiment draws it.

use crate::plots::drawing::axis::{Axis, Tick};
use crate::plots::drawing::figure::{Figure, Key, Mark};
use crate::plots::drawing::panel::Panel;
use crate::plots::drawing::theme::Theme;

const ROW_HEIGHT: f64 = 22.0;
/// Heading, numbers and title of a panel.
const AROUND: f64 = 70.0;

/// The test errors of one network under one noise.
#[derive(Debug, Clone, PartialEq)]
pub struct TestErrors {
    /// Such as `cnn, uniform 0.4`.
    pub heading: String,
    /// The name of each method and its errors, shares of samples from 0 to 1, a value a seed.
    pub methods: Vec<(String, Vec<f64>)>,
}

/// The figure; `None` where there is no error. Methods without one are left out.
pub fn test_errors<'a>(title: &str, mut groups: Vec<TestErrors>) -> Option<Figure<'a>> {
    for group in &mut groups {
        group.methods.retain(|(_, errors)| !errors.is_empty());
    }
    groups.retain(|group| !group.methods.is_empty());
    let methods = groups.iter().flat_map(|group| &group.methods);
    let errors = methods.flat_map(|(_, errors)| errors);
    let highest = errors.copied().reduce(f64::max)?;
    let heights = groups
        .iter()
        .map(|group| AROUND + ROW_HEIGHT * group.methods.len() as f64);
    let heights: Vec<f64> = heights.collect();
    Some(Figure {
        title: title.to_owned(),
        facts: "Test error of final networks by the method that trained them, with its mean in %"
            .to_owned(),
        legend: vec![
            Key {
                mark: Mark::Dot,
                colour: Theme::clean,
                label: "a seed".to_owned(),
            },
            Key {
                mark: Mark::Line,
                colour: Theme::ink,
                label: "their mean".to_owned(),
            },
        ],
        notes: Vec::new(),
        height: heights.iter().sum(),
        body: Box::new(move |canvas, rect| {
            let mut cell = rect;
            for (group, height) in groups.iter().zip(&heights) {
                cell.bottom = cell.top + height;
                let count = group.methods.len() as f64;
                // The first method stands at the top.
                let place = |row: usize| count - 1.0 - row as f64;
                let ticks = group.methods.iter().enumerate();
                let ticks = ticks.map(|(row, (name, errors))| Tick {
                    at: place(row),
                    label: format!("{name}  {:.2}", mean(errors)),
                });
                let y = Axis {
                    title: String::new(),
                    from: -0.5,
                    to: count - 0.5,
                    ticks: ticks.collect(),
                };
                let x = Axis::new("Test error (%)", 0.0, (highest * 105.0).max(0.1), 10);
                let panel = Panel::draw(canvas, cell, &group.heading, (x, y));
                for (row, (_, errors)) in group.methods.iter().enumerate() {
                    let ends = [place(row) - 0.35, place(row) + 0.35];
                    let ends = ends.map(|y| panel.at(mean(errors), y));
                    canvas.line(&ends, canvas.theme.ink(), 2.2);
                    for error in errors {
                        let colour = canvas.theme.clean();
                        canvas.dot(panel.at(100.0 * error, place(row)), 4.0, colour, 0.6);
                    }
                }
                cell.top = cell.bottom;
            }
        }),
    })
}

/// In percent.
fn mean(errors: &[f64]) -> f64 {
    100.0 * errors.iter().sum::<f64>() / errors.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(methods: &[(&str, &[f64])]) -> TestErrors {
        let methods = methods.iter();
        TestErrors {
            heading: "cnn, uniform 0.4".to_owned(),
            methods: methods
                .map(|(name, errors)| ((*name).to_owned(), errors.to_vec()))
                .collect(),
        }
    }

    #[test]
    fn each_method_has_a_row_with_a_dot_for_each_seed() {
        let errors = group(&[
            ("all", &[0.04, 0.05]),
            ("cleaned", &[0.02]),
            ("oracle", &[]),
        ]);
        let svg = test_errors("digits", vec![errors]).unwrap();
        assert!(svg.png(Theme::Dark).bytes.starts_with(b"\x89PNG"));
        let svg = svg.svg(Theme::Light);
        for text in [">all  4.50<", ">cleaned  2.00<", ">cnn, uniform 0.4<"] {
            assert!(svg.contains(text), "{text}: {svg}");
        }
        assert!(!svg.contains(">oracle<"));
        // Three seeds, and the one of the legend.
        assert_eq!(svg.matches("<circle").count(), 4);
        assert!(test_errors("digits", vec![group(&[("all", &[])])]).is_none());
    }

    #[test]
    fn without_any_error_the_axis_has_room() {
        let svg = test_errors("digits", vec![group(&[("all", &[0.0])])]).unwrap();
        assert!(!svg.svg(Theme::Light).contains("NaN"));
    }
}
