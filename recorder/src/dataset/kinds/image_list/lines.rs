//! The lines of a list: what divides them, which columns there are, and which hold the path and the label.

use std::path::Path;

use crate::dataset::files::finding::read_whole;
use crate::dataset::files::label_column::{called_label, why_unread};
use crate::dataset::files::text_table::utf8;
use crate::dataset::kinds::image_list::names::{ImageNames, folder};
use crate::dataset::label_file::keys::shown;
use crate::dataset::reading_report::{ReadingReport, first_names};
use crate::dataset::settings::DatasetSettings;
use crate::error::dataset::DatasetError;
use crate::error::layout::LayoutError;

/// What columns of paths are called.
const PATH_NAMES: [&str; 9] = [
    "path",
    "image",
    "file",
    "filename",
    "file_name",
    "filepath",
    "file_path",
    "image_path",
    "img",
];

/// So many columns are named in an error.
const MOST_NAMED: usize = 12;

/// Lines of which all must name images where their column is to be told.
const ROWS: usize = 50;

/// An image and its label.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Line {
    /// From 1.
    pub number: u64,
    /// As it is written.
    pub image: String,
    pub label: String,
}

/// Which cells of a line are the path and the label; without one, the label is the image's folder.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Columns {
    path: usize,
    label: Option<usize>,
}

/// The lines of a list whose images lie in `root`.
pub(crate) fn read_lines(
    path: &Path,
    root: &Path,
    settings: &DatasetSettings,
    report: &mut ReadingReport,
) -> Result<Vec<Line>, DatasetError> {
    let text = utf8(read_whole(path)?).map_err(|problem| DatasetError::text(path, problem))?;
    if text.trim_start().starts_with(['{', '[']) {
        return Err(DatasetError::from(LayoutError::Json {
            path: path.to_owned(),
        }));
    }
    let mut rows = rows(&text, path)?;
    let Some((_, first)) = rows.first().cloned() else {
        return Ok(Vec::new());
    };
    let has_header = is_header(&first, settings, root);
    if has_header {
        rows.remove(0);
    }
    let example = rows.first().map_or(&first, |(_, cells)| cells);
    let images = ImageNames::of(root);
    let columns = match has_header {
        true => named_columns(&first, &rows, path, &images, settings)?,
        false => told_columns(example, path, root)?,
    };
    let width = example.len();
    let are_paths = example
        .get(columns.path)
        .is_some_and(|cell| root.join(as_here(cell.clone(), root)).is_file());
    let truth = settings.own_truth(path);
    for (column, name) in first.iter().enumerate().filter(|_| has_header) {
        if truth == Some(name) {
            report.truth = Some(format!("column {name}"));
        } else if column != columns.path && Some(column) != columns.label {
            let what = format!("column {} of {}", shown(name), path.display());
            let why = match settings.id_column.as_ref() == Some(name) {
                true => "it holds your ids",
                false => why_unread(name, "it holds neither paths nor labels"),
            };
            report.leave_aside(&what, why);
        }
    }
    report.labels.get_or_insert_with(|| match columns.label {
        Some(column) if has_header => format!("column {}", first[column]),
        Some(column) => format!("column {} of each line", column + 1),
        None => "the folders that the images lie in".to_owned(),
    });
    let mut lines = Vec::new();
    for (number, mut cells) in rows {
        let wrong = |reason: String| {
            DatasetError::from(LayoutError::LabelText {
                place: format!("{}: line {number}", path.display()),
                reason,
            })
        };
        if cells.len() != width {
            return Err(wrong(format!(
                "it has {} cells, but the first line has {width}; mend it, or quote what holds the separator",
                cells.len()
            )));
        }
        let mut image = as_here(std::mem::take(&mut cells[columns.path]), root);
        if !are_paths && !root.join(&image).is_file() {
            image = match images.called(&image) {
                [] => image,
                [only] => only.clone(),
                [one, other, ..] => {
                    return Err(wrong(format!(
                        "{image} may be {one} or {other}; say by `root` which folder is meant"
                    )));
                }
            };
        }
        let label = match columns.label {
            Some(label) => std::mem::take(&mut cells[label]),
            None => folder_of(&image).ok_or_else(|| {
                wrong("it is a path alone, without a folder that would be the label; put a label behind it".to_owned())
            })?,
        };
        lines.push(Line {
            number,
            image,
            label,
        });
    }
    check_first(path, root, lines.first())?;
    if let (false, Some(line)) = (are_paths, lines.first()) {
        report.remarks.push(format!(
            "images of {} are looked for below {} by their names: the first is {}",
            path.display(),
            folder(root).display(),
            line.image
        ));
    }
    Ok(lines)
}

/// The cells of each line that has any, with its number.
fn rows(text: &str, path: &Path) -> Result<Vec<(u64, Vec<String>)>, DatasetError> {
    let mut lines = text.lines();
    let first = lines.find(|line| !line.trim().is_empty() && !line.starts_with("# "));
    let first = first.unwrap_or_default();
    let Some(separator) = ['\t', ',', ';'].into_iter().find(|&c| first.contains(c)) else {
        let numbered = (1..).zip(text.lines());
        let is_said = |line: &str| !line.trim().is_empty() && !line.starts_with("# ");
        let numbered = numbered.filter(|(_, line)| is_said(line));
        return Ok(numbered
            .map(|(number, line)| (number, words(line)))
            .collect());
    };
    let mut reader = csv::ReaderBuilder::new();
    let reader = reader
        .delimiter(separator as u8)
        .has_headers(false)
        .flexible(true);
    let mut rows = Vec::new();
    for record in reader.from_reader(text.as_bytes()).records() {
        let record = record.map_err(|error| DatasetError::Damaged {
            path: path.to_owned(),
            reason: error.to_string(),
        })?;
        let number = record.position().map_or(0, csv::Position::line);
        rows.push((
            number,
            record.iter().map(|cell| cell.trim().to_owned()).collect(),
        ));
    }
    Ok(rows)
}

/// A path, which may have spaces, with a label behind it or before; or a path alone. Where more stands behind a path than
/// a label, all words.
fn words(line: &str) -> Vec<String> {
    let line = line.trim();
    let mut behind = line
        .split_whitespace()
        .rev()
        .take_while(|word| !has_suffix(word));
    if line.split_whitespace().any(has_suffix) && behind.nth(1).is_some() {
        return line.split_whitespace().map(str::to_owned).collect();
    }
    let ends = (
        line.split_once(char::is_whitespace),
        line.rsplit_once(char::is_whitespace),
    );
    let (one, other) = match ends {
        (Some(_), Some((path, label))) if !has_suffix(label) => (path, label),
        (Some((label, path)), _) if !has_suffix(label) && !label.contains('/') => (label, path),
        _ => return vec![line.to_owned()],
    };
    vec![one.trim().to_owned(), other.trim().to_owned()]
}

/// Whether it ends like the name of an image.
fn has_suffix(cell: &str) -> bool {
    let suffix = Path::new(cell).extension().unwrap_or_default();
    let suffix = suffix.to_string_lossy();
    (3..=5).contains(&suffix.len()) && suffix.bytes().all(|c| c.is_ascii_alphabetic())
}

fn is_image(cell: &str, root: &Path) -> bool {
    has_suffix(cell) || (!cell.is_empty() && root.join(cell).is_file())
}

/// A first line without any image names the columns.
fn is_header(first: &[String], settings: &DatasetSettings, root: &Path) -> bool {
    let is_asked_for = [&settings.image_column, &settings.label_column]
        .into_iter()
        .flatten()
        .any(|name| first.contains(name));
    is_asked_for || !first.iter().any(|cell| is_image(cell, root))
}

fn named_columns(
    names: &[String],
    rows: &[(u64, Vec<String>)],
    path_of_list: &Path,
    images: &ImageNames,
    settings: &DatasetSettings,
) -> Result<Columns, DatasetError> {
    let example = rows.first().map_or(names, |(_, cells)| cells);
    let refused = |problem: String| DatasetError::Column {
        path: path_of_list.to_owned(),
        problem,
        columns: first_names(names.iter().map(String::as_str), MOST_NAMED),
    };
    let at = |wanted: &str| names.iter().position(|name| name.to_lowercase() == wanted);
    let asked = |wanted: &Option<String>, option: &str| match wanted {
        None => Ok(None),
        Some(wanted) => match names.iter().position(|name| name == wanted) {
            Some(at) => Ok(Some(at)),
            None => Err(refused(format!(
                "there is no column {wanted}; name one by `{option}`"
            ))),
        },
    };
    let by_name = PATH_NAMES.iter().find_map(|name| at(name));
    let by_content = || example.iter().position(|cell| is_image(cell, images.root));
    let all: Vec<&str> = names.iter().map(String::as_str).collect();
    let called = called_label(&all);
    // A class may have the number of an image for its name.
    let by_images = || {
        let are_names = |&at: &usize| {
            let mut cells = rows.iter().take(ROWS).map(|(_, cells)| cells.get(at));
            Some(all[at]) != called
                && cells.all(|cell| cell.is_some_and(|cell| !images.called(cell).is_empty()))
        };
        let columns: Vec<usize> = (0..names.len()).filter(are_names).collect();
        match (&columns[..], rows.is_empty()) {
            ([only], false) => Some(*only),
            _ => None,
        }
    };
    let found = asked(&settings.image_column, "image_column")?;
    let found = found.or(by_name).or_else(by_content).or_else(by_images);
    let path = found.ok_or_else(|| {
        refused("no column holds paths of images; name one by `image_column`".to_owned())
    })?;
    let label = asked(&settings.label_column, "label_column")?;
    let label = label.or_else(|| names.iter().position(|name| Some(name.as_str()) == called));
    let truth = settings.own_truth(path_of_list);
    let is_alone = (0..names.len()).all(|at| at == path || Some(names[at].as_str()) == truth);
    match label.filter(|&label| Some(names[label].as_str()) != truth) {
        Some(label) => Ok(Columns {
            path,
            label: (label != path).then_some(label),
        }),
        None if is_alone => Ok(Columns { path, label: None }),
        None => Err(refused(
            "which column holds the labels cannot be told; name it by `label_column`, or that of the paths where their folders are the labels".to_owned(),
        )),
    }
}

fn told_columns(first: &[String], path: &Path, root: &Path) -> Result<Columns, DatasetError> {
    let images: Vec<usize> = (0..first.len())
        .filter(|&cell| is_image(&first[cell], root))
        .collect();
    match (&images[..], first.len()) {
        (&[path], 1) => Ok(Columns { path, label: None }),
        (&[path], 2) => Ok(Columns {
            path,
            label: Some(1 - path),
        }),
        (_, cells) => Err(DatasetError::from(LayoutError::LabelText {
            place: format!("{}: line 1", path.display()),
            reason: format!(
                "it has {cells} cells, but a path and a label are expected; divide them by tabs or commas and put a line before it that names the columns"
            ),
        })),
    }
}

/// A path that was written on Windows, as it is called here.
fn as_here(image: String, root: &Path) -> String {
    match image.contains('\\') && !root.join(&image).exists() {
        true => image.replace('\\', "/"),
        false => image,
    }
}

/// The name of the folder that an image lies in.
fn folder_of(image: &str) -> Option<String> {
    let folder = Path::new(image).parent()?.file_name()?;
    Some(folder.to_string_lossy().into_owned())
}

/// A first image that is missing is most likely looked for in the wrong place.
fn check_first(path: &Path, root: &Path, first: Option<&Line>) -> Result<(), DatasetError> {
    match first {
        Some(line) if !root.join(&line.image).exists() => {
            let place = format!("line {}", line.number);
            let error = LayoutError::no_image_at(path, place, &line.image, folder(root));
            Err(DatasetError::from(error))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_words_is_a_path_and_a_label_in_either_order() {
        for (line, cells) in [
            ("q1/a.jpg 3", &["q1/a.jpg", "3"][..]),
            ("my cat.jpg  cat", &["my cat.jpg", "cat"]),
            ("3 q1/my cat.jpg", &["3", "q1/my cat.jpg"]),
            ("q1/a.jpg", &["q1/a.jpg"]),
            ("q1/my cat.jpg", &["q1/my cat.jpg"]),
            ("q1/a.jpg 3 0.97", &["q1/a.jpg", "3", "0.97"]),
            ("q1/a.jpg hot dog", &["q1/a.jpg", "hot", "dog"]),
            ("n01 a", &["n01", "a"]),
        ] {
            assert_eq!(words(line), cells, "{line}");
        }
    }
}
