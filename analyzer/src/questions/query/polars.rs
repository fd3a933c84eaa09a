//! The query as Python code for Polars, whose lazy frames say it better than its SQL: that has no
//! window functions over lists.

use crate::questions::query::asked::AumQuery;

pub(crate) fn script(query: &AumQuery) -> String {
    let columns = query.columns;
    let sources = serde_json::Value::from(query.sources.clone());
    let sources = sources.to_string().replace("\",\"", "\", \"");
    let mut defaults = Vec::new();
    for (has, column, default) in [
        (columns.run, "run", "pl.lit(\"\")"),
        (columns.pass, "pass", "pl.lit(1)"),
        (
            columns.is_threshold_sample,
            "is_threshold_sample",
            "pl.lit(False)",
        ),
        (
            columns.true_label,
            "true_label",
            "pl.lit(None, dtype=pl.Int32)",
        ),
    ] {
        if !has {
            defaults.push(format!("{column}={default}"));
        }
    }
    let given = "given_label=pl.when(~pl.col(\"is_threshold_sample\")).then(\"assigned_label\")";
    let defaults = with_columns(&defaults);
    let given = with_columns(&if columns.given_label {
        Vec::new()
    } else {
        vec![given.to_owned()]
    });
    let margin = if columns.margin { "" } else { FROM_LOGITS };
    let (first, last) = query.epochs.ends();
    let first = first.unwrap_or(0);
    let within = last.map_or(format!("pl.col(\"epoch\") >= {first}"), |last| {
        format!("pl.col(\"epoch\").is_between({first}, {last})")
    });
    let (share, percentile) = (query.share_above(), query.percentile);
    format!(
        "# AUMs, AUM thresholds at percentile {percentile} and flagged samples, for Polars in Python.
import polars as pl

pl.Config.set_tbl_cols(-1)
log = pl.scan_parquet({sources}).filter({within}){defaults}{given}
{margin}aums = log.group_by(\"run\", \"pass\", \"sample_id\").agg(
    pl.col(\"given_label\", \"true_label\", \"is_threshold_sample\").max(),
    epochs=pl.len(),
    aum_in_pass=pl.col(\"margin\").cast(pl.Float64).mean(),
)
# The k-th largest AUM of n threshold samples, k = floor(n * (1 - percentile / 100)) + 1.
rank = (pl.len() * {share} + 1e-9).floor().cast(pl.Int64)
thresholds = aums.filter(\"is_threshold_sample\").group_by(\"run\", \"pass\").agg(
    threshold=pl.col(\"aum_in_pass\").sort(descending=True).get(pl.min_horizontal(rank, pl.len() - 1)),
)
ordinary = ~pl.col(\"is_threshold_sample\")
of_sample = [\"run\", \"sample_id\"]
table = (
    aums.join(thresholds, on=[\"run\", \"pass\"], how=\"left\")
    .with_columns(
        judged_aum=pl.when(ordinary).then(\"aum_in_pass\"),
        is_below=pl.when(ordinary).then(pl.col(\"aum_in_pass\") < pl.col(\"threshold\")),
    )
    .select(
        \"run\", \"pass\", \"sample_id\",
        pl.col(\"given_label\", \"true_label\").max().over(of_sample),
        \"is_threshold_sample\", \"epochs\", \"aum_in_pass\", \"threshold\",
        judged_passes=pl.col(\"judged_aum\").count().over(of_sample),
        aum=pl.col(\"judged_aum\").mean().over(of_sample),
        flagged=pl.col(\"is_below\").min().over(of_sample),
    )
    .sort(\"run\", \"aum\", \"sample_id\", \"pass\", nulls_last=True)
    .collect()
)
print(table)
"
    )
}

/// The second of the sorted logits is the largest other one where the assigned one is the largest.
const FROM_LOGITS: &str = "\
if isinstance(log.collect_schema()[\"logits\"], pl.Array):
    log = log.with_columns(pl.col(\"logits\").arr.to_list())
logits = pl.col(\"logits\").list
log = log.with_columns(
    assigned=logits.get(pl.col(\"assigned_label\")),
    largest=logits.max(),
    second=logits.sort(descending=True).list.get(1),
)
log = log.with_columns(
    margin=pl.col(\"assigned\")
    - pl.when(pl.col(\"assigned\") < pl.col(\"largest\")).then(\"largest\").otherwise(\"second\"),
)
";

fn with_columns(expressions: &[String]) -> String {
    if expressions.is_empty() {
        return String::new();
    }
    format!(".with_columns({})", expressions.join(", "))
}
