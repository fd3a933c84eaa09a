"""How long does it take to find the mislabeled samples, with the recorder and with PyTorch?

Everything included: reading the data, label noise, threshold samples, augmentation, training two passes,
a test after each epoch, the log of every margin, and the verdicts. On one side `recorder run` and
`analyzer aum`; on the other a plain PyTorch loop with a DataLoader and the authors' `aum` package
(pytorch_side/aum_run.py). Same network, batch, epochs, learning rate and noise rate; the draws are each
side's own, so the F1s are comparable, not equal.

Our seconds are those of the whole processes; PyTorch's leave out importing it. Both are divided by
passes × epochs.

    python3 benchmarks/end_to_end.py
    python3 benchmarks/end_to_end.py --task cifar10 --epochs 2 --passes 1 --rounds 1
"""

import argparse
import json
import shlex
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from comparison import Measurement, fastest, interleave, markdown_table, measure, ratios, run_program, spread
from environment import (
    BENCHMARKS,
    WORKSPACE,
    cargo_build,
    pin_to_cores,
    pytorch_python,
    pytorch_variants,
    release_folder,
    threads_only,
    warn_where_busy,
)


@dataclass(frozen=True)
class Task:
    title: str
    dataset: str
    network: str
    batch: int
    epochs: int
    learning_rate: float
    noise: float
    folder: str | None  # in --data; None where the data are in the recorder itself
    is_augmented: bool = False


TASKS = {
    "digits": Task("digits, MLP 64-128-11", "digits", "mlp", 64, 20, 0.03, 0.2, None),
    "mnist": Task("MNIST, LeNet", "mnist", "lenet", 64, 3, 0.01, 0.2, "mnist"),
    "cifar10": Task("CIFAR-10, ResNet-20, augmented", "cifar10", "resnet20", 64, 3, 0.1, 0.2, "cifar10", is_augmented=True),
}
DEFAULT_TASKS = ["digits", "mnist"]  # CIFAR-10 takes minutes an epoch
OURS = "ours"
HEADER = [
    "task",
    "ours, s/epoch",
    "PyTorch + aum as it comes",
    "at its best",
    "PyTorch / ours",
    "PyTorch's best / ours",
    "our F1",
    "PyTorch's F1",
]


def find_with_recorder(recorder: list[str | Path], analyzer: Path, environment: dict[str, str]) -> Measurement:
    """Records a run into a fresh folder and has the analyzer judge it; their seconds together."""
    with tempfile.TemporaryDirectory() as out:
        recording = run_program([*recorder, "--out", out], environment)
        analysis = run_program([analyzer, "aum", out, "--format", "json"], environment)
    evaluation = json.loads(analysis.output)[0]["evaluation"]
    quality = {name: round(evaluation[name], 4) for name in ("flagged", "mislabeled", "precision", "recall", "f1")}
    seconds = round(recording.seconds + analysis.seconds, 3)
    return Measurement({"seconds": seconds, **quality}, max(recording.peak_mib, analysis.peak_mib))


def recorder_command(task: Task, arguments: argparse.Namespace, recorder: Path) -> list[str | Path]:
    command: list[str | Path] = [recorder, "run", "--quiet", "--dataset", task.dataset, "--model", task.network]
    command += [*shared_settings(task), "--passes", str(arguments.passes), "--batch-size", str(task.batch)]
    command += ["--momentum", "0.9", "--weight-decay", "0.0001", "--logits", arguments.logits]
    if task.folder:
        command += ["--data", arguments.data / task.folder]
    return [*command, *shlex.split(arguments.recorder_flags)]


def pytorch_command(task: Task, arguments: argparse.Namespace, python: Path) -> list[str | Path]:
    script = BENCHMARKS / "pytorch_side" / "aum_run.py"
    command: list[str | Path] = [python, script, task.dataset, task.network, *shared_settings(task)]
    command += ["--passes", str(arguments.passes), "--batch", str(task.batch), "--data", arguments.data]
    command += ["--threads", str(arguments.threads), "--workers", str(arguments.workers)]
    return [*command, "--augment"] if task.is_augmented else command


def shared_settings(task: Task) -> list[str]:
    return ["--epochs", str(task.epochs), "--lr", str(task.learning_rate), "--noise", str(task.noise)]


def sides(task: Task, arguments: argparse.Namespace, folder: Path, python: Path) -> dict[str, Callable[[], Measurement]]:
    environment = threads_only(arguments.threads)
    recorder = recorder_command(task, arguments, folder / "recorder")
    command = pytorch_command(task, arguments, python)
    pytorch = {
        variant: partial(measure, command, environment | variables)
        for variant, variables in pytorch_variants(arguments.preload).items()
    }
    return {OURS: partial(find_with_recorder, recorder, folder / "analyzer", environment)} | pytorch


def table_row(task: Task, passes: int, measurements: dict[str, list[Measurement]]) -> list[str]:
    seconds = {name: [m.result["seconds"] / (passes * task.epochs) for m in side] for name, side in measurements.items()}
    ours, pytorch = seconds.pop(OURS), seconds["as it comes"]
    best_name, best = fastest(seconds)
    times = [spread(side, digits=3) for side in (ours, pytorch, best)]
    times[2] += f", {best_name}"
    f1s = [spread((m.result["f1"] for m in measurements[name]), digits=3) for name in (OURS, "as it comes")]
    return [task.title, *times, ratios(pytorch, ours), ratios(best, ours), *f1s]


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compare finding mislabeled samples with PyTorch; prints a Markdown table.")
    parser.add_argument("--task", choices=TASKS, action="append", help="may be repeated (default: digits and mnist)")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each side, interleaved (default: 3)")
    parser.add_argument("--epochs", type=int, help="epochs of each pass, two at least (default: the task's)")
    parser.add_argument("--passes", type=int, default=2, help="trainings with disjoint threshold samples (default: 2)")
    parser.add_argument("--threads", type=int, default=2, help="threads, and cores, of each side (default: 2)")
    parser.add_argument("--workers", type=int, default=0, help="processes of PyTorch's DataLoader (default: 0)")
    parser.add_argument("--preload", type=Path, help="allocator library that keeps pages for PyTorch (default: settings of glibc)")
    parser.add_argument("--logits", default="float32", help="what our log keeps: float32 or none (default: float32)")
    parser.add_argument("--recorder-flags", default="", help="further flags of `recorder run`, in one string")
    parser.add_argument("--data", type=Path, default=WORKSPACE.parent / "shared" / "data", help="folder of the data sets")
    parser.add_argument("--no-build", action="store_true", help="take the programs in target/release as they are")
    return parser.parse_args()


def main() -> None:
    arguments = parse_arguments()
    python = pytorch_python()
    folder = release_folder() if arguments.no_build else cargo_build("--bins")
    pin_to_cores(arguments.threads)
    warn_where_busy()
    rows = []
    for name in arguments.task or DEFAULT_TASKS:
        task = replace(TASKS[name], epochs=arguments.epochs or TASKS[name].epochs)
        print(task.title, file=sys.stderr)
        measurements = interleave(sides(task, arguments, folder, python), arguments.rounds)
        rows.append(table_row(task, arguments.passes, measurements))
    print(markdown_table(HEADER, rows))


if __name__ == "__main__":
    main()
