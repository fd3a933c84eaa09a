"""The other sides of read_speed.py: AUMs and the AUM threshold of one pass with another engine.

    python read_engines.py duckdb|polars|numpy|aum FOLDER margins|logits

Prints `{"threshold": …, "flagged": …, "cpu_seconds": …, "seconds": …}`, both without importing the engine.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

PERCENTILE = 99.0
FIRST_EPOCH = 2


def threshold_and_flagged(aums, is_threshold_sample):
    """The k-th largest AUM of the threshold samples, and how many ordinary samples lie below it."""
    import numpy as np

    others = np.sort(aums[is_threshold_sample])[::-1]
    threshold = others[int(len(others) * (100 - PERCENTILE) / 100 + 1e-9)]
    return float(threshold), int((aums[~is_threshold_sample] < threshold).sum())


def with_duckdb(folder: Path, source: str) -> tuple[float, int]:
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET threads = 2")
    # The largest logit first: no other list is made where it is not the assigned one.
    other = "CASE WHEN assigned < largest THEN largest ELSE list_max(logits[:assigned_label] || logits[assigned_label + 2:]) END"
    columns = "sample_id, is_threshold_sample, assigned_label, logits, logits[assigned_label + 1] AS assigned, list_max(logits) AS largest"
    log = f"'{folder}/*.parquet'"
    if source == "logits":
        log = f"(SELECT sample_id, is_threshold_sample, assigned - {other} AS margin FROM (SELECT {columns} FROM {log} WHERE epoch >= {FIRST_EPOCH}))"
        where = ""
    else:
        where = f"WHERE epoch >= {FIRST_EPOCH}"
    query = f"SELECT any_value(is_threshold_sample) AS t, avg(margin) AS aum FROM {log} {where} GROUP BY sample_id"
    found = connection.sql(query).fetchnumpy()
    return threshold_and_flagged(found["aum"], found["t"])


def with_polars(folder: Path, source: str) -> tuple[float, int]:
    import polars as pl

    log = pl.scan_parquet(f"{folder}/*.parquet").filter(pl.col("epoch") >= FIRST_EPOCH)
    if source == "logits":
        if isinstance(log.collect_schema()["logits"], pl.Array):
            log = log.with_columns(pl.col("logits").arr.to_list())
        logits = pl.col("logits").list
        second = logits.sort(descending=True).list.get(1)
        log = log.with_columns(assigned=logits.get(pl.col("assigned_label")), largest=logits.max(), second=second)
        rival = pl.when(pl.col("assigned") < pl.col("largest")).then("largest").otherwise("second")
        log = log.with_columns(margin=pl.col("assigned") - rival)
    aums = log.group_by("sample_id").agg(pl.col("is_threshold_sample").first(), pl.col("margin").cast(pl.Float64).mean())
    found = aums.select("is_threshold_sample", "margin").collect(engine="streaming")
    return threshold_and_flagged(found["margin"].to_numpy(), found["is_threshold_sample"].to_numpy())


def batches(folder: Path, columns: list[str]):
    """Row groups of the files from the second epoch on (a file an epoch, as the recorder writes them)."""
    import pyarrow.parquet as pq

    for path in sorted(folder.glob("*.parquet"))[FIRST_EPOCH - 1 :]:
        file = pq.ParquetFile(path)
        for group in range(file.num_row_groups):
            yield file.read_row_group(group, columns=columns)


def with_numpy(folder: Path, source: str) -> tuple[float, int]:
    import numpy as np

    sums, serves, epochs = np.zeros(0), np.zeros(0, dtype=bool), 0
    wanted = "margin" if source == "margins" else "logits"
    for table in batches(folder, ["sample_id", "assigned_label", "is_threshold_sample", wanted]):
        sample = table["sample_id"].to_numpy()
        if len(sums) <= sample.max():
            grown = sample.max() + 1
            sums, serves = np.resize(sums, grown), np.resize(serves, grown)
            sums[sample], serves[sample] = 0.0, table["is_threshold_sample"].to_numpy()
        epochs += sample[0] == 0
        if source == "margins":
            margin = table["margin"].to_numpy()
        else:
            lists = table["logits"].combine_chunks()
            logits = lists.flatten().to_numpy(zero_copy_only=False).reshape(len(sample), -1)
            rows, label = np.arange(len(sample)), table["assigned_label"].to_numpy()
            assigned = logits[rows, label]
            others = logits if logits.flags.writeable else logits.copy()
            others[rows, label] = -np.inf
            margin = assigned - others.max(axis=1)
        sums[sample] += margin
    return threshold_and_flagged(sums / epochs, serves)


def with_aum(folder: Path, source: str) -> tuple[float, int]:
    """The authors' package, fed batches of 1024 from arrays; it knows no margins, only logits."""
    import numpy as np
    import torch
    from aum import AUMCalculator

    torch.set_num_threads(2)
    calculator = AUMCalculator("/tmp", compressed=True)
    serves = {}
    for table in batches(folder, ["sample_id", "assigned_label", "is_threshold_sample", "logits"]):
        sample = table["sample_id"].to_numpy()
        logits = table["logits"].combine_chunks().flatten().to_numpy(zero_copy_only=False).reshape(len(sample), -1)
        logits, labels = torch.from_numpy(logits.copy()), torch.from_numpy(table["assigned_label"].to_numpy().astype("int64"))
        ids = sample.tolist()
        if not serves:
            serves = dict(zip(ids, table["is_threshold_sample"].to_pylist(), strict=True))
        for start in range(0, len(ids), 1024):
            part = slice(start, start + 1024)
            calculator.update(logits[part], labels[part], ids[part])
    aums = np.array([calculator.counts and calculator.sums[sample] / calculator.counts[sample] for sample in serves])
    return threshold_and_flagged(aums, np.array(list(serves.values())))


ENGINES: dict[str, tuple[list[str], Callable[[Path, str], tuple[float, int]]]] = {
    "duckdb": (["duckdb", "numpy"], with_duckdb),
    "polars": (["polars", "numpy"], with_polars),
    "numpy": (["pyarrow.parquet", "numpy"], with_numpy),
    "aum": (["pyarrow.parquet", "torch", "aum", "numpy"], with_aum),
}


def cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    engine, folder, source = sys.argv[1:]
    modules, run = ENGINES[engine]
    for module in modules:
        __import__(module)
    cpu, start = cpu_seconds(), time.perf_counter()
    threshold, flagged = run(Path(folder), source)
    measured = {"cpu_seconds": round(cpu_seconds() - cpu, 3), "seconds": round(time.perf_counter() - start, 3)}
    print(json.dumps({"threshold": threshold, "flagged": flagged} | measured))


if __name__ == "__main__":
    main()
