"""How two programs are compared: interleaved rounds, medians and ranges, ratios within a round.

A machine's speed drifts with heat and with its neighbours. Two runs right after each other drift
together, so each round runs every side once and takes the ratio there; the table shows the median
of those ratios and their range.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import IO, Any


@dataclass(frozen=True)
class Finished:
    """A program that ended well, with what it wrote to its standard output."""

    output: str
    seconds: float
    peak_mib: float
    cpu_seconds: float


@dataclass(frozen=True)
class Measurement:
    """What one side of a round tells: a JSON value, and the most memory that it held."""

    result: Any
    peak_mib: float


def run_program(
    command: Sequence[str | Path], environment: Mapping[str, str], progress: IO[str] | None = None
) -> Finished:
    """Runs `command` alone, with `environment` beside ours; its standard error goes to ours, or to `progress`."""
    arguments = [str(part) for part in command]
    start = time.perf_counter()
    try:
        process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=progress, text=True, env=os.environ | environment)
    except OSError as error:
        raise SystemExit(f"{arguments[0]} does not start: {error.strerror}") from error
    with process.stdout as stdout:
        output = stdout.read()
    # Not process.wait(): wait4 also tells the memory of this one child.
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"exit status {process.returncode} from {' '.join(arguments)}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Finished(output, seconds, usage.ru_maxrss * unit / 2**20, usage.ru_utime + usage.ru_stime)


def measure(command: Sequence[str | Path], environment: Mapping[str, str]) -> Measurement:
    """Runs a program whose last line is its result in JSON."""
    finished = run_program(command, environment)
    return Measurement(json.loads(finished.output.strip().splitlines()[-1]), finished.peak_mib)


def interleave(sides: Mapping[str, Callable[[], Measurement]], rounds: int) -> dict[str, list[Measurement]]:
    """The measurements of each side; in time, their order is A B A B."""
    measurements: dict[str, list[Measurement]] = {name: [] for name in sides}
    for number in range(1, rounds + 1):
        for name, run in sides.items():
            measurements[name].append(run())
            print(f"  round {number}/{rounds}, {name}: {json.dumps(measurements[name][-1].result)}", file=sys.stderr)
    return measurements


def spread(values: Iterable[float], digits: int = 0) -> str:
    """Median and, in brackets, the least and the largest value."""
    ordered = sorted(values)
    least, middle, largest = (f"{value:,.{digits}f}" for value in (ordered[0], median(ordered), ordered[-1]))
    return f"{middle} ({least}–{largest})"


def ratios(over: Sequence[float], under: Sequence[float]) -> str:
    """The spread of the ratios within each round."""
    return spread((a / b for a, b in zip(over, under, strict=True)), digits=2)


def fastest(sides: Mapping[str, Sequence[float]]) -> tuple[str, Sequence[float]]:
    """The side with the least median of seconds."""
    return min(sides.items(), key=lambda side: median(side[1]))


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] + ["---:"] * (len(header) - 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
