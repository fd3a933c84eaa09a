//! Which samples a report lists, and where each of them lies: its file, its row there, and its picture.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use logformat::SampleEntry;

use crate::page::own_values::OwnValues;
use crate::plots::plotted_run::PlottedRun;
use crate::plots::run_view::RunView;
use crate::rules::verdict::SampleVerdict;

/// The list has at most this many samples, the most suspicious ones: a page has to stay readable.
const MOST_LISTED: usize = 20_000;

/// The flagged samples, or without any threshold all, the lowest AUM first.
pub(crate) fn listed(view: RunView<'_>) -> Vec<usize> {
    let has_threshold = view.analysis.verdicts.flagged_count().is_some();
    let is_listed = |verdict: &SampleVerdict| !has_threshold || verdict.flagged == Some(true);
    let ranking = view.analysis.ranking().iter().copied();
    ranking
        .filter(|&sample| is_listed(&view.analysis.verdicts.get(sample)))
        .take(MOST_LISTED)
        .collect()
}

/// What the sample table of a run has of the samples that a report lists, and where the page will be.
#[derive(Debug, Default)]
pub struct ListedSamples {
    /// By their positions in the run.
    pub(crate) entries: BTreeMap<usize, SampleEntry>,
    /// What else is known of those that are rows of a table.
    pub(crate) values: OwnValues,
    pub(crate) page: PathBuf,
}

impl ListedSamples {
    /// For the report `page` of this run.
    pub fn read(run: &PlottedRun<'_>, page: &Path) -> Self {
        let entries = run.sample_entries(&listed(run.view));
        Self {
            values: OwnValues::read(run.view.log, &entries),
            entries,
            page: page.to_owned(),
        }
    }

    /// The address of a file as seen from the page; `None` where the file is not there.
    pub(crate) fn link(&self, file: &str) -> Option<String> {
        let file = Path::new(file);
        if !file.is_file() {
            return None;
        }
        let page = std::path::absolute(&self.page).ok()?;
        let target = std::path::absolute(file).ok()?;
        Some(relative(page.parent()?, &target))
    }
}

/// The address of `file` for a page in `folder`, both absolute.
fn relative(folder: &Path, file: &Path) -> String {
    let both = folder.components().zip(file.components());
    let shared = both.take_while(|(one, other)| one == other).count();
    let up = folder.components().skip(shared).map(|_| "..".to_owned());
    let down = file.components().skip(shared);
    let down = down.map(|part| encoded(&part.as_os_str().to_string_lossy()));
    // Without the dot, a name with a colon would be taken for the scheme of an address.
    let parts: Vec<String> = [".".to_owned()].into_iter().chain(up).chain(down).collect();
    parts.join("/")
}

/// A part of a path in an address (RFC 3986).
fn encoded(part: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let bytes = part.bytes().map(|byte| match is_plain(byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    });
    bytes.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_relative_to_the_folder_of_the_page() {
        let link = |folder: &str, file: &str| relative(Path::new(folder), Path::new(file));
        assert_eq!(link("/a/b", "/a/b/cat/1.jpg"), "./cat/1.jpg");
        assert_eq!(link("/a/b/reports", "/a/b/1.jpg"), "./../1.jpg");
        assert_eq!(link("/x", "/a/1.jpg"), "./../a/1.jpg");
    }

    #[test]
    fn names_are_no_markup_and_no_scheme_in_addresses() {
        let name = "javascript:a #1?\u{e4}\"<.jpg";
        let link = relative(Path::new("/a"), &Path::new("/a").join(name));
        assert_eq!(link, "./javascript%3Aa%20%231%3F%C3%A4%22%3C.jpg");
    }

    #[test]
    fn a_file_that_is_not_there_has_no_link() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("1.jpg");
        let listed = ListedSamples {
            page: folder.path().join("report.html"),
            ..ListedSamples::default()
        };
        assert_eq!(listed.link(&file.to_string_lossy()), None);
        std::fs::write(&file, "").unwrap();
        let link = listed.link(&file.to_string_lossy());
        assert_eq!(link.as_deref(), Some("./1.jpg"));
    }
}
