"""Who decodes images faster on the same cores: the recorder or PIL?

The 50,000 JPEGs of CIFAR-10's training part, from a Parquet file on the disk (in the page cache, after
the first round) to one array of bytes in memory. PIL runs with threads and with processes; the table
has the faster of the two. The recorder's time includes what it does beside: it measures each channel's
mean and deviation and splits off a test part.

    python3 benchmarks/decode_speed.py ../shared/data/cifar10/train.parquet
"""

import argparse
from functools import partial
from pathlib import Path

from comparison import fastest, interleave, markdown_table, measure, ratios, spread
from environment import BENCHMARKS, cargo_build, pin_to_cores, pytorch_python, release_folder, threads_only, warn_where_busy

OURS = "ours"
HEADER = ["images", "ours, images/s", "PIL", "PIL / ours, seconds", "our peak memory, MiB", "PIL's"]


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compare the decoding of images with PIL; prints a Markdown table.")
    parser.add_argument("file", type=Path, help="Parquet file with encoded images in a column img")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each side, interleaved (default: 5)")
    parser.add_argument("--threads", type=int, default=2, help="threads or processes, and cores, of each side (default: 2)")
    parser.add_argument("--python", type=Path, help="a Python with pillow and pyarrow (default: that of venv.sh)")
    parser.add_argument("--no-build", action="store_true", help="take target/release/examples/decode_speed as it is")
    return parser.parse_args()


def main() -> None:
    arguments = parse_arguments()
    python = arguments.python or pytorch_python()
    folder = release_folder() if arguments.no_build else cargo_build("-p", "recorder", "--example", "decode_speed")
    pin_to_cores(arguments.threads)
    warn_where_busy()
    environment = threads_only(arguments.threads)
    script = BENCHMARKS / "pytorch_side" / "decode_speed.py"
    workers = ["--workers", str(arguments.threads)]
    sides = {OURS: partial(measure, [folder / "examples" / "decode_speed", arguments.file], environment)}
    for kind in ("threads", "processes"):
        sides[kind] = partial(measure, [python, script, arguments.file, kind, *workers], environment)
    measurements = interleave(sides, arguments.rounds)
    seconds = {name: [m.result["seconds"] for m in side] for name, side in measurements.items()}
    images = measurements[OURS][0].result["images"]
    ours = seconds.pop(OURS)
    best_name, best = fastest(seconds)
    speeds = [spread(images / value for value in side) for side in (ours, best)]
    speeds[1] += f", {best_name}"
    memory = [spread(m.peak_mib for m in measurements[name]) for name in (OURS, best_name)]
    print(markdown_table(HEADER, [[f"{images:,}", *speeds, ratios(best, ours), *memory]]))


if __name__ == "__main__":
    main()
