//! Where true labels come from that are not the log's own, and how many there are.

use std::path::Path;

use serde::Serialize;
use serde_json::json;

use crate::results::findings::Setting;
use crate::results::text::grouped;

/// A file of true labels, and what it has for one run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrueLabelSource {
    /// The file, as it was named.
    pub file: String,
    /// How many samples of the run have a label there.
    pub labels: usize,
    /// How many samples of the run are there without a label.
    pub without_label: usize,
    /// How many samples of the run are not there.
    pub not_in_file: usize,
    /// How many samples that are there are none of the run.
    pub not_in_run: usize,
}

impl TrueLabelSource {
    /// Nothing yet of this file.
    pub(crate) fn of(path: &Path) -> Self {
        Self {
            file: path.display().to_string(),
            labels: 0,
            without_label: 0,
            not_in_file: 0,
            not_in_run: 0,
        }
    }

    /// What it is, for the settings of a report.
    pub(crate) fn setting(&self) -> Setting {
        let told = [
            (self.not_in_file, "not in it"),
            (self.without_label, "without a label there"),
            (self.not_in_run, "of its ids not in the run"),
        ];
        let told = told.into_iter().filter(|(count, _)| *count > 0);
        let told: Vec<String> = told
            .map(|(count, what)| format!("{} {what}", grouped(count)))
            .collect();
        let rest = match told.as_slice() {
            [] => String::new(),
            told => format!(" ({})", told.join(", ")),
        };
        Setting {
            key: "true_labels",
            value: json!(self),
            label: "True labels",
            text: format!(
                "{} from {}, in place of the log's{rest}",
                grouped(self.labels),
                self.file
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_told_and_what_is_not_is_not() {
        let all = TrueLabelSource {
            labels: 1234,
            ..TrueLabelSource::of(Path::new("experts.csv"))
        };
        assert_eq!(
            all.setting().text,
            "1,234 from experts.csv, in place of the log's"
        );
        let part = TrueLabelSource {
            not_in_file: 2000,
            not_in_run: 3,
            ..all
        };
        let expected = "1,234 from experts.csv, in place of the log's (2,000 not in it, 3 of its ids not in the run)";
        assert_eq!(part.setting().text, expected);
    }
}
