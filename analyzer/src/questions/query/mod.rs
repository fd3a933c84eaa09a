//! The analysis as a query for an engine that a team already runs at scale: the AUM table, the AUM
//! threshold of each pass, and the flagged samples, from the same files.
//!
//! For logs of many machines in object storage: the query runs where the logs are, and the small
//! table comes back. Definitions and order of steps are those of `margin`, `aum`, `threshold` and
//! `verdict`; sums are in 64 bits but in the engine's own order, so that AUMs agree to about 1e-12
//! and not to the last bit.

pub(crate) mod asked;
pub(crate) mod columns;
pub(crate) mod polars;
pub(crate) mod sql;

use std::path::Path;

use crate::questions::query::asked::AumQuery;

/// The engine that a query is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// SQL for DuckDB.
    DuckDb,
    /// SQL for Apache Spark 3.4 and newer.
    Spark,
    /// Python code for Polars 1.0 and newer.
    Polars,
}

impl AumQuery {
    /// The query, each line ended.
    ///
    /// Its result has a row per run, pass and sample, ordered by run, AUM, sample and pass:
    /// `run`, `pass`, `sample_id`, `given_label`, `true_label`, `is_threshold_sample`, `epochs` (how
    /// many count), `aum_in_pass`, `threshold` (of the pass), `judged_passes`, `aum` (over the passes
    /// that judge the sample) and `flagged` (whether each of them flags it).
    pub fn text(&self, dialect: Dialect) -> String {
        match dialect {
            Dialect::DuckDb => sql::query(self, &sql::DUCKDB),
            Dialect::Spark => sql::query(self, &sql::SPARK),
            Dialect::Polars => polars::script(self),
        }
    }
}

/// What an engine is given for a path: a folder stands for the `*.parquet` files right in it.
pub fn query_source(path: &Path) -> String {
    let text = path.display().to_string();
    if path.is_dir() {
        return format!("{}/*.parquet", text.trim_end_matches('/'));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::questions::query::columns::QueryColumns;
    use crate::rules::percentile::Percentile;

    fn query(columns: QueryColumns) -> AumQuery {
        AumQuery {
            sources: vec!["logs/a'b.parquet".to_owned(), "logs/c.parquet".to_owned()],
            columns,
            epochs: "2..9".parse().unwrap(),
            percentile: Percentile::new(98.0).unwrap(),
        }
    }

    fn has(text: &str, parts: &[&str]) {
        for part in parts {
            assert!(text.contains(part), "{part:?} is not in\n{text}");
        }
    }

    #[test]
    fn each_dialect_names_sources_window_and_percentile() {
        let query = query(QueryColumns::all());
        has(
            &query.text(Dialect::DuckDb),
            &[
                "['logs/a''b.parquet', 'logs/c.parquet']",
                "0.02",
                "epoch >= 2 AND epoch <= 9",
            ],
        );
        has(
            &query.text(Dialect::Spark),
            &[
                "parquet.`logs/a'b.parquet`",
                "UNION ALL",
                "epoch >= 2 AND epoch <= 9",
            ],
        );
        has(
            &query.text(Dialect::Polars),
            &[
                r#"["logs/a'b.parquet", "logs/c.parquet"]"#,
                "0.02",
                "is_between(2, 9)",
            ],
        );
    }

    #[test]
    fn columns_that_are_not_there_have_their_default() {
        let columns = QueryColumns {
            run: false,
            pass: false,
            is_threshold_sample: false,
            ..QueryColumns::all()
        };
        has(
            &query(columns).text(Dialect::DuckDb),
            &["'' AS run", "1 AS pass", "false AS is_threshold_sample"],
        );
    }

    #[test]
    fn margins_are_computed_where_there_are_only_logits() {
        let columns = QueryColumns {
            margin: false,
            ..QueryColumns::all()
        };
        for dialect in [Dialect::DuckDb, Dialect::Spark, Dialect::Polars] {
            assert!(query(columns).text(dialect).contains("logits"));
            assert!(!query(QueryColumns::all()).text(dialect).contains("logits"));
        }
    }
}
