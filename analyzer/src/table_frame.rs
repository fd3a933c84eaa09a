//! The AUM table as a Polars frame, for the file formats that Polars writes.

use logformat::SampleIds;
use polars::prelude::{Column, DataFrame, NamedFrom, PolarsResult, Series};

use crate::AumTable;

/// The table with the types of its columns: 64-bit or text ids, 32-bit labels, 64-bit AUMs.
pub(crate) fn data_frame(table: &AumTable) -> PolarsResult<DataFrame> {
    let runs: Vec<Option<&str>> = table.runs.iter().map(Option::as_deref).collect();
    let ids = match &table.sample_ids {
        SampleIds::Integers(ids) => Series::new("sample_id".into(), ids),
        SampleIds::Texts(ids) => Series::new("sample_id".into(), ids),
    };
    let mut columns: Vec<Series> = vec![
        Series::new("run".into(), runs),
        ids,
        Series::new("given_label".into(), integers(&table.given_labels)),
        Series::new("true_label".into(), integers(&table.true_labels)),
        Series::new("judged_passes".into(), signed(&table.judged_passes)),
        Series::new("aum".into(), &table.aums),
    ];
    for pass in &table.passes {
        columns.push(Series::new(
            format!("aum_p{}", pass.pass).into(),
            &pass.aums,
        ));
    }
    for pass in &table.passes {
        let name = format!("threshold_sample_p{}", pass.pass);
        columns.push(Series::new(name.into(), &pass.is_threshold_sample));
    }
    for pass in &table.passes {
        let name = format!("threshold_p{}", pass.pass);
        columns.push(Series::new(name.into(), &pass.thresholds));
    }
    columns.push(Series::new("flagged".into(), &table.flagged));
    let columns = columns.into_iter().map(Column::from).collect();
    DataFrame::new(table.len(), columns)
}

/// Labels and pass counts are below 2³¹, as the format has it.
fn signed(values: &[u32]) -> Vec<i32> {
    values.iter().map(|value| value.cast_signed()).collect()
}

fn integers(labels: &[Option<u32>]) -> Vec<Option<i32>> {
    labels
        .iter()
        .map(|label| label.map(u32::cast_signed))
        .collect()
}
