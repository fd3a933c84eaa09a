//! What a tar file holds of each key: where its image lies, and its label.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use logformat::{check_file_memory, open_regular};
use serde_json::{Map, Value};

use crate::dataset::files::finding::{GZIP_MAGIC, read_error};
use crate::dataset::files::label_column::called_label;
use crate::dataset::files::text_table::utf8;
use crate::dataset::settings::DatasetSettings;
use crate::error::dataset::DatasetError;
use crate::error::layout::LayoutError;

/// What names of images end in, in small letters.
const IMAGES: [&str; 9] = [
    "jpg", "jpeg", "png", "webp", "gif", "bmp", "ppm", "pgm", "img",
];
/// A tar file consists of blocks of so many bytes, and ends with one of zeros.
const BLOCK: u64 = 512;

/// What a name or a label may take where nothing else is set.
const USUAL_PIECE_BYTES: u64 = 64 << 20;

/// A tar file of which names and labels are read, and pictures skipped; a name or label without an end is refused
/// before it fills the memory.
struct SmallPieces {
    file: File,
    /// Bytes since something was skipped.
    read: u64,
}

impl Read for SmallPieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.read += read as u64;
        let refused = |reason| io::Error::other(format!("a name or a label in it: {reason}"));
        check_file_memory(self.read, USUAL_PIECE_BYTES).map_err(refused)?;
        Ok(read)
    }
}

impl Seek for SmallPieces {
    fn seek(&mut self, place: SeekFrom) -> io::Result<u64> {
        self.read = 0;
        self.file.seek(place)
    }
}

/// What one tar file holds of a key: the name, the offset and the length of its image, and its label.
#[derive(Default)]
pub(crate) struct Sample {
    pub image: Option<(String, u64, u64)>,
    pub label: Option<String>,
    /// Where that stands, for people.
    pub labelled_by: String,
    /// The label that the other place has, where it is another.
    pub other_label: Option<String>,
    /// The suffixes of the files that were read.
    suffixes: Vec<String>,
}

/// The samples of a tar file in the order of their keys' first files.
#[derive(Default)]
pub(crate) struct Shard {
    pub samples: Vec<(String, Sample)>,
    places: BTreeMap<String, usize>,
}

impl Shard {
    pub(crate) fn read(path: &Path, settings: &DatasetSettings) -> Result<Self, DatasetError> {
        let mut shard = Self::default();
        let failed = |error| read_error(path, error);
        let file = open_regular(path).map_err(failed)?;
        let length = file.metadata().map_err(failed)?.len();
        let mut file = BufReader::new(SmallPieces { file, read: 0 });
        if file.fill_buf().map_err(failed)?.starts_with(&GZIP_MAGIC) {
            return Err(DatasetError::from(LayoutError::CompressedTar {
                path: path.to_owned(),
            }));
        }
        let mut archive = tar::Archive::new(file);
        // Files that were put one behind the other have zeros in between.
        archive.set_ignore_zeros(true);
        let mut end = 0;
        for entry in archive
            .entries_with_seek()
            .map_err(|error| cut(path, &error))?
        {
            let mut entry = entry.map_err(|error| cut(path, &error))?;
            let name = entry.path().map_err(failed)?.to_string_lossy().into_owned();
            let (offset, size) = (entry.raw_file_position(), entry.size());
            end = offset + size.next_multiple_of(BLOCK);
            if offset + size > length {
                return Err(DatasetError::Damaged {
                    path: path.to_owned(),
                    reason: format!("it ends inside of {name}"),
                });
            }
            if entry.header().entry_type().is_file() {
                shard.add(path, &name, (offset, size), &mut entry, settings)?;
            }
        }
        match length < end + BLOCK {
            false => Ok(shard),
            true => Err(DatasetError::Damaged {
                path: path.to_owned(),
                reason: "it has no end, so that more may have followed".to_owned(),
            }),
        }
    }

    fn add(
        &mut self,
        path: &Path,
        name: &str,
        (offset, size): (u64, u64),
        content: &mut impl Read,
        settings: &DatasetSettings,
    ) -> Result<(), DatasetError> {
        let folder = name.rfind('/').map_or(0, |at| at + 1);
        let Some(dot) = name[folder..].find('.').filter(|&dot| dot > 0) else {
            return Ok(());
        };
        let (key, suffix) = (
            &name[..folder + dot],
            name[folder + dot + 1..].to_lowercase(),
        );
        let samples = &mut self.samples;
        let place = *self.places.entry(key.to_owned()).or_insert_with(|| {
            samples.push((key.to_owned(), Sample::default()));
            samples.len() - 1
        });
        let sample = &mut samples[place].1;
        let refused = |reason| {
            DatasetError::from(LayoutError::LabelText {
                place: format!("{}/{name}", path.display()),
                reason,
            })
        };
        if sample.suffixes.contains(&suffix) {
            return Err(refused(
                "the tar file has this key twice; give each sample a key of its own".to_owned(),
            ));
        }
        sample.suffixes.push(suffix.clone());
        if is_image(&suffix, settings.image_column.as_deref()) {
            if let Some((first, ..)) = &sample.image {
                return Err(DatasetError::from(LayoutError::SeveralImagesOfKey {
                    path: path.to_owned(),
                    first: first.clone(),
                    second: name.to_owned(),
                }));
            }
            sample.image = Some((name.to_owned(), offset, size));
            return Ok(());
        }
        let wanted = settings.label_column.as_deref();
        if !may_have_label(&suffix, wanted) {
            return Ok(());
        }
        let mut bytes = Vec::new();
        content
            .read_to_end(&mut bytes)
            .map_err(|error| read_error(path, error))?;
        let label = label_in(&suffix, bytes, wanted).map_err(refused)?;
        if let Some((label, by)) = label {
            // What stands alone in a file goes before a field of many.
            let before = match suffix == "json" && sample.label.is_some() {
                true => Some(label),
                false => {
                    sample.labelled_by = by;
                    sample.label.replace(label)
                }
            };
            sample.other_label = before.filter(|before| sample.label.as_ref() != Some(before));
        }
        Ok(())
    }
}

/// A file that ends early has a header that cannot be read, or none.
fn cut(path: &Path, error: &std::io::Error) -> DatasetError {
    DatasetError::Damaged {
        path: path.to_owned(),
        reason: format!("it cannot be read as a tar file ({error})"),
    }
}

fn is_image(suffix: &str, wanted: Option<&str>) -> bool {
    match wanted {
        Some(wanted) => suffix.eq_ignore_ascii_case(wanted),
        None => IMAGES.contains(&suffix.rsplit('.').next().unwrap_or_default()),
    }
}

fn may_have_label(suffix: &str, wanted: Option<&str>) -> bool {
    suffix == "json" || suffix == wanted.unwrap_or("cls")
}

/// The label that a file of a key holds, and where: the text of `cls`, or of the suffix asked for, or a field of `json`.
fn label_in(
    suffix: &str,
    bytes: Vec<u8>,
    wanted: Option<&str>,
) -> Result<Option<(String, String)>, String> {
    let is_binary = |byte: &u8| byte.is_ascii_control() && !byte.is_ascii_whitespace();
    if bytes.iter().any(is_binary) {
        return Err("it is no text but binary; write the class as a text, its name or the digits of its index".to_owned());
    }
    let text = utf8(bytes).map_err(|problem| problem.to_string())?;
    if suffix == wanted.unwrap_or("cls") {
        return Ok(Some((text.trim().to_owned(), format!("files .{suffix}"))));
    }
    let fields: Value = serde_json::from_str(&text)
        .map_err(|error| format!("it is no JSON ({error}); write it again, or leave it out"))?;
    let names = fields.as_object().into_iter().flat_map(Map::keys);
    let names: Vec<&str> = names.map(String::as_str).collect();
    let name = wanted.or(called_label(&names)).unwrap_or("cls");
    let label = match fields.get(name) {
        Some(Value::String(text)) => Some(text.trim().to_owned()),
        Some(Value::Number(number)) => Some(number.to_string()),
        Some(Value::Bool(true)) => Some("True".to_owned()),
        Some(Value::Bool(false)) => Some("False".to_owned()),
        _ => None,
    };
    Ok(label.map(|label| (label, format!("the field {name} of files .json"))))
}
