//! An overview for people.

use std::fmt::Write;

use crate::overview::duplicates::{Duplicates, Place};
use crate::overview::findings::Overview;

/// Constant columns that are named; the rest is counted.
const NAMED_COLUMNS: usize = 10;

impl Overview {
    /// Lines of text, with at most `listed` groups of equal samples under different labels.
    pub fn to_text(&self, listed: usize) -> String {
        let mut text = format!(
            "Data set {}: {} training and {} test samples in {} classes\n\n",
            self.dataset,
            self.training_samples,
            self.test_samples,
            self.classes.len()
        );
        for line in &self.reading {
            let _ = writeln!(text, "  {line}");
        }
        text.push('\n');
        for (name, value) in self.facts() {
            let _ = writeln!(text, "  {name:<21} {value}");
        }
        self.write_classes(&mut text);
        if !self.confusions.is_empty() {
            text += "\nWhat became of the true labels:\n";
            for line in &self.confusions {
                let _ = writeln!(text, "{line}");
            }
        }
        write_conflicts(&mut text, &self.duplicates, listed);
        if !self.notes.is_empty() {
            text += "\nNotes:\n";
            for note in &self.notes {
                let _ = writeln!(text, "  {note}");
            }
        }
        text
    }

    fn facts(&self) -> Vec<(&'static str, String)> {
        let mut facts = Vec::new();
        if let Some(mislabeled) = self.mislabeled {
            let share = 100.0 * mislabeled as f64 / self.training_samples.max(1) as f64;
            facts.push((
                "Mislabeled",
                format!("{mislabeled} training samples ({share:.1} %)"),
            ));
        }
        if let Some(sizes) = &self.sizes {
            let size = |[width, height]: [usize; 2]| format!("{width}×{height}");
            let told = match sizes.different {
                1 => format!("{} pixels, all images", size(sizes.median)),
                different => format!(
                    "{} to {} pixels, median {}, {different} different",
                    size(sizes.smallest),
                    size(sizes.largest),
                    size(sizes.median)
                ),
            };
            facts.push(("Sizes", told));
            facts.push(("Unreadable images", self.unreadable_images.to_string()));
            facts.push(("Channel means", one_decimal(&self.channel_means)));
            facts.push(("Channel deviations", one_decimal(&self.channel_deviations)));
        }
        if let Some(values) = &self.values {
            facts.push(("Values a sample", values.dimension.to_string()));
            facts.push((
                "Range",
                format!("{} to {}", values.smallest, values.largest),
            ));
            facts.push(("Constant columns", constant(&values.constant_columns)));
        }
        let duplicates = &self.duplicates;
        facts.push(("Repeated in training", duplicates.repeated.to_string()));
        let other = duplicates.test_under_other_label;
        let in_test = format!(
            "{} ({other} under another label)",
            duplicates.test_in_training
        );
        facts.push(("Test in training", in_test));
        let samples: usize = duplicates.conflicts.iter().map(Vec::len).sum();
        let groups = duplicates.conflicts.len();
        let conflicts = match groups {
            0 => "none".to_owned(),
            1 => format!("1 group of {samples} training samples"),
            groups => format!("{groups} groups, {samples} training samples"),
        };
        facts.push(("Equal, other labels", conflicts));
        facts
    }

    fn write_classes(&self, text: &mut String) {
        let widest = self.classes.iter().map(|class| class.name.chars().count());
        let width = widest.max().unwrap_or(0).max("Name".len());
        let _ = writeln!(text, "\n  Class  {:<width$}  Training    Test", "Name");
        for class in &self.classes {
            let _ = writeln!(
                text,
                "  {:>5}  {:<width$}  {:>8}  {:>6}",
                class.class, class.name, class.training, class.test
            );
        }
    }
}

fn write_conflicts(text: &mut String, duplicates: &Duplicates, listed: usize) {
    if duplicates.conflicts.is_empty() {
        return;
    }
    *text += "\nEqual training samples under different labels, by pairs of classes:\n";
    for pair in duplicates.pairs.iter().take(listed) {
        let [first, second] = &pair.classes;
        let _ = writeln!(text, "  {first} and {second}: {}", pair.groups);
    }
    write_rest(text, duplicates.pairs.len(), listed, "pairs");
    *text += "\nThe groups; a number is a sample's id in logs:\n";
    for group in duplicates.conflicts.iter().take(listed) {
        let place = |place: &Place| {
            format!(
                "{} {} ({} row {})",
                place.sample_id, place.given_label, place.file, place.row
            )
        };
        let places: Vec<String> = group.iter().map(place).collect();
        let _ = writeln!(text, "  {}", places.join(" = "));
    }
    write_rest(text, duplicates.conflicts.len(), listed, "groups");
}

fn write_rest(text: &mut String, count: usize, listed: usize, what: &str) {
    if count > listed {
        let _ = writeln!(
            text,
            "  and {} more {what}; `list` N lists N",
            count - listed
        );
    }
}

fn one_decimal(numbers: &[f64]) -> String {
    let numbers: Vec<String> = numbers
        .iter()
        .map(|number| format!("{number:.1}"))
        .collect();
    numbers.join(", ")
}

fn constant(columns: &[usize]) -> String {
    let named: Vec<String> = columns
        .iter()
        .take(NAMED_COLUMNS)
        .map(ToString::to_string)
        .collect();
    match columns.len() {
        0 => "none".to_owned(),
        count if count > NAMED_COLUMNS => {
            format!("{count}, among them {} (from 0)", named.join(", "))
        }
        count => format!("{count}: {} (from 0)", named.join(", ")),
    }
}
