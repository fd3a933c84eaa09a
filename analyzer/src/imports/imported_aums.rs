//! AUMs that another tool has computed, as an AUM table: a row a sample, and columns for each pass.

use std::collections::BTreeMap;

use logformat::SampleId;

use crate::results::tables::ResultTable;

/// The AUM of one sample in one pass.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ImportedAum {
    pub(crate) sample_id: SampleId,
    pub(crate) given_label: Option<u32>,
    pub(crate) true_label: Option<u32>,
    pub(crate) is_threshold_sample: bool,
    /// `None` where nobody has it.
    pub(crate) aum: Option<f64>,
}

/// The table of a run, of the passes in their order.
pub(crate) fn imported_table(run: &str, passes: &[Vec<ImportedAum>]) -> ResultTable {
    let mut samples: BTreeMap<&SampleId, Vec<Option<&ImportedAum>>> = BTreeMap::new();
    for (at, pass) in passes.iter().enumerate() {
        for aum in pass {
            let of_sample = samples.entry(&aum.sample_id);
            of_sample.or_insert_with(|| vec![None; passes.len()])[at] = Some(aum);
        }
    }
    let known = |label: fn(&ImportedAum) -> Option<u32>| {
        let of_passes = samples.values();
        of_passes.map(move |passes| passes.iter().flatten().find_map(|aum| label(aum)))
    };
    let mut table = ResultTable::new()
        .sample_ids(samples.keys().map(|&id| id.clone()))
        .classes("given_label", "Given label", known(|aum| aum.given_label))
        .classes("true_label", "True label", known(|aum| aum.true_label));
    for at in 0..passes.len() {
        let aums = samples
            .values()
            .map(|passes| passes[at].and_then(|aum| aum.aum));
        table = table.logits(&format!("aum_p{}", at + 1), "AUM", aums);
    }
    for at in 0..passes.len() {
        let of_pass = samples.values().map(|passes| passes[at]);
        let marks = of_pass.map(|aum| aum.map(|aum| aum.is_threshold_sample));
        table = table.flags(
            &format!("threshold_sample_p{}", at + 1),
            "Threshold sample",
            marks,
        );
    }
    ResultTable::of_named([(Some(run), table)])
}
