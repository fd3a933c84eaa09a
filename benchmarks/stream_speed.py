"""Does training on images that do not fit into memory keep the speed of training on those that do?

A folder of 100,000 small JPEGs, trained on with all of them decoded in memory, decoded on the disk, with
their files in memory, and with nothing kept but the next batches. The speed is that of the last epoch, so
reading everything once at the beginning is left out; it is in "start". (The files are in the page
cache of the system after the first reading, if there is room: what is measured is decoding and the
many small files, not the disk.) The logs of all of them must be the same to the byte, which is checked.

    python3 benchmarks/stream_speed.py
"""

import argparse
import filecmp
import re
import subprocess
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from comparison import Measurement, interleave, markdown_table, ratios, run_program, spread
from environment import BENCHMARKS, cargo_build, pin_to_cores, pytorch_python, release_folder, threads_only, warn_where_busy

# `--memory` and `--disk` of each side; None for what they are where nothing is said.
ROOM = {
    "decoded in memory": (None, None),
    "decoded on the disk": ("0", None),
    "files in memory": ("{files}MiB", "0"),
    "files on the disk": ("0", "0"),
}
HEADER = ["images are", "samples/s", "of the speed in memory", "start, s", "peak memory, MiB"]


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compare training from memory and from files; prints a Markdown table.")
    parser.add_argument("--images", type=int, default=100_000, help="training images (default: 100,000)")
    parser.add_argument("--side", type=int, default=32, help="pixels a side of them (default: 32)")
    parser.add_argument("--model", default="lenet", help="the network: the faster, the harder to feed (default: lenet)")
    parser.add_argument("--epochs", type=int, default=2, help="the last one is measured (default: 2)")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each side, interleaved (default: 3)")
    parser.add_argument("--threads", type=int, default=2, help="threads, and cores (default: 2)")
    parser.add_argument("--folder", type=Path, help="where the images are, or shall be made (default: made and removed)")
    parser.add_argument("--python", type=Path, help="a Python with pillow and numpy (default: that of venv.sh)")
    parser.add_argument("--no-build", action="store_true", help="take target/release/recorder as it is")
    return parser.parse_args()


def record(command: list[str | Path], environment: Mapping[str, str]) -> Measurement:
    """Trains; the result has the samples a second of the last epoch, and the seconds outside of all epochs."""
    with tempfile.TemporaryFile("w+") as progress:
        finished = run_program(command, environment, progress)
        progress.seek(0)
        epochs = re.findall(r"epoch .* ([\d.]+) samples/s", progress.read())
    speeds = [float(speed) for speed in epochs]
    samples = int(re.search(r"epochs × (\d+) samples", finished.output).group(1))
    start = finished.seconds - sum(samples / speed for speed in speeds)
    return Measurement({"samples_per_second": speeds[-1], "start": start}, finished.peak_mib)


def make_images(arguments: argparse.Namespace, folder: Path) -> None:
    if not folder.exists():
        script = BENCHMARKS / "pytorch_side" / "make_images.py"
        python = arguments.python or pytorch_python()
        subprocess.run([python, script, folder, str(arguments.images), str(arguments.side)], check=True)


def main() -> None:
    arguments = parse_arguments()
    programs = release_folder() if arguments.no_build else cargo_build("-p", "recorder")
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.folder or Path(temporary) / "images"
        make_images(arguments, folder)
        files = sum(path.stat().st_size + 64 for path in folder.rglob("*.jpg")) // 2**20 + 1
        pin_to_cores(arguments.threads)
        warn_where_busy()
        logs = Path(temporary) / "logs"
        common = [programs / "recorder", "run", "--dataset", "images", "--data", folder, "--model", arguments.model]
        common += ["--epochs", str(arguments.epochs), "--passes", "1", "--overwrite", "--name", "a"]
        sides = {}
        for name, (memory, disk) in ROOM.items():
            budget = ["--memory", memory.format(files=files)] if memory else []
            room = ["--disk", disk] if disk else []
            command = [*common, *budget, *room, "--out", logs / name]
            sides[name] = partial(record, command, threads_only(arguments.threads))
        measurements = interleave(sides, arguments.rounds)
        first, *others = (logs / name / f"a-p1-e{arguments.epochs:04}.parquet" for name in sides)
        if not all(filecmp.cmp(first, other, shallow=False) for other in others):
            raise SystemExit("the logs differ")
    speeds = {name: [m.result["samples_per_second"] for m in side] for name, side in measurements.items()}
    in_memory = speeds["decoded in memory"]
    rows = []
    for name, side in measurements.items():
        start = spread((m.result["start"] for m in side), digits=1)
        memory = spread(m.peak_mib for m in side)
        rows.append([name, spread(speeds[name]), ratios(speeds[name], in_memory), start, memory])
    print(markdown_table(HEADER, rows))


if __name__ == "__main__":
    main()
