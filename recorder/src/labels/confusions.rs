//! What became of each true class: how often which class was given instead.

use std::cmp::Reverse;

/// So many classes are told; the rest is counted.
const TOLD_CLASSES: usize = 20;
/// So many given classes are told for each of them.
const TOLD_CONFUSIONS: usize = 3;

/// How many samples of each true class (row) carry each given class (column).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confusions {
    counts: Vec<Vec<usize>>,
}

impl Confusions {
    /// Counts the samples whose truth is known; all labels are below `class_count`.
    pub fn count(truth: &[Option<u32>], given: &[u32], class_count: u32) -> Self {
        let classes = class_count as usize;
        let mut counts = vec![vec![0; classes]; classes];
        for (&truth, &given) in truth.iter().zip(given) {
            if let Some(truth) = truth {
                counts[truth as usize][given as usize] += 1;
            }
        }
        Self { counts }
    }

    /// The table: a row a true class, a column a given class.
    pub fn table(&self) -> &[Vec<usize>] {
        &self.counts
    }

    fn samples(&self, class: usize) -> usize {
        self.counts[class].iter().sum()
    }

    fn mislabeled(&self, class: usize) -> usize {
        self.samples(class) - self.counts[class][class]
    }

    /// A line for each of the classes with the most mislabeled samples, and the classes that these
    /// are given most often.
    pub fn describe(&self, class_names: &[String]) -> Vec<String> {
        let mut classes: Vec<usize> = (0..self.counts.len())
            .filter(|&class| self.mislabeled(class) > 0)
            .collect();
        classes.sort_by_key(|&class| (Reverse(self.mislabeled(class)), class));
        let mut lines: Vec<String> = classes
            .iter()
            .take(TOLD_CLASSES)
            .map(|&class| self.describe_class(class, class_names))
            .collect();
        if classes.len() > TOLD_CLASSES {
            let rest = classes.len() - TOLD_CLASSES;
            lines.push(format!("  and {rest} more classes with mislabeled samples"));
        }
        lines
    }

    fn describe_class(&self, class: usize, class_names: &[String]) -> String {
        let mut others: Vec<(usize, usize)> = self.counts[class]
            .iter()
            .copied()
            .enumerate()
            .filter(|&(given, count)| given != class && count > 0)
            .collect();
        others.sort_by_key(|&(given, count)| (Reverse(count), given));
        let told: Vec<String> = others
            .iter()
            .take(TOLD_CONFUSIONS)
            .map(|&(given, count)| format!("{} ({count})", class_names[given]))
            .collect();
        format!(
            "  true {}: {} of {} mislabeled, given {}{}",
            class_names[class],
            self.mislabeled(class),
            self.samples(class),
            told.join(", "),
            if others.len() > TOLD_CONFUSIONS {
                ", …"
            } else {
                ""
            }
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(count: usize) -> Vec<String> {
        (0..count).map(|class| format!("c{class}")).collect()
    }

    #[test]
    fn confusions_are_told_with_the_most_frequent_first() {
        let truth = [0, 0, 0, 0, 0, 0, 1, 1, 2].map(Some);
        let given = [0, 1, 2, 2, 3, 4, 1, 0, 2];
        let confusions = Confusions::count(&truth, &given, 5);
        assert_eq!(confusions.table()[0], [1, 1, 2, 1, 1]);
        let lines = confusions.describe(&names(5));
        let expected = [
            "  true c0: 5 of 6 mislabeled, given c2 (2), c1 (1), c3 (1), …",
            "  true c1: 1 of 2 mislabeled, given c0 (1)",
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn many_classes_are_cut_short() {
        let truth: Vec<Option<u32>> = (0..1000).map(Some).collect();
        let given: Vec<u32> = (0..1000).map(|class| (class + 1) % 1000).collect();
        let lines = Confusions::count(&truth, &given, 1000).describe(&names(1000));
        assert_eq!(lines.len(), 21);
        assert_eq!(lines[19], "  true c19: 1 of 1 mislabeled, given c20 (1)");
        assert_eq!(lines[20], "  and 980 more classes with mislabeled samples");
    }
}
