"""What does logging cost an epoch of a Python training loop, beside the authors' `aum` package?

The same loop hands the same logits to both; the AUMs must agree to 1e-6. Also, how long the package takes to
import, and how much longer a question takes from Python than from the program.

    python3 benchmarks/log_cost.py
"""

import argparse
import json
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from comparison import markdown_table, ratios, spread
from environment import BENCHMARKS, WORKSPACE, cargo_build, pin_to_cores, pytorch_python, release_folder, warn_where_busy

CLOSE = 1e-6
IMPORT = "import time; began = time.perf_counter(); import aum_toolkit; print(time.perf_counter() - began)"
QUESTION = """
import sys, time, aum_toolkit
aum_toolkit.aum(sys.argv[1])
times = []
for _ in range(5):
    began = time.perf_counter()
    aum_toolkit.aum(sys.argv[1])
    times.append(time.perf_counter() - began)
print(min(times))
"""


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compare what logging costs; prints a Markdown table.")
    parser.add_argument("--rounds", type=int, default=3, help="processes, of five epochs each (default: 3)")
    parser.add_argument("--no-build", action="store_true", help="take target/release/analyzer as it is, and the package that is installed")
    parser.add_argument("--python", type=Path, help="a Python with torch and aum, which gets this package (default: that of venv.sh)")
    return parser.parse_args()


def install(python: Path) -> None:
    """Builds the package and installs it; what it needs is there."""
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", WORKSPACE / "python"], check=True)


def number(python: Path, code: str, *words: str) -> float:
    return float(subprocess.run([python, "-c", code, *words], check=True, stdout=subprocess.PIPE, text=True).stdout)


def program_seconds(program: Path, *words: str) -> float:
    """The best of five, as of the package."""
    times = []
    for _ in range(5):
        began = time.perf_counter()
        subprocess.run([program, "aum", *words, "--quiet"], check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - began)
    return min(times)


def main() -> None:
    arguments = parse_arguments()
    python = arguments.python or pytorch_python()
    if not arguments.no_build:
        install(python)
    programs = release_folder() if arguments.no_build else cargo_build("-p", "analyzer", "-p", "logformat", "--bins", "--example", "synthetic_log")
    pin_to_cores(2)
    warn_where_busy()
    script = BENCHMARKS / "pytorch_side" / "log_cost.py"
    results = []
    for _ in range(arguments.rounds):
        said = subprocess.run([python, script], check=True, stdout=subprocess.PIPE, text=True).stdout
        results.append(json.loads(said))
    difference = max(result["difference"] for result in results)
    if difference > CLOSE:
        raise SystemExit(f"the AUMs differ by {difference}")
    epochs = {side: [seconds for result in results for seconds in result["seconds"][side]] for side in ("theirs", "ours")}
    rows = [[side, spread((1000 * seconds for seconds in times), digits=0)] for side, times in epochs.items()]
    print(markdown_table(["logging by", "ms an epoch"], rows))
    print(f"theirs / ours: {ratios(epochs['theirs'], epochs['ours'])}; AUMs differ by {difference:.1e} at most")
    imports = [1000 * number(python, IMPORT) for _ in range(5)]
    print(f"import aum_toolkit: {statistics.median(imports):.0f} ms")
    with tempfile.TemporaryDirectory() as logs:
        made = [programs / "examples" / "synthetic_log", logs, "50000", "11", "20"]
        subprocess.run(made, check=True, stdout=subprocess.DEVNULL)
        analyzer = programs / "analyzer"
        ours, alone = number(python, QUESTION, logs), program_seconds(analyzer, logs)
        table = program_seconds(analyzer, logs, "--format=csv")
    print(f"aum(logs): {1000 * ours:.0f} ms; the program {1000 * alone:.0f} ms, and {1000 * table:.0f} ms with its table")


if __name__ == "__main__":
    main()
