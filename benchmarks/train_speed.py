"""Who trains faster on the same cores: the recorder's engine or PyTorch?

The same network, batch and step (forward, backward, Nesterov SGD with momentum 0.9 and weight decay
1e-4) on data in memory, nothing logged. Each round runs both sides once, one after the other, each in
a process of its own and on the same cores. PyTorch runs as it comes, and again with an allocator that
keeps its pages, as ours does, and with threads that do not spin: the table has the fastest of the three.

    python3 benchmarks/train_speed.py
    python3 benchmarks/train_speed.py --work lenet --rounds 9
"""

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from comparison import Measurement, fastest, interleave, markdown_table, measure, ratios, spread
from environment import (
    BENCHMARKS,
    cargo_build,
    pin_to_cores,
    pytorch_python,
    pytorch_variants,
    release_folder,
    threads_only,
    warn_where_busy,
)


@dataclass(frozen=True)
class Work:
    title: str
    network: str
    batch: int
    steps: int  # a few seconds on two cores
    pixels: int = 32  # a side, where the network takes images of any size

    def arguments(self) -> list[str]:
        return [self.network, str(self.batch), str(self.steps), "--image-size", str(self.pixels)]


WORKS = {
    "lenet": Work("LeNet, MNIST, batch 64", "lenet", 64, 400),
    "mlp": Work("MLP 768-512-11, batch 128", "mlp", 128, 1000),
    "resnet20": Work("ResNet-20, CIFAR, batch 64", "resnet20", 64, 24),
    "resnet32": Work("ResNet-32, CIFAR, batch 128", "resnet32", 128, 8),
    "resnet18": Work("ResNet-18, 64×64, batch 64", "resnet18", 64, 2, pixels=64),
}
OURS = "ours"
HEADER = [
    "work",
    "ours, samples/s",
    "PyTorch as it comes",
    "PyTorch at its best",
    "ours / PyTorch",
    "ours / PyTorch's best",
    "our peak memory, MiB",
    "PyTorch's",
    "PyTorch's before the training",
]


def sides(work: Work, arguments: argparse.Namespace, program: Path, python: Path) -> dict[str, Callable[[], Measurement]]:
    environment = threads_only(arguments.threads)
    script = BENCHMARKS / "pytorch_side" / "training_speed.py"
    command = [python, script, *work.arguments(), "--threads", str(arguments.threads)]
    pytorch = {
        variant: partial(measure, command, environment | variables)
        for variant, variables in pytorch_variants(arguments.preload).items()
    }
    return {OURS: partial(measure, [program, *work.arguments()], environment)} | pytorch


def table_row(work: Work, measurements: dict[str, list[Measurement]]) -> list[str]:
    seconds = {name: [m.result["seconds"] for m in side] for name, side in measurements.items()}
    ours, pytorch = seconds.pop(OURS), seconds["as it comes"]
    best_name, best = fastest(seconds)
    samples = work.batch * work.steps
    speeds = [spread(samples / value for value in side) for side in (ours, pytorch, best)]
    speeds[2] += f", {best_name}"
    memory = [spread(m.peak_mib for m in measurements[name]) for name in (OURS, "as it comes")]
    before = spread(m.result["mib_before_training"] for m in measurements["as it comes"])
    return [work.title, *speeds, ratios(pytorch, ours), ratios(best, ours), *memory, before]


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compare the training speed with PyTorch; prints a Markdown table.")
    parser.add_argument("--work", choices=WORKS, action="append", help="what to train; may be repeated (default: all)")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each side, interleaved (default: 5)")
    parser.add_argument("--threads", type=int, default=2, help="threads, and cores, of each side (default: 2)")
    parser.add_argument("--preload", type=Path, help="allocator library that keeps pages for PyTorch (default: settings of glibc)")
    parser.add_argument("--no-build", action="store_true", help="take target/release/examples/training_speed as it is")
    return parser.parse_args()


def main() -> None:
    arguments = parse_arguments()
    python = pytorch_python()
    folder = release_folder() if arguments.no_build else cargo_build("-p", "recorder", "--example", "training_speed")
    pin_to_cores(arguments.threads)
    warn_where_busy()
    rows = []
    for name in arguments.work or WORKS:
        print(WORKS[name].title, file=sys.stderr)
        all_sides = sides(WORKS[name], arguments, folder / "examples" / "training_speed", python)
        rows.append(table_row(WORKS[name], interleave(all_sides, arguments.rounds)))
    print(markdown_table(HEADER, rows))


if __name__ == "__main__":
    main()
