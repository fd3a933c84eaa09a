//! Doubts about classes: an extra class that nobody marked, classes too rare to be learned, true labels in
//! another order of classes, and a network that does no better than chance.

use std::collections::BTreeMap;

use crate::analysis::notes::counted;
use crate::analysis::run_analysis::RunAnalysis;
use crate::logs::run_log::RunLog;
use crate::rules::evaluation::{is_mislabeled, known_class, share};

/// What a network never sees more often it cannot learn, so that it is low whether its label is right or
/// wrong. A choice: no source names a number.
const FEWEST_TO_JUDGE: usize = 5;
/// Only beside classes that have so many times more is a class a rare one, and not the data set small.
const RARER_THAN_THE_MEAN: usize = 10;
/// A network that prefers the assigned label of no more than so many times the share that chance would has
/// learned nothing, or something else.
const AS_GOOD_AS_CHANCE: f64 = 1.2;
/// Below so many judged samples chance is anything.
const FEWEST_FOR_CHANCE: usize = 100;

/// What the class of threshold samples is called where somebody names it, in whichever case.
const NAMES_OF_EXTRA: [&str; 5] = [
    "extra",
    "extra class",
    "fake",
    "threshold",
    "threshold samples",
];

/// How many samples of a given class are judged, and for how many of these the network prefers on average
/// over the epochs another class, or this one.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct ClassCounts {
    judged: usize,
    refused: usize,
    preferred: usize,
}

impl ClassCounts {
    fn is_mostly_refused(self) -> bool {
        2 * self.refused > self.judged
    }
}

/// What is doubtful about the classes of a run.
pub(crate) fn doubts(log: &RunLog, analysis: &RunAnalysis) -> impl Iterator<Item = String> {
    let classes = counts_by_class(log, analysis);
    [
        unmarked_extra_class(log, &classes),
        rare_classes(log, analysis, &classes),
        other_order_of_classes(log),
        as_good_as_chance(&classes),
        too_few_names(log),
    ]
    .into_iter()
    .flatten()
}

/// The counts of each given class that has judged samples, ascending by its index.
fn counts_by_class(log: &RunLog, analysis: &RunAnalysis) -> Vec<(u32, ClassCounts)> {
    let aums = analysis.verdicts.aums();
    by_given_class(log, aums, |class: &mut ClassCounts, aum| {
        class.judged += 1;
        class.refused += usize::from(aum < 0.0);
        class.preferred += usize::from(aum > 0.0);
    })
}

/// What `add` makes of the values of the samples of each given class, ascending by its index; classes without a
/// value are left out. Of indices that go far beyond the number of samples no list is made.
pub(super) fn by_given_class<C: Clone + Default + PartialEq, V>(
    log: &RunLog,
    values: impl Iterator<Item = Option<V>>,
    add: impl Fn(&mut C, V),
) -> Vec<(u32, C)> {
    let last = log.given_labels.iter().flatten().max();
    let last = last.map_or(0, |&last| last as usize);
    let length = if last > log.sample_count() {
        0
    } else {
        last + 1
    };
    let (mut near, mut far) = (vec![C::default(); length], BTreeMap::<u32, C>::new());
    for (given, value) in log.given_labels.iter().zip(values) {
        if let (Some(given), Some(value)) = (*given, value) {
            let class = match near.get_mut(given as usize) {
                Some(class) => class,
                None => far.entry(given).or_default(),
            };
            add(class, value);
        }
    }
    let classes = (0..).zip(near).chain(far);
    classes
        .filter(|(_, class)| *class != C::default())
        .collect()
}

/// The last class, where no sample is marked as a threshold sample and the network learns every class but
/// this one: so it is with samples that were put there on purpose.
fn unmarked_extra_class(log: &RunLog, classes: &[(u32, ClassCounts)]) -> Option<String> {
    let is_marked = log
        .passes
        .iter()
        .any(|pass| pass.is_threshold_sample.contains(&true));
    let ((last, extra), others) = classes.split_last()?;
    let are_learned = others.iter().all(|(_, class)| !class.is_mostly_refused());
    let name = log.class_names.get(*last as usize);
    let is_a_class = name.is_some_and(|name| !NAMES_OF_EXTRA.contains(&&*name.to_lowercase()));
    if is_marked || is_a_class || others.len() < 2 || !are_learned || !extra.is_mostly_refused() {
        return None;
    }
    Some(format!(
        "class {last} ({}) looks like the extra class of threshold samples, for the network prefers every other class; if it is, mark them in a column is_threshold_sample",
        counted(extra.judged, "sample")
    ))
}

fn rare_classes(
    log: &RunLog,
    analysis: &RunAnalysis,
    classes: &[(u32, ClassCounts)],
) -> Option<String> {
    analysis
        .verdicts
        .flagged_count()
        .filter(|&flagged| flagged > 0)?;
    let judged: usize = classes.iter().map(|(_, class)| class.judged).sum();
    let mean = judged / classes.len().max(1);
    let is_rare = |count: usize| count < FEWEST_TO_JUDGE && RARER_THAN_THE_MEAN * count <= mean;
    let rare = classes.iter().filter(|(_, class)| is_rare(class.judged));
    let rare: Vec<String> = rare
        .map(|(class, counts)| format!("{} ({})", log.class_name(*class), counts.judged))
        .collect();
    (!rare.is_empty()).then(|| {
        format!(
            "classes with fewer than {FEWEST_TO_JUDGE} samples cannot be judged, for the network hardly sees them: {}; look at these by hand",
            rare.join(", ")
        )
    })
}

/// True labels that name the classes in another order disagree nearly everywhere, and for each class in the
/// same way.
fn other_order_of_classes(log: &RunLog) -> Option<String> {
    let pairs = || log.given_labels.iter().zip(&log.true_labels);
    let known = pairs().filter_map(|(given, truth)| is_mislabeled(*given, *truth));
    let (known, mislabeled) = known.fold((0, 0), |(known, wrong), is| {
        (known + 1, wrong + usize::from(is))
    });
    // Where most classes are mostly wrong, no smaller share is, unless classes differ much in size.
    if 4 * mislabeled < known {
        return None;
    }
    let mut counts = BTreeMap::<u32, BTreeMap<u32, usize>>::new();
    for (given, truth) in pairs() {
        if let (Some(given), Some(truth)) = (given, known_class(*truth)) {
            *counts.entry(*given).or_default().entry(truth).or_default() += 1;
        }
    }
    let mostly = counts.iter().filter_map(|(given, truths)| {
        let all: usize = truths.values().sum();
        let (truth, most) = truths.iter().max_by_key(|(_, count)| **count)?;
        (truth != given && all >= FEWEST_TO_JUDGE && 2 * most > all).then_some((*given, *truth))
    });
    let others: Vec<(u32, u32)> = mostly.collect();
    let (given, truth) = *others.first()?;
    (others.len() > 1 && 2 * others.len() > counts.len()).then(|| {
        format!(
            "most samples of {} have the true label {}, and so it is with {} of {} classes: the true labels seem to count the classes in another order; give them by name, or check the order of the class names",
            log.class_name(given),
            log.class_name(truth),
            others.len(),
            counts.len()
        )
    })
}

/// Class names of something else than the labels.
fn too_few_names(log: &RunLog) -> Option<String> {
    let names = log.class_names.len();
    let unnamed = |label: &u32| *label as usize >= names;
    let truths = log.true_labels.iter().map(|truth| known_class(*truth));
    let mut labels = log.given_labels.iter().copied().chain(truths).flatten();
    let label = labels.find(|label| names > 0 && unnamed(label))?;
    Some(format!(
        "a sample has the label {label}, but the log names {names} classes, 0 to {}: the names do not fit the labels, and may stand beside the wrong ones; log them in the order of the indices",
        names - 1
    ))
}

fn as_good_as_chance(classes: &[(u32, ClassCounts)]) -> Option<String> {
    let of_all =
        |count: fn(&ClassCounts) -> usize| classes.iter().map(move |(_, class)| count(class));
    let all: usize = of_all(|class| class.judged).sum();
    let preferred = share(of_all(|class| class.preferred).sum(), all)?;
    // Always naming the commonest class is chance, too.
    let chance = share(of_all(|class| class.judged).max()?, all)?;
    (all >= FEWEST_FOR_CHANCE && classes.len() > 1 && preferred <= AS_GOOD_AS_CHANCE * chance).then(|| {
        format!(
            "on average over these epochs the network prefers the given label of {:.0} % of the samples, and always naming the commonest class would be right for {:.0} %: either it has learned nothing, or the labels belong to other samples; check that ids, labels and logits come in the same order",
            100.0 * preferred,
            100.0 * chance
        )
    })
}

#[cfg(test)]
mod tests {
    use logformat::SampleIds;

    use super::*;
    use crate::analysis::run_analysis::analyze;
    use crate::analysis::settings::AumSettings;
    use crate::logs::origins::Origins;
    use crate::logs::repeats::RepeatedRows;
    use crate::logs::run_log::{EpochMargins, PassLog};
    use crate::rules::evaluation::ANOTHER_CLASS;

    /// One pass, one epoch: for each class (its index) so many samples with this margin, and as the last
    /// of all two threshold samples at −1.
    fn log(classes: &[(u32, usize, f32)], with_threshold_samples: bool) -> RunLog {
        let of_class =
            |&(class, count, margin): &(u32, usize, f32)| vec![(class, margin, false); count];
        let mut samples: Vec<(u32, f32, bool)> = classes.iter().flat_map(of_class).collect();
        if with_threshold_samples {
            samples.extend([(0, -1.0, true); 2]);
        }
        let margins: Vec<Option<f32>> = samples.iter().map(|sample| Some(sample.1)).collect();
        let labels: Vec<Option<u32>> = samples.iter().map(|sample| Some(sample.0)).collect();
        RunLog {
            run: Some("a".to_owned()),
            sample_ids: SampleIds::Integers((0..).take(samples.len()).collect()),
            true_labels: vec![None; samples.len()],
            passes: vec![PassLog {
                pass: 1,
                assigned_labels: labels.clone(),
                is_threshold_sample: samples.iter().map(|sample| sample.2).collect(),
                epochs: vec![EpochMargins::new(2, &margins)],
                sums: None,
                held_out_accuracies: Vec::new(),
            }],
            given_labels: labels,
            class_names: Vec::new(),
            learning_rate_drops: Vec::new(),
            configuration: serde_json::Value::Null,
            file_count: 1,
            true_labels_from: None,
            held_out: Vec::new(),
            held_out_accuracies: Vec::new(),
            repeats: RepeatedRows::default(),
            origins: Origins::default(),
        }
    }

    fn doubts_of(log: &RunLog) -> Vec<String> {
        doubts(log, &analyze(log, &AumSettings::default()).unwrap()).collect()
    }

    #[test]
    fn an_extra_class_that_nobody_marked_is_recognised_by_what_the_network_thinks_of_it() {
        let classes = [(0, 20, 2.0), (1, 20, 3.0), (2, 20, 1.0), (3, 6, -2.0)];
        let said = doubts_of(&log(&classes, false));
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(
            said[0].starts_with("class 3 (6 samples) looks like the extra class"),
            "{said:?}"
        );
        assert!(said[0].contains("is_threshold_sample"));
        // Where it has a name, or where another class is not learned either, it may be a class.
        let mut named = log(&classes, false);
        named.class_names = ["a", "b", "c", "d"].map(str::to_owned).to_vec();
        assert!(doubts_of(&named).is_empty());
        named.class_names[3] = "Extra".to_owned();
        assert_eq!(doubts_of(&named).len(), 1);
        let far = doubts_of(&log(&[(0, 20, 2.0), (1, 20, 3.0), (999, 6, -2.0)], false));
        assert!(
            far[0].starts_with("class 999 (6 samples) looks like"),
            "{far:?}"
        );
        assert!(doubts_of(&log(&[(0, 20, 2.0), (1, 20, -3.0), (2, 6, -2.0)], false)).is_empty());
        assert!(doubts_of(&log(&classes, true)).is_empty());
    }

    #[test]
    fn rare_classes_are_named_where_samples_are_flagged() {
        let said = doubts_of(&log(
            &[(0, 97, 2.0), (1, 99, 2.0), (2, 2, -3.0), (3, 1, -3.0)],
            true,
        ));
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(
            said[0].contains("fewer than 5 samples cannot be judged"),
            "{said:?}"
        );
        assert!(said[0].contains("2 (2), 3 (1)"), "{said:?}");
        // A small data set is small in all of its classes.
        assert!(doubts_of(&log(&[(0, 9, 2.0), (1, 3, -3.0)], true)).is_empty());
    }

    #[test]
    fn true_labels_in_another_order_of_classes_are_no_wrong_labels() {
        let mut log = log(&[(0, 20, 2.0), (1, 20, 2.0), (2, 20, 2.0)], true);
        log.true_labels = log
            .given_labels
            .iter()
            .map(|label| Some((label.unwrap() + 1) % 3))
            .collect();
        let said = doubts_of(&log);
        assert!(
            said[0].contains("most samples of 0 have the true label 1"),
            "{said:?}"
        );
        assert!(said[0].contains("3 of 3 classes"), "{said:?}");
        // One class that is mostly wrong is noise.
        log.true_labels = log
            .given_labels
            .iter()
            .map(|label| label.map(|label| label.max(1)))
            .collect();
        assert!(doubts_of(&log).is_empty());
    }

    #[test]
    fn names_that_are_fewer_than_the_classes_do_not_fit_them() {
        let mut log = log(&[(0, 20, 2.0), (1, 20, 2.0), (2, 20, 2.0)], true);
        log.class_names = ["cat", "dog"].map(str::to_owned).to_vec();
        let said = doubts_of(&log);
        assert!(
            said[0].contains("the label 2, but the log names 2 classes, 0 to 1"),
            "{said:?}"
        );
        log.class_names.push("bird".to_owned());
        assert!(doubts_of(&log).is_empty());
        // Of a label that is only known to be wrong there is no name.
        log.true_labels[0] = Some(ANOTHER_CLASS);
        assert!(doubts_of(&log).is_empty());
    }

    #[test]
    fn a_network_at_chance_is_said_to_be() {
        let said = doubts_of(&log(&[(0, 60, 1.0), (1, 60, -1.0)], true));
        assert!(
            said[0].contains("prefers the given label of 50 % of the samples"),
            "{said:?}"
        );
        assert!(doubts_of(&log(&[(0, 60, 1.0), (1, 30, 1.0), (1, 30, -1.0)], true)).is_empty());
    }
}
