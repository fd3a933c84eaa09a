"""How fast are AUMs computed from a log, and by whom?

Makes logs of the given shapes with the recorder's writer (logformat/examples/synthetic_log.rs), computes
AUMs, AUM threshold and flagged samples from their margins and from their logits with the analyzer and with
other engines, in turns, and asserts that the answers are the same. Prints a table in Markdown.

    python3 benchmarks/read_speed.py
    python3 benchmarks/read_speed.py --shape 50000x10x150 --engines duckdb,polars,numpy --rounds 3

The analyzer's seconds are those of its whole process; the others' leave out importing them. The logs are
in the page cache: each is read once before. Needs up to 3.1 GB in --folder, one log at a time.
"""

import argparse
import json
import math
import shutil
import sys
import tempfile
from functools import partial
from pathlib import Path
from statistics import median

from comparison import Measurement, interleave, markdown_table, ratios, run_program, spread
from environment import BENCHMARKS, cargo_build, pin_to_cores, release_folder, threads_only, warn_where_busy

SHAPES = ["50000x10x150", "50000x100x150", "200000x1000x2"]
OURS = "analyzer"
SOURCES = ["margins", "logits"]
HEADER = ["log", "from", "side", "CPU s", "wall s", "peak MiB", "CPU / ours"]


def with_analyzer(analyzer: Path, log: Path, source: str, environment: dict[str, str]) -> Measurement:
    words = ["--from-logits"] if source == "logits" else []
    finished = run_program([analyzer, "aum", log, "-q", "--bottom", "0", "--format", "json", *words], environment)
    (run,) = json.loads(finished.output)
    (one,) = run["passes"]
    found = {"threshold": one["threshold"], "flagged": one["flagged"]}
    times = {"cpu_seconds": round(finished.cpu_seconds, 3), "seconds": round(finished.seconds, 3)}
    return Measurement(found | times, finished.peak_mib)


def with_engine(python: Path, engine: str, log: Path, source: str, environment: dict[str, str]) -> Measurement:
    finished = run_program([python, BENCHMARKS / "read_engines.py", engine, log, source], environment)
    return Measurement(json.loads(finished.output.strip().splitlines()[-1]), finished.peak_mib)


def assert_same_answers(measurements: dict[str, list[Measurement]]) -> None:
    ours = measurements[OURS][0].result
    for name, side in measurements.items():
        for measurement in side:
            found = measurement.result
            same = math.isclose(found["threshold"], ours["threshold"], abs_tol=1e-5) and found["flagged"] == ours["flagged"]
            assert same, f"{name} finds {found}, the analyzer {ours}"


def rows_of(shape: str, source: str, measurements: dict[str, list[Measurement]]) -> list[list[str]]:
    cpu = {name: [m.result["cpu_seconds"] for m in side] for name, side in measurements.items()}
    rows = []
    for name in sorted(measurements, key=lambda name: median(cpu[name])):
        side = measurements[name]
        wall = spread((m.result["seconds"] for m in side), digits=2)
        memory = spread(m.peak_mib for m in side)
        rows.append([shape, source, name, spread(cpu[name], digits=2), wall, memory, ratios(cpu[name], cpu[OURS])])
    return rows


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shape", action="append", help=f"SAMPLESxLOGITSxEPOCHS, may be repeated (default: {', '.join(SHAPES)})")
    parser.add_argument("--source", choices=SOURCES, action="append", help="what AUMs are computed from (default: both)")
    parser.add_argument("--engines", default="duckdb,polars,numpy", help="of duckdb, polars, numpy, aum (default: all but aum, which takes minutes)")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each side, interleaved (default: 3)")
    parser.add_argument("--threads", type=int, default=2, help="threads, and cores, of each side (default: 2)")
    parser.add_argument("--python", type=Path, default=Path(sys.executable), help="a Python with the engines, see read_requirements.txt")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()), help="where the logs are made")
    parser.add_argument("--no-build", action="store_true", help="take the programs in target/release as they are")
    return parser.parse_args()


def main() -> None:
    arguments = parse_arguments()
    if not arguments.no_build:
        cargo_build("-p", "analyzer", "-p", "logformat", "--bins", "--examples")
    programs = release_folder()
    pin_to_cores(arguments.threads)
    warn_where_busy()
    environment = threads_only(arguments.threads) | {"POLARS_MAX_THREADS": str(arguments.threads)}
    rows = []
    for shape in arguments.shape or SHAPES:
        log = Path(tempfile.mkdtemp(prefix="aum-log-", dir=arguments.folder))
        try:
            run_program([programs / "examples" / "synthetic_log", log, *shape.split("x")], environment)
            for source in arguments.source or SOURCES:
                print(f"{shape}, from {source}", file=sys.stderr)
                engines = [engine for engine in arguments.engines.split(",") if source == "logits" or engine != "aum"]
                sides = {OURS: partial(with_analyzer, programs / "analyzer", log, source, environment)}
                sides |= {engine: partial(with_engine, arguments.python, engine, log, source, environment) for engine in engines}
                measurements = interleave(sides, arguments.rounds)
                assert_same_answers(measurements)
                rows += rows_of(shape, source, measurements)
        finally:
            shutil.rmtree(log)
    print(markdown_table(HEADER, rows))


if __name__ == "__main__":
    main()
