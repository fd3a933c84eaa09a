//! The query in SQL. What DuckDB and Spark have in common is one text; the words in which they differ
//! are a struct.

use crate::questions::query::asked::AumQuery;

/// How an engine says it.
pub(crate) struct Words {
    name: &'static str,
    /// The `FROM` of some sources.
    from: fn(&[String], &str) -> String,
    /// The logit of the assigned class.
    assigned_logit: &'static str,
    largest_logit: &'static str,
    /// The largest logit but the assigned one.
    largest_other: &'static str,
}

pub(crate) const DUCKDB: Words = Words {
    name: "DuckDB",
    from: |sources, columns| {
        let quoted: Vec<String> = sources
            .iter()
            .map(|source| format!("'{}'", source.replace('\'', "''")))
            .collect();
        let files = quoted.join(", ");
        format!("SELECT {columns}\n    FROM read_parquet([{files}])")
    },
    assigned_logit: "logits[assigned_label + 1]",
    largest_logit: "list_max(logits)",
    largest_other: "list_max(logits[:assigned_label] || logits[assigned_label + 2:])",
};

pub(crate) const SPARK: Words = Words {
    name: "Spark",
    from: |sources, columns| {
        let selects: Vec<String> = sources
            .iter()
            .map(|source| {
                let path = source.replace('`', "``");
                format!("SELECT {columns}\n    FROM parquet.`{path}`")
            })
            .collect();
        selects.join("\n    UNION ALL ")
    },
    assigned_logit: "element_at(logits, CAST(assigned_label AS INT) + 1)",
    largest_logit: "array_max(logits)",
    largest_other: "array_max(concat(slice(logits, 1, CAST(assigned_label AS INT)), slice(logits, CAST(assigned_label AS INT) + 2, size(logits))))",
};

/// The largest logit is compared first: where it is not the assigned one, which is the costly case
/// for an engine, no other list has to be made.
fn margin(words: &Words, has_margin: bool) -> String {
    if has_margin {
        return "margin".to_owned();
    }
    let Words {
        assigned_logit,
        largest_logit,
        largest_other,
        ..
    } = words;
    format!(
        "{assigned_logit} - CASE WHEN {assigned_logit} < {largest_logit} THEN {largest_logit}\n      ELSE {largest_other} END"
    )
}

pub(crate) fn query(query: &AumQuery, words: &Words) -> String {
    let columns = query.columns;
    let or = |has: bool, column: &str, default: &str| {
        if has {
            column.to_owned()
        } else {
            format!("{default} AS {column}")
        }
    };
    let given = if columns.given_label {
        "given_label".to_owned()
    } else if columns.is_threshold_sample {
        "CASE WHEN NOT is_threshold_sample THEN assigned_label END AS given_label".to_owned()
    } else {
        "assigned_label AS given_label".to_owned()
    };
    let selected = [
        or(columns.run, "run", "''"),
        or(columns.pass, "pass", "1"),
        "epoch, sample_id".to_owned(),
        given,
        or(columns.true_label, "true_label", "CAST(NULL AS INTEGER)"),
        or(columns.is_threshold_sample, "is_threshold_sample", "false"),
        format!("{} AS margin", margin(words, columns.margin)),
    ];
    let log = (words.from)(&query.sources, &selected.join(", "));
    let (name, share) = (words.name, query.share_above());
    let within = within(query);
    let percentile = query.percentile;
    format!(
        "-- AUMs, AUM thresholds at percentile {percentile} and flagged samples, for {name}.
WITH log AS (
    {log}
), aums AS (
    SELECT run, pass, sample_id,
        max(given_label) AS given_label, max(true_label) AS true_label,
        CAST(max(CAST(is_threshold_sample AS INTEGER)) AS BOOLEAN) AS is_threshold_sample,
        count(*) AS epochs, avg(CAST(margin AS DOUBLE)) AS aum_in_pass
    FROM log
    WHERE {within}
    GROUP BY run, pass, sample_id
), ranked AS (
    SELECT run, pass, aum_in_pass,
        row_number() OVER (PARTITION BY run, pass ORDER BY aum_in_pass DESC) AS rank_from_top,
        count(*) OVER (PARTITION BY run, pass) AS threshold_samples
    FROM aums
    WHERE is_threshold_sample
), thresholds AS (
    -- The k-th largest AUM of n threshold samples, k = floor(n * (1 - percentile / 100)) + 1.
    SELECT run, pass, min(aum_in_pass) AS threshold
    FROM ranked
    WHERE rank_from_top <= floor(threshold_samples * {share} + 1e-9) + 1
    GROUP BY run, pass
), judged AS (
    SELECT aums.*, threshold,
        CASE WHEN NOT is_threshold_sample THEN aum_in_pass END AS judged_aum,
        CASE WHEN is_threshold_sample OR threshold IS NULL THEN NULL
            WHEN aum_in_pass < threshold THEN 1 ELSE 0 END AS is_below
    FROM aums LEFT JOIN thresholds USING (run, pass)
)
SELECT run, pass, sample_id,
    max(given_label) OVER (PARTITION BY run, sample_id) AS given_label,
    max(true_label) OVER (PARTITION BY run, sample_id) AS true_label,
    is_threshold_sample, epochs, aum_in_pass, threshold,
    count(judged_aum) OVER (PARTITION BY run, sample_id) AS judged_passes,
    avg(judged_aum) OVER (PARTITION BY run, sample_id) AS aum,
    min(is_below) OVER (PARTITION BY run, sample_id) = 1 AS flagged
FROM judged
ORDER BY run, aum, sample_id, pass
"
    )
}

fn within(query: &AumQuery) -> String {
    let (first, last) = query.epochs.ends();
    let first = format!("epoch >= {}", first.unwrap_or(0));
    last.map_or(first.clone(), |last| format!("{first} AND epoch <= {last}"))
}
