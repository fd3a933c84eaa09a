"""How long pictures and a report take: `analyzer plot all` and `analyzer report` on a made-up log of 50,000
samples × 10 classes × 150 epochs, with its logits; whole processes, as a user waits for them.

    cargo build --release -p analyzer && cargo build --release -p logformat --example synthetic_log
    python3 benchmarks/plot_speed.py [--rounds 5]
"""

import argparse
import tempfile
from pathlib import Path
from statistics import median

from comparison import run_program

RELEASE = Path(__file__).parent.parent / "target/release"
SHAPE = ["50000", "11", "150"]  # samples, logits with the extra class, epochs


def spread(values):
    return f"{median(values):.2f} ({min(values):.2f}–{max(values):.2f})"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    print("| command | wall s | CPU s | peak memory, MiB | written, MB |\n| --- | ---: | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory() as folder:
        logs, plots, page = (Path(folder, name) for name in ["logs", "plots", "report.html"])
        run_program([RELEASE / "examples/synthetic_log", logs, *SHAPE], {})
        for name, words, into in [
            ("plot all", ["plot", "all", logs, "-o", plots], plots),
            ("plot all, PNG", ["plot", "all", logs, "-o", plots, "--image-format", "png"], plots),
            ("report", ["report", logs, "-o", page], page),
        ]:
            command = [RELEASE / "analyzer", *words, "--overwrite", "--quiet"]
            run_program(command, {})  # reads the files into memory
            runs = [run_program(command, {}) for _ in range(rounds)]
            files = into.iterdir() if into.is_dir() else [into]
            written = sum(file.stat().st_size for file in files) / 1e6
            times = spread([run.seconds for run in runs]), spread([run.cpu_seconds for run in runs])
            peak = max(run.peak_mib for run in runs)
            print(f"| `{name}` | {times[0]} | {times[1]} | {peak:.0f} | {written:.1f} |", flush=True)


main()
