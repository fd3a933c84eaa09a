//! `sql`: a query for each engine.
use tests::parquet_file::write_parquet;
use tests::program::text;

use crate::setup::{Logs, ints, minimal, run};

#[test]
fn a_query_is_printed_for_each_engine() {
    let logs = Logs::new();
    write_parquet(&logs.at("a.parquet"), minimal(2, &[1.0, 2.0]));
    for (dialect, part) in [
        ("duckdb", "read_parquet(["),
        ("spark", "parquet.`"),
        ("polars", "pl.scan_parquet"),
    ] {
        let query = text(&run(&["sql", logs.folder(), "--dialect", dialect]).stdout);
        assert!(query.contains(part), "{query}");
        assert!(query.contains("/*.parquet"), "{query}");
    }
}

#[test]
fn files_with_other_columns_than_the_rest_make_no_query() {
    let logs = Logs::new();
    write_parquet(&logs.at("a.parquet"), minimal(1, &[1.0, 2.0]));
    let mut columns = minimal(2, &[1.0, 2.0]);
    columns.push(("pass", ints(&[2, 2])));
    write_parquet(&logs.at("b.parquet"), columns);
    let output = run(&["sql", logs.folder(), "--dialect", "duckdb"]);
    assert_eq!(output.status.code(), Some(1));
    let stderr = text(&output.stderr);
    assert!(
        stderr.contains("b.parquet: has other columns than"),
        "{stderr}"
    );
}
