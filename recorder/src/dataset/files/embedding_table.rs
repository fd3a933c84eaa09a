//! The table that `recorder embed` writes, by the names of its columns, and what it says of where the features of
//! each row are from: a run on them names the images, not the rows of the table.

use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_schema::DataType;
use logformat::{SampleIds, from_sealed_json, open_regular};
use serde_json::Value;

use crate::dataset::files::classes::StoredLabels;
use crate::dataset::files::parquet_file::ParquetFile;
use crate::dataset::samples::origins::{Kept, Origins, OwnIds};
use crate::error::dataset::DatasetError;

/// The key of what such a table says about itself.
pub(crate) const EMBEDDING_KEY: &str = "aum.embedding";
/// There: the names of the classes, in their order.
pub(crate) const CLASS_NAMES: &str = "class_names";
/// There: how many samples were read, those that are left out included.
pub(crate) const COUNT: &str = "samples_read";
/// There: the column that the ids of the images' owner were in, where one was named.
pub(crate) const ID_COLUMN: &str = "id_column";
/// There: what the small pictures take uncompressed, where there are any.
pub(crate) const PICTURE_BYTES: &str = "picture_bytes";
/// There: the network.
pub(crate) const NETWORK: &str = "network";
/// There: so many bytes, from the beginning, hold the rows.
pub(crate) const DATA_BYTES: &str = "data_bytes";
/// There: their CRC-32, eight hexadecimal digits.
pub(crate) const DATA_CHECKSUM: &str = "data_crc32";

pub(crate) const SAMPLE_ID: &str = "sample_id";
pub(crate) const FILE: &str = "file";
pub(crate) const ROW: &str = "row";
/// The ids of the images' owner, integers or texts, where a column of them was named.
pub(crate) const ID: &str = "id";
pub(crate) const LABEL: &str = "label";
pub(crate) const FEATURES: &str = "features";
/// A small PNG file of the image.
pub(crate) const PICTURE: &str = "picture";

/// The columns that lead back to the images, and show them.
pub(crate) const IMAGE_COLUMNS: [&str; 5] = [SAMPLE_ID, FILE, ROW, ID, PICTURE];

/// What such a table says, as far as it was read.
pub(crate) struct EmbeddingTable {
    network: String,
    class_names: Vec<String>,
    samples_read: usize,
    ids: Vec<usize>,
    origins: Origins,
    own_ids: Option<OwnIds>,
    pictures: Option<Vec<Arc<[u8]>>>,
}

impl EmbeddingTable {
    /// `None` for a table that somebody else has made. Its pictures are read where they take `most_picture_bytes` or
    /// less.
    ///
    /// # Errors
    /// [`DatasetError::Damaged`] where it is not what was written.
    pub(crate) fn of(
        path: &Path,
        file: &ParquetFile,
        most_picture_bytes: u64,
    ) -> Result<Option<Self>, DatasetError> {
        let Some(told) = file.told(EMBEDDING_KEY) else {
            return Ok(None);
        };
        let damaged = |reason: String| DatasetError::Damaged {
            path: path.to_owned(),
            reason,
        };
        let told: Value = from_sealed_json(told.as_bytes()).map_err(damaged)?;
        // Earlier builds have written none.
        if let (Some(bytes), Some(written)) =
            (told[DATA_BYTES].as_u64(), told[DATA_CHECKSUM].as_str())
        {
            let found = checksum_of_first(path, bytes).map_err(|source| DatasetError::Read {
                path: path.to_owned(),
                source,
            })?;
            if found != written {
                return Err(damaged(
                    "its checksum is not the one of what was written; copy it or embed again"
                        .to_owned(),
                ));
            }
        }
        Ok(Self::told_by(&told, file, most_picture_bytes))
    }

    fn told_by(told: &Value, file: &ParquetFile, most_picture_bytes: u64) -> Option<Self> {
        let fits = |name: &str, data_type: DataType| {
            file.fields()
                .any(|field| field.name() == name && *field.data_type() == data_type)
        };
        let has_origins = fits(SAMPLE_ID, DataType::Int64)
            && fits(FILE, DataType::Utf8)
            && fits(ROW, DataType::Int64);
        let names = told[CLASS_NAMES].as_array()?.iter();
        let picture_bytes = told[PICTURE_BYTES].as_u64();
        let has_pictures = fits(PICTURE, DataType::Binary)
            && picture_bytes.is_some_and(|bytes| bytes <= most_picture_bytes);
        has_origins.then_some(Self {
            network: told[NETWORK].as_str()?.to_owned(),
            class_names: names
                .map(|name| name.as_str().map(str::to_owned))
                .collect::<Option<_>>()?,
            samples_read: usize::try_from(told[COUNT].as_u64()?).ok()?,
            ids: Vec::new(),
            origins: Origins::default(),
            own_ids: told[ID_COLUMN].as_str().map(|column| OwnIds {
                column: column.to_owned(),
                ids: match fits(ID, DataType::Int64) {
                    true => SampleIds::Integers(Vec::new()),
                    false => SampleIds::Texts(Vec::new()),
                },
            }),
            pictures: has_pictures.then(Vec::new),
        })
    }

    /// The columns that are read beside labels and features.
    pub(crate) fn columns(&self) -> impl Iterator<Item = &'static str> {
        let has_pictures = self.pictures.is_some();
        let columns = IMAGE_COLUMNS.into_iter();
        columns.filter(move |&column| has_pictures || column != PICTURE)
    }

    /// Takes the origins of some rows.
    pub(crate) fn append(&mut self, path: &Path, batch: &RecordBatch) -> Result<(), DatasetError> {
        let column = |name: &str| {
            let column = batch
                .column_by_name(name)
                .filter(|column| column.null_count() == 0);
            column.ok_or_else(|| damaged(path, name))
        };
        let whole =
            |value: &i64, name: &str| u64::try_from(*value).map_err(|_| damaged(path, name));
        for id in column(SAMPLE_ID)?.as_primitive::<Int64Type>().values() {
            let id = usize::try_from(*id)
                .ok()
                .filter(|id| *id < self.samples_read);
            self.ids.push(id.ok_or_else(|| damaged(path, SAMPLE_ID))?);
        }
        match self.own_ids.as_mut().map(|own| &mut own.ids) {
            None => {}
            Some(SampleIds::Integers(ids)) => {
                ids.extend(column(ID)?.as_primitive::<Int64Type>().values());
            }
            Some(SampleIds::Texts(ids)) => {
                let texts = column(ID)?.as_string_opt::<i32>();
                let texts = texts.ok_or_else(|| damaged(path, ID))?;
                ids.extend(texts.iter().flatten().map(str::to_owned));
            }
        }
        if let Some(pictures) = &mut self.pictures {
            let column = column(PICTURE)?.as_binary::<i32>();
            pictures.extend(column.iter().flatten().map(Arc::from));
        }
        let files = column(FILE)?.as_string::<i32>().iter().flatten();
        let rows = column(ROW)?.as_primitive::<Int64Type>().values().iter();
        for (file, row) in files.zip(rows) {
            // Consecutive rows are of one file, or each is a file.
            if self.origins.files.last().is_none_or(|last| last != file) {
                self.origins.files.push(file.to_owned());
            }
            let at = self.origins.files.len() - 1;
            self.origins.rows.push((at as u32, whole(row, ROW)?));
        }
        Ok(())
    }

    /// Where the rows are from, their ids those of the images.
    pub(crate) fn origins(self) -> Origins {
        let are_all = self.ids.len() == self.samples_read;
        let kept = Kept {
            places: self.ids,
            of: self.samples_read,
        };
        Origins {
            kept: (!are_all || !kept.places.is_sorted()).then_some(kept),
            own_ids: self.own_ids,
            pictures: self.pictures,
            ..self.origins
        }
    }

    /// Labels by the order of the classes of the images; `None` where one is the name of none of them.
    pub(crate) fn indices(&self, labels: &StoredLabels) -> Option<StoredLabels> {
        let StoredLabels::Names(names) = labels else {
            return None;
        };
        let place = |name: &String| self.class_names.iter().position(|class| class == name);
        let indices = names
            .iter()
            .map(|name| place(name).map(|place| place as i64));
        Some(StoredLabels::Indices(indices.collect::<Option<_>>()?))
    }

    /// The classes of the images.
    pub(crate) fn class_names(&self) -> Vec<String> {
        self.class_names.clone()
    }

    /// What the features are, for people.
    pub(crate) fn remark(&self) -> String {
        format!(
            "the features are those of {} for images, which the samples are named by",
            self.network
        )
    }
}

/// CRC-32 of the first bytes of a file.
fn checksum_of_first(path: &Path, bytes: u64) -> io::Result<String> {
    let mut reader = BufReader::with_capacity(1 << 20, open_regular(path)?.take(bytes));
    let mut crc = crc32fast::Hasher::new();
    loop {
        let piece = reader.fill_buf()?;
        if piece.is_empty() {
            return Ok(format!("{:08x}", crc.finalize()));
        }
        crc.update(piece);
        let length = piece.len();
        reader.consume(length);
    }
}

fn damaged(path: &Path, column: &str) -> DatasetError {
    DatasetError::Damaged {
        path: path.to_owned(),
        reason: format!("its column {column} is not as recorder embed writes it"),
    }
}
