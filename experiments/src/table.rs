//! The table that papers print: test errors by method, mean ± standard deviation over seeds, and how good the
//! flags are.

use analyzer::plots::{Figure, TestErrors, test_errors};
use recorder::run::step_time::told_duration;

use crate::pieces::{Trained, Verdict};
use crate::plan::{Method, Noise, Plan};
use crate::protocol::Finished;

/// Mean and sample standard deviation (by n − 1; `None` for one value).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Spread {
    pub(crate) count: usize,
    pub(crate) mean: f64,
    pub(crate) deviation: Option<f64>,
}

impl Spread {
    /// `None` without values.
    pub(crate) fn of(values: &[f64]) -> Option<Self> {
        let count = values.len();
        let mean = values.iter().sum::<f64>() / count as f64;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        (count > 0).then(|| Self {
            count,
            mean,
            deviation: (count > 1).then(|| (squares / (count - 1) as f64).sqrt()),
        })
    }
}

/// What was measured of a network under a noise.
pub(crate) struct Group<'a> {
    network: &'a str,
    noise: &'a Noise,
    verdicts: Vec<Verdict>,
    /// By method, each with a value a seed.
    trained: Vec<(Method, Vec<Trained>)>,
    seconds: f64,
}

/// The pieces by network and noise, in the order of the plan.
pub(crate) fn groups<'a>(plan: &'a Plan, finished: &[Finished<'a>]) -> Vec<Group<'a>> {
    let mut groups = Vec::new();
    for network in &plan.networks {
        for noise in &plan.noise {
            let mut group = Group {
                network,
                noise,
                verdicts: Vec::new(),
                trained: plan
                    .methods
                    .iter()
                    .map(|&method| (method, Vec::new()))
                    .collect(),
                seconds: 0.0,
            };
            let of_group = finished
                .iter()
                .filter(|done| done.setting.network == network && done.setting.noise == noise);
            for done in of_group {
                group.seconds += done.outcome.seconds;
                group.verdicts.extend(done.outcome.verdict);
                let of_method = group.trained.iter_mut();
                for (_, trained) in of_method.filter(|(method, _)| Some(*method) == done.method) {
                    trained.extend(done.outcome.trained);
                }
            }
            groups.push(group);
        }
    }
    groups
}

/// For people, in percent.
pub(crate) fn markdown(plan: &Plan, groups: &[Group]) -> String {
    let methods: Vec<String> = plan.methods.iter().map(|method| method.name()).collect();
    let mut text = format!(
        "Test error in %, {}, after the last epoch; F1 of the flagged samples.\n\n| network | noise | F1 | {} |\n|---|---|---|{}\n",
        match plan.seeds.len() {
            1 => "one seed".to_owned(),
            seeds => format!("mean ± standard deviation over {seeds} seeds"),
        },
        methods.join(" | "),
        "---|".repeat(methods.len())
    );
    for group in groups {
        let f1: Vec<f64> = group
            .verdicts
            .iter()
            .filter_map(|verdict| verdict.f1)
            .collect();
        let f1 = Spread::of(&f1).map_or("—".to_owned(), |f1| format!("{:.3}", f1.mean));
        let cells: Vec<String> = group
            .trained
            .iter()
            .map(|(_, trained)| cell(trained))
            .collect();
        text += &format!(
            "| {} | {} | {f1} | {} |\n",
            group.network,
            group.noise,
            cells.join(" | ")
        );
    }
    let seconds: f64 = groups.iter().map(|group| group.seconds).sum();
    text + &format!("\n{} of training in all.\n", told_duration(seconds))
}

fn cell(trained: &[Trained]) -> String {
    let errors: Vec<f64> = trained
        .iter()
        .map(|trained| 100.0 * trained.test_error)
        .collect();
    Spread::of(&errors).map_or("—".to_owned(), |errors| {
        let deviation = errors.deviation;
        let deviation = deviation.map_or_else(String::new, |of| format!(" ± {of:.2}"));
        format!("{:.2}{deviation}", errors.mean)
    })
}

/// For programs: a row a network, noise and method; errors are shares, 0 to 1.
pub(crate) fn csv(groups: &[Group]) -> String {
    let mut text = "network,noise,method,seeds,test_error,test_error_deviation,lowest_test_error,highest_test_error,best_test_error,test_top5_error,left_out,flagged,precision,recall,f1\n".to_owned();
    for group in groups {
        for (method, trained) in &group.trained {
            let of = |value: &dyn Fn(&Trained) -> Option<f64>| -> Vec<f64> {
                trained.iter().filter_map(value).collect()
            };
            let of_verdicts = |value: &dyn Fn(&Verdict) -> Option<f64>| -> Vec<f64> {
                group.verdicts.iter().filter_map(value).collect()
            };
            let errors = of(&|trained| Some(trained.test_error));
            let Some(spread) = Spread::of(&errors) else {
                continue;
            };
            let lowest = errors.iter().copied().fold(f64::INFINITY, f64::min);
            let highest = errors.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let means = [
                of(&|trained| trained.best_test_error),
                of(&|trained| trained.test_top5_error),
                of(&|trained| Some(trained.left_out as f64)),
                of_verdicts(&|verdict| Some(verdict.flagged as f64)),
                of_verdicts(&|verdict| verdict.precision),
                of_verdicts(&|verdict| verdict.recall),
                of_verdicts(&|verdict| verdict.f1),
            ];
            let means = means.map(|values| {
                Spread::of(&values).map_or_else(String::new, |spread| spread.mean.to_string())
            });
            text += &format!(
                "{},{},{},{},{},{},{lowest},{highest},{}\n",
                group.network,
                group.noise,
                method.name(),
                spread.count,
                spread.mean,
                spread
                    .deviation
                    .map_or_else(String::new, |of| of.to_string()),
                means.join(",")
            );
        }
    }
    text
}

/// Test error by method, drawn; `None` where nothing was trained.
pub(crate) fn figure(plan: &Plan, groups: &[Group]) -> Option<Figure<'static>> {
    let drawn = groups.iter().map(|group| {
        let methods = group.trained.iter().map(|(method, trained)| {
            let errors = trained.iter().map(|trained| trained.test_error);
            (method.name(), errors.collect())
        });
        TestErrors {
            heading: format!("{}, {}", group.network, noise_in_words(group.noise)),
            methods: methods.collect(),
        }
    });
    test_errors(&plan.name, drawn.collect())
}

fn noise_in_words(noise: &Noise) -> String {
    match noise {
        Noise::None => "no noise added".to_owned(),
        Noise::Of(kind, rate) => format!("{kind} noise, {} %", (1e4 * rate).round() / 100.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spread_of_two_four_and_six_is_two_about_four() {
        let spread = Spread::of(&[2.0, 4.0, 6.0]).unwrap();
        assert_eq!((spread.count, spread.mean), (3, 4.0));
        assert_eq!(spread.deviation, Some(2.0));
        assert_eq!(Spread::of(&[3.0]).unwrap().deviation, None);
        assert_eq!(Spread::of(&[]), None);
    }
}
