//! `aum_values.csv` of the authors' package `aum`: one AUM a sample, sorted by AUM, so that rows mean
//! nothing and the id everything.
//!
//! A loop that handed over its ids as tensors has a row for each measurement: a tensor is a key of its own
//! each time. Their mean is then the AUM.

use std::collections::BTreeMap;

use crate::error::AnalyzerError;
use crate::imports::format::{Gives, ImportFormat, Notes, Source};
use crate::imports::imported_aums::ImportedAum;
use crate::imports::sample_names::{plain, sample_ids};
use crate::imports::text_rows::TextRows;
use crate::logs::table_frame::is_csv;

pub(crate) const FORMAT: ImportFormat = ImportFormat {
    name: "aum-values",
    about: "aum_values.csv of the Python package aum",
    recognises: |path| {
        let columns = |rows: TextRows<'_>| rows.header() == ["sample_id", "aum"];
        is_csv(path) && TextRows::open(path).is_ok_and(columns)
    },
    gives: Gives::Aums {
        read,
        instead: "for curves, import full_aum_records.csv, which AUMCalculator(compressed=False) writes beside it",
    },
};

fn read(source: &Source<'_>, notes: &mut Notes) -> Result<Vec<ImportedAum>, AnalyzerError> {
    let mut rows = TextRows::open(source.path)?;
    let [id, aum] = rows.columns(["sample_id", "aum"])?;
    // Of each sample: the sum, and the number of rows.
    let mut aums: BTreeMap<String, (f64, u32)> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let text = row.text(id)?;
        let name = plain(text);
        let (sum, count) = aums.entry(name.to_owned()).or_default();
        if *count > 0 && name == text {
            return Err(row.refusal(&format!(
                "has sample {name} a second time; give each sample one AUM"
            )));
        }
        *sum += row.number(aum, "the AUM")?;
        *count += 1;
    }
    if aums.values().any(|&(_, count)| count > 1) {
        notes.push(format!(
            "{}: samples are there several times, since their ids were tensors; the mean of their rows is their AUM",
            source.path.display()
        ));
    }
    let names: Vec<String> = aums.keys().cloned().collect();
    let aums = sample_ids(&names).into_iter().zip(aums.values());
    let aums = aums.map(|(sample_id, (sum, count))| ImportedAum {
        sample_id,
        given_label: None,
        true_label: None,
        is_threshold_sample: false,
        aum: Some(sum / f64::from(*count)),
    });
    Ok(aums.collect())
}
