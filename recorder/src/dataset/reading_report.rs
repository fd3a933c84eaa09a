//! What was taken for what when data were read, and what was left aside: said before anything is trained, so
//! that nobody has to guess. Each kind of data set fills in what it alone knows; files, parts and classes are
//! told from the samples themselves.

/// So much that was left aside is told one by one; the rest is counted.
const MOST_TOLD: usize = 50;

/// What was taken for what.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReadingReport {
    /// Where the labels are and of which type, such as "column label of texts".
    pub labels: Option<String>,
    /// Where the labels known to be right are, where some are.
    pub truth: Option<String>,
    /// Which column has the owner's ids, and of which type, where one was named.
    pub ids: Option<String>,
    /// Which features are trained on, such as "4, a, b, c, d".
    pub features: Option<String>,
    /// The columns that they are, in order, where each is one.
    pub feature_columns: Vec<String>,
    /// What else is worth knowing of how it was read, such as a separator other than the comma.
    pub remarks: Vec<String>,
    /// Columns, files, folders and rows that were left aside, each with the reason.
    pub left_aside: Vec<String>,
    /// How much more was left aside than is told.
    pub more_left_aside: usize,
}

impl ReadingReport {
    /// Notes that `what` was left aside, and why.
    pub(crate) fn leave_aside(&mut self, what: &str, why: &str) {
        match self.left_aside.len() < MOST_TOLD {
            true => self.left_aside.push(format!("{what}: {why}")),
            false => self.more_left_aside += 1,
        }
    }

    /// Lines for people, with at most `listed` of what was left aside.
    pub(crate) fn lines(&self, listed: usize) -> Vec<String> {
        let told =
            |name: &str, text: &Option<String>| text.as_ref().map(|text| format!("{name}: {text}"));
        let mut lines: Vec<String> = [
            told("labels", &self.labels),
            told("truth", &self.truth),
            told("ids", &self.ids),
            told("features", &self.features),
        ]
        .into_iter()
        .flatten()
        .collect();
        lines.extend(self.remarks.iter().cloned());
        let aside = self.left_aside.iter().take(listed);
        lines.extend(aside.map(|what| format!("left aside: {what}")));
        match self.left_aside.len().saturating_sub(listed) + self.more_left_aside {
            0 => {}
            rest => lines.push(format!(
                "left aside: {rest} more; `recorder data` tells them"
            )),
        }
        lines
    }
}

/// The first few of some names, and how many more there are.
pub(crate) fn first_names<'a>(
    names: impl ExactSizeIterator<Item = &'a str>,
    most: usize,
) -> String {
    let rest = names.len().saturating_sub(most);
    let told = names.take(most).collect::<Vec<_>>().join(", ");
    match rest {
        0 => told,
        rest => format!("{told} and {rest} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn much_that_was_left_aside_is_counted() {
        let mut report = ReadingReport::default();
        for row in 0..60 {
            report.leave_aside(&format!("row {row}"), "empty");
        }
        let lines = report.lines(2);
        assert_eq!(
            lines[..2],
            ["left aside: row 0: empty", "left aside: row 1: empty"]
        );
        assert_eq!(lines[2], "left aside: 58 more; `recorder data` tells them");
    }

    #[test]
    fn of_many_names_the_first_are_told() {
        let names = ["a", "b", "c"];
        assert_eq!(first_names(names.into_iter(), 2), "a, b and 1 more");
        assert_eq!(first_names(names.into_iter(), 3), "a, b, c");
    }
}
