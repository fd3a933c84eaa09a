//! Warnings about files, the same one about many files told once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What is worth a warning, and in which files.
#[derive(Debug, Default)]
pub(crate) struct FileWarnings {
    files_by_text: BTreeMap<String, Vec<PathBuf>>,
}

impl FileWarnings {
    /// Takes up a warning about `path`, whether or not its text begins with the path.
    pub(crate) fn add(&mut self, path: &Path, warning: &str) {
        let text = warning
            .strip_prefix(&format!("{}: ", path.display()))
            .unwrap_or(warning);
        self.files_by_text
            .entry(text.to_owned())
            .or_default()
            .push(path.to_owned());
    }

    /// A line for each, ordered by the first file.
    pub(crate) fn into_lines(self) -> Vec<String> {
        let mut lines: Vec<String> = self
            .files_by_text
            .into_iter()
            .filter_map(|(text, files)| {
                let first = files.first()?.display();
                Some(match files.len() {
                    1 => format!("{first}: {text}"),
                    2 => format!("{first} and 1 more file: {text}"),
                    count => format!("{first} and {} more files: {text}", count - 1),
                })
            })
            .collect();
        lines.sort();
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_warning_about_many_files_is_one_line() {
        let mut warnings = FileWarnings::default();
        for file in ["a", "b", "c"] {
            warnings.add(Path::new(file), &format!("{file}: is odd"));
        }
        warnings.add(Path::new("b"), "has another length");
        assert_eq!(
            warnings.into_lines(),
            ["a and 2 more files: is odd", "b: has another length"]
        );
    }
}
