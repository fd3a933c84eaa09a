"""How fast are vectors trained on, and in how much memory, beside a short PyTorch script?

100,000 vectors of 768 features in an NPY file of 293 MiB, as embeddings come; the mlp, batch 64. Ours is
the whole of `recorder run`, with its log and the test after each epoch; PyTorch trains alone. The speed is
that of the last epoch, the memory the most of the whole process.

    python3 benchmarks/features_speed.py
"""

import argparse
import subprocess
import tempfile
from functools import partial
from pathlib import Path

from comparison import interleave, markdown_table, measure, ratios, spread
from environment import BENCHMARKS, cargo_build, pin_to_cores, pytorch_python, release_folder, threads_only, warn_where_busy
from stream_speed import record

HEADER = ["", "samples/s", "ours / PyTorch", "peak memory, MiB"]


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compare training on features with PyTorch; prints a Markdown table.")
    parser.add_argument("--samples", type=int, default=100_000, help="vectors (default: 100,000)")
    parser.add_argument("--width", type=int, default=768, help="features of each (default: 768)")
    parser.add_argument("--epochs", type=int, default=3, help="the last one is measured (default: 3)")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each side, interleaved (default: 3)")
    parser.add_argument("--threads", type=int, default=2, help="threads, and cores (default: 2)")
    parser.add_argument("--no-build", action="store_true", help="take target/release/recorder as it is")
    return parser.parse_args()


def main() -> None:
    arguments = parse_arguments()
    python = pytorch_python()
    programs = release_folder() if arguments.no_build else cargo_build("-p", "recorder")
    pytorch_side = BENCHMARKS / "pytorch_side"
    with tempfile.TemporaryDirectory() as temporary:
        data = Path(temporary) / "data"
        data.mkdir()
        make = [python, pytorch_side / "make_features.py", data, str(arguments.samples), str(arguments.width)]
        subprocess.run(make, check=True)
        pin_to_cores(arguments.threads)
        warn_where_busy()
        epochs = ["--epochs", str(arguments.epochs)]
        ours = [programs / "recorder", "run", "--dataset", "features", "--data", data, "--passes", "1", *epochs]
        ours += ["--overwrite", "--name", "a", "--out", Path(temporary) / "logs"]
        pytorch = [python, pytorch_side / "features_run.py", data, *epochs, "--threads", str(arguments.threads)]
        environment = threads_only(arguments.threads)
        sides = {"recorder run": partial(record, ours, environment), "PyTorch": partial(measure, pytorch, environment)}
        measurements = interleave(sides, arguments.rounds)
    speeds = {name: [m.result["samples_per_second"] for m in side] for name, side in measurements.items()}
    rows = []
    for name, side in measurements.items():
        ratio = ratios(speeds[name], speeds["PyTorch"])
        rows.append([name, spread(speeds[name]), ratio, spread(m.peak_mib for m in side)])
    print(markdown_table(HEADER, rows))


if __name__ == "__main__":
    main()
