"""Kills and failing system calls at every write, sync, rename, link and unlink of what the programs write: afterwards
what is there is whole, the same command goes on, and the result is that of an undisturbed one to the byte.

By `strace`, which counts the calls of each thread and kills, or answers in place of the system, at the n-th.
"""

import os
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import seeds
from programs import Outcome, done, run

CALLS = ["write", "pwrite64", "writev", "fsync", "fdatasync", "rename", "renameat", "renameat2", "link", "linkat",
         "unlink", "unlinkat", "mkdir", "mkdirat", "ftruncate", "flock"]
FAULTS = ["signal=KILL", "error=EIO", "error=ENOSPC", "error=EINTR"]
CALL = re.compile(r"^(\d+) +(?:<\.\.\. )?(\w+)[ (]")
# What says how long something took or by which words it was asked for, the checksum of the text that says so, and
# the option that a second attempt has: no result is compared by them.
PASSING = re.compile(
    rb'^  "crc32":.*|"seconds":.*|^.* of training in all\.$|"command": \[[^\]]*\]| --(?:overwrite|resume)\b', re.MULTILINE
)


@dataclass(frozen=True)
class Work:
    """A command that writes, and how it goes on after it was disturbed."""

    command: str
    # Where it writes: compared afterwards.
    outputs: tuple[str, ...]
    # Added where a first attempt has left something that is asked for.
    again: str
    asks: str
    check: str | None = None


RUN = f"{seeds.RECORD} --name b --epochs 3 --passes 2 --out new"
WORKS = {
    "run": Work(RUN, ("new",), "--resume", "new/b/run.json", "analyzer check new"),
    "run again": Work(f"{RUN} --overwrite --lr 0.2", ("new",), "", "", "analyzer check new"),
    "train": Work("recorder train -q --like logs/a --drop aum.csv --keep-fraction 0.8 --epochs 3 --name t", ("trained",), "--resume", "trained/t/train.json"),
    "AUM table": Work("analyzer aum logs -q -o table.parquet", ("table.parquet",), "--overwrite", "table.parquet"),
    "report": Work("analyzer report logs -q -o report.html", ("report.html",), "--overwrite", "report.html"),
    "import": Work("analyzer import measurements.csv --from table -q -o in", ("in",), "--overwrite", "in", "analyzer check in"),
    "export": Work("analyzer export logs --to csv -o cleaned.csv", ("cleaned.csv",), "--overwrite", "cleaned.csv"),
    "experiment": Work("experiment plan.toml --out results", ("results/table.csv", "results/table.md"), "", ""),
}
LONG_ALONE = ("experiment",)


def traced(work: Work, place: Path) -> list[tuple[str, int]]:
    """The calls of an undisturbed work: each with its number among those of its name in its thread."""
    trace = place / "trace"
    words = work.command.split()
    outcome = run(words, place, ["strace", "-f", "-qq", "-e", f"trace={','.join(CALLS)}", "-e", "signal=none", "-o", str(trace)])
    assert outcome.status == 0, outcome.stderr
    counts = Counter(
        match.groups() for line in trace.read_text(errors="replace").splitlines()
        if (match := CALL.match(line)) and "<... " not in line
    )
    trace.unlink()
    most: Counter[str] = Counter()
    for (_, call), count in counts.items():
        most[call] = max(most[call], count)
    return [(call, number) for call, count in sorted(most.items()) for number in range(1, count + 1)]


def disturbed(work: Work, place: Path, call: str, number: int, fault: str) -> Outcome:
    """The work with this fault at the n-th call of each thread."""
    inject = f"inject={call}:{fault}:when={number}"
    return run(work.command.split(), place, ["strace", "-f", "-qq", "-e", f"trace={call}", "-e", "signal=none", "-o", "/dev/null", "-e", inject])


def contents(place: Path, outputs: tuple[str, ...]) -> dict[str, bytes]:
    """All files that were written, without what only says when."""
    found = {}
    for output in outputs:
        path = place / output
        files = sorted(path.rglob("*")) if path.is_dir() else [path] if path.exists() else []
        for file in files:
            if file.is_file():
                content = file.read_bytes()
                found[str(file.relative_to(place))] = PASSING.sub(b"", content) if file.suffix in (".json", ".html", ".md") else content
    return found


def differences(found: dict[str, bytes], expected: dict[str, bytes]) -> list[str]:
    """What is not as it should be, of a file each."""
    wrong = [f"{name} is missing" for name in expected.keys() - found.keys()]
    wrong += [f"{name} is left over" for name in found.keys() - expected.keys()]
    wrong += [f"{name} differs" for name in expected.keys() & found.keys() if found[name] != expected[name]]
    return wrong


def whole_files(found: dict[str, bytes], expected: dict[str, bytes], before: dict[str, bytes]) -> list[str]:
    """Of what lies there after a fault: files of data under their names are whole, new or old."""
    data = (name for name in found if name.endswith((".parquet", ".csv", ".html")) and "/." not in f"/{name}")
    return [f"{name} is half written" for name in data if found[name] not in (expected.get(name), before.get(name))]


def cases(calls: list[tuple[str, int]], is_long: bool, most: int) -> Iterator[tuple[str, int, str]]:
    """Which faults are tried: all, or so many spread evenly over the calls, each kind of fault in turn."""
    if is_long:
        yield from ((call, number, fault) for call, number in calls for fault in FAULTS)
        return
    step = max(1, len(calls) * len(FAULTS) // most)
    every = [(call, number, fault) for call, number in calls for fault in FAULTS]
    yield from every[::step | 1]


def disturb(name: str, intact: Path, scratch: Path, is_long: bool) -> tuple[Counter[str], list[str]]:
    """Tries the faults of one work: how many of each kind, and what went wrong."""
    work = WORKS[name]
    prepared, place = scratch / "prepared", scratch / "place"
    shutil.rmtree(prepared, ignore_errors=True)
    shutil.copytree(intact, prepared)
    if name == "run again":
        done(RUN.split(), prepared)
    before = contents(prepared, work.outputs)

    def fresh() -> None:
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(prepared, place)

    fresh()
    done(work.command.split(), place)
    expected = contents(place, work.outputs)
    fresh()
    calls = traced(work, place)
    tried: Counter[str] = Counter()
    faults = []
    for call, number, fault in cases(calls, is_long, int(os.environ.get("FAULTS_A_WORK", "24"))):
        fresh()
        outcome = disturbed(work, place, call, number, fault)
        where = f"{name}, {fault} at {call} {number}"
        tried["kills" if fault.startswith("signal") else "failed calls"] += 1
        wrong = []
        # Where it is the message that cannot be written, there is none.
        is_mute = call.startswith("write") and outcome.status == 1
        if fault.startswith("error") and not is_mute and (problem := outcome.fault()):
            wrong.append(f"{problem}: {outcome.stderr.strip()[-300:]}")
        found = contents(place, work.outputs)
        wrong += whole_files(found, expected, before)
        if outcome.status == 0:
            tried["of no consequence"] += 1
            # What could not be deleted is hidden, and gone with the next start.
            hidden = [path for path in place.rglob(".*") if path.is_file()]
            for path in hidden:
                path.unlink()
        else:
            words = again(work, place)
            recovered = run(words, place)
            if recovered.status != 0:
                wrong.append(f"{' '.join(words[-3:])} ends with {recovered.status}: {recovered.stderr.strip()}")
        wrong += differences(contents(place, work.outputs), expected)
        if work.check and (checked := run(work.check.split(), place)).status != 0:
            wrong.append(f"{work.check}: {checked.stdout[-300:]}{checked.stderr}")
        faults += [f"{where}: {problem}" for problem in wrong]
    print(f"{name}: {len(calls)} calls; {dict(tried)}; {len(faults)} faults", flush=True)
    return tried, faults


def again(work: Work, place: Path) -> list[str]:
    """The command that goes on."""
    words = work.command.split()
    if not work.asks or (place / work.asks).exists():
        words += work.again.split()
    return words


def test(is_long: bool) -> list[str]:
    """All works; in the short form a part of the calls of each."""
    if not shutil.which("strace"):
        print("kills and failing calls: not tried, since there is no strace here")
        return []
    wanted = os.environ.get("FAULT_WORKS")
    names = wanted.split(";") if wanted else [name for name in WORKS if is_long or name not in LONG_ALONE]
    faults, tried = [], Counter()
    with tempfile.TemporaryDirectory() as scratch:
        intact = Path(scratch) / "intact"
        seeds.make(intact)
        for name in names:
            counts, found = disturb(name, intact, Path(scratch), is_long)
            tried += counts
            faults += found
    print(f"kills and failing calls: {dict(tried)}, {len(faults)} faults")
    return faults
