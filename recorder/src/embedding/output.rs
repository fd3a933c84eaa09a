//! Writes features: to Parquet with all that leads back to the images, or to an NPY array.

use std::fs::File;
use std::io::{self, Write};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use arrow_array::builder::{Float32Builder, ListBuilder};
use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, BinaryArray, DictionaryArray, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use logformat::{SampleIds, WholeFile, to_sealed_json};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use serde_json::json;

use crate::dataset::files::embedding_table::{
    CLASS_NAMES, COUNT, DATA_BYTES, DATA_CHECKSUM, EMBEDDING_KEY, FEATURES, FILE, ID, ID_COLUMN,
    LABEL, NETWORK, PICTURE, PICTURE_BYTES, ROW, SAMPLE_ID,
};
use crate::dataset::samples::dataset::Dataset;
use crate::dataset::samples::sample_set::Samples;
use crate::embedding::parts::PartFeatures;
use crate::pretrained::kind::PretrainedNetwork;
use crate::pretrained::preprocessing::Preprocessing;

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Parquet,
    Npy,
}

impl Format {
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let suffix = path.extension()?.to_string_lossy().to_lowercase();
        match suffix.as_str() {
            "parquet" => Some(Format::Parquet),
            "npy" => Some(Format::Npy),
            _ => None,
        }
    }
}

/// All that is written beside the features.
pub(crate) struct Output<'a> {
    pub(crate) dataset: &'a Dataset,
    pub(crate) samples: &'a Samples,
    pub(crate) network: &'a PretrainedNetwork,
    pub(crate) preprocessing: Preprocessing,
    /// What the small pictures take uncompressed; `None` where they are not written.
    pub(crate) picture_bytes: Option<u64>,
}

impl Output<'_> {
    /// Writes the features of the parts, of `images` in all.
    pub(crate) fn write(
        &self,
        path: &Path,
        format: Format,
        images: usize,
        parts: impl Iterator<Item = io::Result<(Range<usize>, PartFeatures)>>,
    ) -> io::Result<()> {
        let mut file = WholeFile::create(path)?;
        match format {
            Format::Parquet => self.parquet(&file, parts)?,
            Format::Npy => {
                file.write_all(&npy_header(images, self.network.kind.width))?;
                for part in parts {
                    let values = part?.1.values;
                    let bytes: Vec<u8> = values
                        .iter()
                        .flat_map(|value| value.to_le_bytes())
                        .collect();
                    file.write_all(&bytes)?;
                }
            }
        }
        file.replace()
    }

    fn parquet(
        &self,
        file: &WholeFile,
        parts: impl Iterator<Item = io::Result<(Range<usize>, PartFeatures)>>,
    ) -> io::Result<()> {
        let schema = self.schema();
        let hashed = Hashed {
            file: file.as_file(),
            crc: crc32fast::Hasher::new(),
        };
        let writer = ArrowWriter::try_new(hashed, schema.clone(), Some(properties()));
        let mut writer = writer.map_err(io::Error::other)?;
        for part in parts {
            let (samples, features) = part?;
            let batch = self
                .batch(&schema, samples, &features)
                .map_err(io::Error::other)?;
            writer.write(&batch).map_err(io::Error::other)?;
        }
        // All rows, and then what is said of them.
        writer.flush().map_err(io::Error::other)?;
        writer.sync()?;
        let bytes = writer.bytes_written();
        let checksum = format!("{:08x}", writer.inner().crc.clone().finalize());
        let told = self.told(bytes, &checksum)?;
        writer.append_key_value_metadata(KeyValue::new(EMBEDDING_KEY.to_owned(), told));
        writer.close().map_err(io::Error::other)?;
        Ok(())
    }

    fn batch(
        &self,
        schema: &Arc<Schema>,
        samples: Range<usize>,
        features: &PartFeatures,
    ) -> Result<RecordBatch, arrow_schema::ArrowError> {
        let is_readable = |sample: &usize| {
            let place = sample - samples.start;
            !features
                .unreadable
                .iter()
                .any(|(unreadable, _)| *unreadable == place)
        };
        let readable: Vec<usize> = samples.clone().filter(is_readable).collect();
        let origins = &self.samples.origins;
        let places = || readable.iter().map(|&sample| origins.rows[sample]);
        let ids = readable
            .iter()
            .map(|&sample| origins.sample_id(sample) as i64);
        let files: DictionaryArray<Int32Type> = places()
            .map(|(file, _)| Some(origins.files[file as usize].as_str()))
            .collect();
        let labels: DictionaryArray<Int32Type> = readable
            .iter()
            .map(|&sample| {
                let label = self.samples.labels[sample] as usize;
                Some(self.dataset.class_names[label].as_str())
            })
            .collect();
        let mut lists = ListBuilder::new(Float32Builder::new());
        for row in features.values.chunks_exact(self.network.kind.width) {
            lists.values().append_slice(row);
            lists.append(true);
        }
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(Int64Array::from_iter_values(ids)),
            Arc::new(files),
            Arc::new(Int64Array::from_iter_values(
                places().map(|(_, row)| row as i64),
            )),
            Arc::new(labels),
            Arc::new(lists.finish()),
        ];
        if self.picture_bytes.is_some() {
            let pictures = features.pictures.iter();
            columns.push(Arc::new(BinaryArray::from_iter_values(pictures)));
        }
        let own = origins.own_ids.as_ref().map(|own| &own.ids);
        columns.extend(own.map(|own| own_ids(own, &readable)));
        RecordBatch::try_new(Arc::clone(schema), columns)
    }

    fn told(&self, bytes: usize, checksum: &str) -> io::Result<String> {
        let origins = &self.samples.origins;
        let told = json!({
            (NETWORK): self.network.kind.name,
            (ID_COLUMN): origins.own_ids.as_ref().map(|own| &own.column),
            "weights_crc32": format!("{:08x}", self.network.weights_crc32),
            "preprocessing": self.preprocessing.in_words(),
            (CLASS_NAMES): self.dataset.class_names,
            (PICTURE_BYTES): self.picture_bytes,
            (COUNT): origins.kept.as_ref().map_or(self.samples.len(), |kept| kept.of),
            (DATA_BYTES): bytes,
            (DATA_CHECKSUM): checksum,
        });
        Ok(to_sealed_json(&told)?)
    }

    fn schema(&self) -> Arc<Schema> {
        let text = || DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
        let item = Field::new_list_field(DataType::Float32, true);
        let mut fields = vec![
            Field::new(SAMPLE_ID, DataType::Int64, false),
            Field::new(FILE, text(), false),
            Field::new(ROW, DataType::Int64, false),
            Field::new(LABEL, text(), false),
            Field::new(FEATURES, DataType::List(Arc::new(item)), false),
        ];
        if self.picture_bytes.is_some() {
            fields.push(Field::new(PICTURE, DataType::Binary, false));
        }
        let own = self.samples.origins.own_ids.as_ref();
        fields.extend(own.map(|own| match own.ids {
            SampleIds::Integers(_) => Field::new(ID, DataType::Int64, false),
            SampleIds::Texts(_) => Field::new(ID, DataType::Utf8, false),
        }));
        Arc::new(Schema::new(fields))
    }
}

fn properties() -> WriterProperties {
    let features = ColumnPath::from(vec![
        FEATURES.to_owned(),
        "list".to_owned(),
        "item".to_owned(),
    ]);
    WriterProperties::builder()
        .set_created_by(concat!("aum recorder ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_compression(Compression::UNCOMPRESSED)
        .set_statistics_enabled(EnabledStatistics::None)
        .set_column_dictionary_enabled(features, false)
        .set_column_dictionary_enabled(ColumnPath::from(PICTURE), false)
        .build()
}

/// A file that is written from its beginning, and the checksum of what has been written.
struct Hashed<'a> {
    file: &'a File,
    crc: crc32fast::Hasher,
}

impl Write for Hashed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.crc.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// The ids of some samples.
fn own_ids(ids: &SampleIds, samples: &[usize]) -> ArrayRef {
    match ids {
        SampleIds::Integers(ids) => Arc::new(Int64Array::from_iter_values(
            samples.iter().map(|&sample| ids[sample]),
        )),
        SampleIds::Texts(ids) => Arc::new(StringArray::from_iter_values(
            samples.iter().map(|&sample| &ids[sample]),
        )),
    }
}

/// As `numpy.save` writes it: version 1.0, filled up to a multiple of 64 bytes.
fn npy_header(rows: usize, width: usize) -> Vec<u8> {
    let shape = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {width}), }}");
    let before = 10;
    let length = (before + shape.len() + 1).next_multiple_of(64) - before;
    let mut header = b"\x93NUMPY\x01\x00".to_vec();
    header.extend((length as u16).to_le_bytes());
    header.extend(format!("{shape:<0$}\n", length - 1).into_bytes());
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_array_begins_as_numpy_writes_it() {
        let header = npy_header(10, 1280);
        assert_eq!(header.len(), 128);
        assert!(header.starts_with(b"\x93NUMPY\x01\x00\x76\x00{'descr': '<f4', "));
        let text = String::from_utf8_lossy(&header[10..]);
        assert!(
            text.trim_end().ends_with("'shape': (10, 1280), }"),
            "{text}"
        );
        assert!(text.ends_with(" \n"), "{text}");
    }
}
