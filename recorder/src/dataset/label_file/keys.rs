//! Which sample a row of a file of labels is about: the one whose file or whose id it names, or else the one at
//! its place.

use std::collections::{BTreeMap, BTreeSet};

use logformat::{Label, SampleIds};

use crate::dataset::files::label_column::{has_no_name, is_called_as_ids, is_called_id};
use crate::dataset::label_file::cells::Cell;
use crate::dataset::samples::origins::{Origins, OwnIds};
use crate::error::label_file::LabelFileProblem;

/// What columns of file names are called.
const FILE_COLUMNS: [&str; 17] = [
    "filename",
    "file",
    "filepath",
    "path",
    "image",
    "img",
    "imagepath",
    "imgpath",
    "imagename",
    "imagefile",
    "imageid",
    "imgid",
    "name",
    "fname",
    "key",
    "photo",
    "picture",
];

/// How rows and samples belong together.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Joined {
    /// The row of each sample, from 0.
    pub(crate) rows: Vec<usize>,
    /// What there is to say of it.
    pub(crate) note: Option<String>,
}

fn is_file_column(name: &str) -> bool {
    let letters: String = name
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    FILE_COLUMNS.contains(&letters.as_str())
}

/// Whether a column says which sample a row is about.
pub(crate) fn is_key(name: &str) -> bool {
    is_file_column(name) || is_called_id(name) || has_no_name(name)
}

/// The column by which rows are joined to these samples: that of their owner's ids, the file names of samples that are files, or else ids.
pub(crate) fn key_column(columns: &[String], labels: &[usize], origins: &Origins) -> Option<usize> {
    let others = || (0..columns.len()).filter(|at| !labels.contains(at));
    let own = origins.own_ids.as_ref();
    if let Some(own) = own.and_then(|own| others().find(|&at| columns[at] == own.column)) {
        return Some(own);
    }
    let are_files = are_files(origins);
    let file = others().find(|&at| is_file_column(&columns[at]));
    let id = others().find(|&at| is_called_id(&columns[at]) || has_no_name(&columns[at]));
    match are_files {
        true => file.or(id),
        false => id.or(file),
    }
}

/// Whether each sample is a file of its own, or has the name of one.
fn are_files(origins: &Origins) -> bool {
    if !origins.names.is_empty() {
        return true;
    }
    let files: BTreeSet<u32> = origins.rows.iter().map(|(file, _)| *file).collect();
    files.len() == origins.rows.len()
}

/// Joins the rows with these keys to the samples. `Ok(None)` where the keys say nothing of them.
pub(crate) fn join(
    column: &str,
    keys: &[Cell],
    origins: &Origins,
) -> Result<Option<Joined>, LabelFileProblem> {
    let texts: Vec<String> = keys.iter().map(text).collect();
    match &origins.own_ids {
        Some(own) if own.column == column => join_own_ids(column, own, &texts).map(Some),
        _ if is_file_column(column) => join_files(column, &texts, origins),
        _ if are_names(keys) && are_files(origins) => join_files(column, &texts, origins),
        _ => join_ids(column, &texts, origins).map(Some),
    }
}

/// The same by a column whose name says nothing: by names of the samples' files, where it has them. Ids that count the
/// samples in another order may be what the rows are of, or left from before they were shuffled.
pub(crate) fn join_unnamed(
    column: &str,
    keys: &[Cell],
    origins: &Origins,
) -> Result<Option<Joined>, LabelFileProblem> {
    let texts = || -> Vec<String> { keys.iter().map(text).collect() };
    if are_names(keys) && are_files(origins) {
        return match join_files(column, &texts(), origins) {
            Err(LabelFileProblem::OtherFiles { .. }) => Ok(None),
            // A word or two may be the name of a file by chance.
            Err(LabelFileProblem::NoRowOf { found, samples, .. }) if 2 * found < samples => {
                Ok(None)
            }
            other => other,
        };
    }
    if is_called_as_ids(column)
        && let Err(order @ LabelFileProblem::OtherOrder(_)) = join_ids(column, &texts(), origins)
    {
        return Err(order);
    }
    Ok(None)
}

/// Whether [`join_unnamed`] may have something to say, so that the column has to be read for it.
pub(crate) fn may_join_unnamed(column: &str, origins: &Origins) -> bool {
    is_called_as_ids(column) || are_files(origins)
}

/// Whether these are texts and no numbers.
fn are_names(keys: &[Cell]) -> bool {
    let is_name = |key: &Cell| key.label().is_some_and(|label| label.number().is_none());
    keys.iter().all(is_name)
}

/// The same by a column under another name than that of the owner's ids, where it holds these; refused where it holds
/// most of them.
pub(crate) fn join_ids_called_otherwise(
    column: &str,
    keys: &[Cell],
    own: &OwnIds,
) -> Result<Option<Joined>, LabelFileProblem> {
    // A number of the row, as pandas writes it, may be equal to an id by chance.
    if has_no_name(column) || column == "index" {
        return Ok(None);
    }
    let texts: Vec<String> = keys.iter().map(text).collect();
    let here: BTreeSet<&str> = texts.iter().map(String::as_str).collect();
    let own_ids = own_keys(own);
    let found = own_ids
        .iter()
        .filter(|id| here.contains(id.as_str()))
        .count();
    let is_called_so = column.to_lowercase() == own.column.to_lowercase();
    // Numbers that are equal to some of the ids may count something else.
    let are_other_numbers = matches!(own.ids, SampleIds::Integers(_))
        && (unique(column, &texts).is_err() || found < own.ids.len() && !is_called_as_ids(column));
    match !is_called_so && (2 * found < own.ids.len() || are_other_numbers) {
        true => Ok(None),
        false => join_own_ids(column, own, &texts).map(Some),
    }
}

fn join_own_ids(column: &str, own: &OwnIds, ids: &[String]) -> Result<Joined, LabelFileProblem> {
    let row_of = unique(column, ids)?;
    let names = own_keys(own);
    let row = |name: &String| row_of.get(name.as_str()).copied();
    let rows: Vec<usize> = names.iter().filter_map(row).collect();
    match names.iter().find(|name| row(name).is_none()) {
        None => Ok(Joined {
            note: Some(format!(
                "labels are joined to samples by your ids in column {column}"
            )),
            rows,
        }),
        Some(missing) => Err(LabelFileProblem::NoRowOf {
            column: column.to_owned(),
            file: missing.clone(),
            found: rows.len(),
            samples: names.len(),
        }),
    }
}

/// The ids in the form of keys.
fn own_keys(own: &OwnIds) -> Vec<String> {
    let ids = (0..own.ids.len()).filter_map(|sample| own.ids.get(sample));
    ids.map(|id| text(&Cell::Text(id.to_string()))).collect()
}

fn text(cell: &Cell) -> String {
    cell.key().unwrap_or_default()
}

fn join_ids(column: &str, ids: &[String], origins: &Origins) -> Result<Joined, LabelFileProblem> {
    let row_of = unique(column, ids)?;
    let samples = 0..origins.rows.len();
    let found = |sample: usize| {
        let id = origins.sample_id(sample).to_string();
        row_of.get(id.as_str()).copied()
    };
    let rows: Vec<usize> = samples.clone().filter_map(found).collect();
    let missing = samples.clone().find(|&sample| found(sample).is_none());
    match rows.len() == samples.len() {
        true if !is_called_id(column) && !rows.is_sorted() => {
            Err(LabelFileProblem::OtherOrder(shown(column).to_owned()))
        }
        true => Ok(Joined {
            note: Some(format!(
                "labels are joined to samples by the ids in column {}",
                shown(column)
            )),
            rows,
        }),
        false => {
            let read = origins.kept.as_ref().map_or(samples.len(), |kept| kept.of);
            let is_one = |id: &&String| id.parse::<usize>().is_ok_and(|id| id < read);
            Err(match ids.iter().find(|id| !is_one(id)) {
                None => LabelFileProblem::NoRowOf {
                    column: shown(column).to_owned(),
                    file: origins.sample_id(missing.unwrap_or_default()).to_string(),
                    found: rows.len(),
                    samples: samples.len(),
                },
                Some(example) => LabelFileProblem::OtherIds {
                    column: shown(column).to_owned(),
                    example: example.clone(),
                    last: origins.sample_id(samples.len().saturating_sub(1)),
                },
            })
        }
    }
}

fn join_files(
    column: &str,
    names: &[String],
    origins: &Origins,
) -> Result<Option<Joined>, LabelFileProblem> {
    let samples = origins.rows.len();
    if !are_files(origins) {
        return Ok(None);
    }
    let names: Vec<String> = names.iter().map(|name| as_path(name)).collect();
    let files: Vec<String> = (0..samples)
        .map(|sample| as_path(&origins.file_name(sample)))
        .collect();
    let find = |ends: &Endings| -> Vec<Option<usize>> {
        files.iter().map(|file| ends.find(file)).collect()
    };
    let mut found = find(&Endings::of(&names, 0));
    if found.iter().all(Option::is_none) {
        // They may be from another place: a folder of somebody else's, or the web.
        found = find(&Endings::of(&names, common_folders(&names)));
    }
    let first_missing = found.iter().position(Option::is_none);
    let rows: Vec<usize> = found.into_iter().flatten().collect();
    match first_missing.map(|missing| files[missing].clone()) {
        Some(file) if rows.is_empty() => match names.iter().all(|name| is_like_file(name)) {
            false => Ok(None),
            true => Err(LabelFileProblem::OtherFiles {
                column: column.to_owned(),
                example: names.first().cloned().unwrap_or_default(),
                file,
            }),
        },
        Some(file) => Err(LabelFileProblem::NoRowOf {
            column: column.to_owned(),
            file,
            found: rows.len(),
            samples,
        }),
        None => {
            unique(column, &names)?;
            check_different(column, &rows, &names)?;
            let rest = names.len() - samples;
            let rest = match rest {
                0 => String::new(),
                rest => format!("; {rest} more rows name other files"),
            };
            Ok(Some(Joined {
                note: Some(format!(
                    "labels are joined to samples by the file names in column {column}{rest}"
                )),
                rows,
            }))
        }
    }
}

/// Two files that end alike may be one name.
fn check_different(column: &str, rows: &[usize], names: &[String]) -> Result<(), LabelFileProblem> {
    let mut seen = vec![false; names.len()];
    match rows
        .iter()
        .find(|&&row| std::mem::replace(&mut seen[row], true))
    {
        None => Ok(()),
        Some(&row) => Err(LabelFileProblem::TwoFiles {
            column: column.to_owned(),
            name: names[row].clone(),
        }),
    }
}

/// File names by what they end in.
struct Endings<'a> {
    by_name: BTreeMap<&'a str, usize>,
}

impl<'a> Endings<'a> {
    /// Those of names without their first bytes.
    fn of(names: &'a [String], without: usize) -> Self {
        let rows = names.iter().map(|name| &name[without..]).enumerate();
        let by_name =
            rows.map(|(row, name)| (name.trim_start_matches("./").trim_start_matches('/'), row));
        Self {
            by_name: by_name.collect(),
        }
    }

    /// The row that names `file`, with as many of its folders as it tells, with or without the suffix.
    fn find(&self, file: &str) -> Option<usize> {
        let folders = file.match_indices('/').map(|(at, _)| at + 1);
        let endings = || {
            [0].into_iter()
                .chain(folders.clone())
                .map(|begin| &file[begin..])
        };
        let exact = endings().find_map(|ending| self.by_name.get(ending.trim_start_matches('/')));
        let stem = |ending: &str| {
            let (stem, _) = ending.rsplit_once('.')?;
            self.by_name.get(stem)
        };
        exact.or_else(|| endings().find_map(stem)).copied()
    }
}

/// With the separators of Unix, in the form that names are compared in.
fn as_path(name: &str) -> String {
    Label::Text(name.trim()).name().replace('\\', "/")
}

/// The length of the folders that all names begin with.
fn common_folders(names: &[String]) -> usize {
    let folders = |name: &str| name.rfind('/').map_or(0, |end| end + 1);
    let first = names.first().map_or("", |name| &name[..folders(name)]);
    let ends = first.match_indices('/').map(|(at, _)| at + 1);
    let is_common = |&end: &usize| names.iter().all(|name| name.starts_with(&first[..end]));
    ends.take_while(is_common).last().unwrap_or(0)
}

/// Whether it is written as the name of a file is: in a folder, or with a suffix.
fn is_like_file(name: &str) -> bool {
    let suffix = name.rsplit_once('.').map_or("", |(_, suffix)| suffix);
    let is_suffix = (2..=5).contains(&suffix.len())
        && suffix.starts_with(|first: char| first.is_ascii_alphabetic())
        && suffix.chars().all(|c| c.is_ascii_alphanumeric());
    name.contains('/') || is_suffix
}

/// The row of each key; two rows with one key are refused.
fn unique<'a>(
    column: &str,
    keys: &'a [String],
) -> Result<BTreeMap<&'a str, usize>, LabelFileProblem> {
    let mut row_of = BTreeMap::new();
    for (row, key) in keys.iter().enumerate() {
        if let Some(first) = row_of.insert(key.as_str(), row) {
            return Err(LabelFileProblem::KeyTwice {
                column: shown(column).to_owned(),
                key: key.clone(),
                first,
                second: row,
            });
        }
    }
    Ok(row_of)
}

/// The name of a column, which may have none.
pub(crate) fn shown(column: &str) -> &str {
    match column {
        "" => "without a name",
        column => column,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn images(files: &[&str]) -> Origins {
        Origins {
            files: files.iter().map(|&file| file.to_owned()).collect(),
            rows: (0..).take(files.len()).map(|file| (file, 0)).collect(),
            ..Origins::default()
        }
    }

    fn joined(
        column: &str,
        keys: &[&str],
        origins: &Origins,
    ) -> Result<Option<Vec<usize>>, String> {
        let keys: Vec<Cell> = keys.iter().map(|&key| Cell::Text(key.to_owned())).collect();
        let joined = join(column, &keys, origins).map_err(|problem| problem.to_string())?;
        Ok(joined.map(|joined| joined.rows))
    }

    #[test]
    fn file_names_are_joined_by_as_much_as_they_tell() {
        let photos = images(&["photos/cat/0.png", "photos/dog/1.png"]);
        for keys in [
            ["dog/1.png", "cat/0.png"],
            ["photos/dog/1.png", "photos/cat/0.png"],
            ["1.png", "0.png"],
            ["./dog/1.png", "./cat/0.png"],
            ["dog\\1.png", "cat\\0.png"],
            ["1", "0"],
        ] {
            assert_eq!(
                joined("filename", &keys, &photos),
                Ok(Some(vec![1, 0])),
                "{keys:?}"
            );
        }
        // More rows than samples.
        assert_eq!(
            joined("file", &["x.png", "1.png", "0.png"], &photos),
            Ok(Some(vec![2, 1]))
        );
        // Names of something else.
        assert_eq!(joined("image", &["a", "b"], &photos), Ok(None));
    }

    #[test]
    fn file_names_from_another_place_are_joined_by_what_they_share() {
        let photos = images(&["photos/K\u{e4}se/0.png", "photos/dog/1.png"]);
        for keys in [
            ["/home/a/dog/1.png", "/home/a/Ka\u{308}se/0.png"],
            [
                "https://a.org/x/dog/1.png",
                "https://a.org/x/K\u{e4}se/0.png",
            ],
            ["C:\\x\\dog\\1.png", "C:\\x\\K\u{e4}se\\0.png"],
            ["all/1.png", "all/0.png"],
        ] {
            let found = joined("filename", &keys, &photos);
            assert_eq!(found, Ok(Some(vec![1, 0])), "{keys:?}");
        }
        let refused = joined("filename", &["dog/1.jpg", "cat/0.jpg"], &photos).unwrap_err();
        assert!(
            refused.starts_with("column filename names other files, such as dog/1.jpg, than"),
            "{refused}"
        );
    }

    #[test]
    fn a_column_of_any_name_joins_by_file_names_alone() {
        let photos = images(&["photos/cat/0.png", "photos/dog/1.png", "photos/dog/2.png"]);
        let joined = |column: &str, keys: [&str; 3]| {
            let keys = keys.map(|key| Cell::Text(key.to_owned()));
            let joined = join_unnamed(column, &keys, &photos);
            let joined = joined.map_err(|problem| problem.to_string())?;
            Ok::<_, String>(joined.map(|joined| joined.rows))
        };
        let found = joined("Bild", ["2.png", "0.png", "1.png"]);
        assert_eq!(found, Ok(Some(vec![1, 2, 0])));
        for keys in [["a", "b", "c"], ["a/0.jpg", "b", "c"], ["0.png", "b", "c"]] {
            assert_eq!(joined("note", keys), Ok(None), "{keys:?}");
        }
        assert!(joined("note", ["0.png", "1.png", "c"]).is_err());
        // Numbers are no names, but may count the samples in another order.
        assert_eq!(joined("fold", ["2", "0", "1"]), Ok(None));
        assert_eq!(joined("uid", ["0", "1", "2"]), Ok(None));
        assert!(joined("uid", ["2", "0", "1"]).is_err());
    }

    #[test]
    fn names_inside_a_table_are_joined_as_files_are() {
        let table = Origins {
            names: vec!["cats/a.png".to_owned(), "cats/b.png".to_owned()],
            ..Origins::rows_of("set.parquet", 2)
        };
        for keys in [["cats/b.png", "cats/a.png"], ["b.png", "a.png"], ["b", "a"]] {
            let found = joined("path", &keys, &table);
            assert_eq!(found, Ok(Some(vec![1, 0])), "{keys:?}");
        }
        let kept = table.select(&[1]);
        assert_eq!(joined("path", &["b", "a"], &kept), Ok(Some(vec![0])));
    }

    #[test]
    fn names_that_fit_in_part_twice_or_two_files_are_refused() {
        let photos = images(&["photos/cat/0.png", "photos/dog/1.png"]);
        let refused = joined("file", &["0.png", "2.png"], &photos).unwrap_err();
        assert!(
            refused.starts_with(
                "column file names 1 of the 2 training samples, but not photos/dog/1.png"
            ),
            "{refused}"
        );
        let refused = joined("file", &["0.png", "1.png", "0.png"], &photos).unwrap_err();
        assert!(
            refused.starts_with("column file has \"0.png\" in row 0 and in row 2"),
            "{refused}"
        );
        let photos = images(&["photos/cat/0.png", "photos/dog/0.png"]);
        let refused = joined("file", &["0.png", "1.png"], &photos).unwrap_err();
        assert!(
            refused.contains("several training samples end in \"0.png\""),
            "{refused}"
        );
    }

    #[test]
    fn ids_are_the_places_of_samples_and_others_are_refused() {
        let rows = Origins::rows_of("set.csv", 3);
        for column in ["sample_id", "index"] {
            assert_eq!(
                joined(column, &["2", "0", "1"], &rows),
                Ok(Some(vec![1, 2, 0]))
            );
        }
        // What pandas writes without being asked may be left from before the rows were shuffled.
        for column in ["", "Unnamed: 0", "__index_level_0__"] {
            let joined = |keys: &[&str]| joined(column, keys, &rows);
            assert_eq!(joined(&["0", "1", "2"]), Ok(Some(vec![0, 1, 2])));
            let refused = joined(&["2", "0", "1"]).unwrap_err();
            assert!(
                refused.contains("counts the samples in another order than the rows"),
                "{refused}"
            );
        }
        let kept = rows.select(&[2, 0]);
        assert_eq!(joined("id", &["2", "0", "1"], &kept), Ok(Some(vec![0, 1])));
        let refused = joined("id", &["11", "12", "13"], &rows).unwrap_err();
        assert!(
            refused.starts_with(
                "column id has other ids, such as 11, than the training samples, 0 to 2"
            ),
            "{refused}"
        );
    }
}
