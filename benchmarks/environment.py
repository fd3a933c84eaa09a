"""What the benchmarks run on: the virtual environment, the Rust programs, the cores.

Standard library only: the scripts start with any Python, and PyTorch is loaded by their other half.
"""

import os
import subprocess
import sys
from pathlib import Path

BENCHMARKS = Path(__file__).resolve().parent
WORKSPACE = BENCHMARKS.parent
# The minute before includes starting this script itself.
IDLE_LOAD = 0.5


def pytorch_python() -> Path:
    """The Python that has PyTorch; makes its environment on the first call."""
    script = BENCHMARKS / "venv.sh"
    return Path(subprocess.run([script], check=True, stdout=subprocess.PIPE, text=True).stdout.strip())


def pretrained_python() -> Path:
    """The same with what pretrained_requirements.txt lists."""
    python = pytorch_python()
    requirements = BENCHMARKS / "pretrained_requirements.txt"
    done = python.parent.parent / requirements.name
    if not done.exists() or done.read_bytes() != requirements.read_bytes():
        command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "-r", requirements]
        subprocess.run(command, check=True)
        done.write_bytes(requirements.read_bytes())
    return python


def cargo_build(*arguments: str) -> Path:
    """Builds in release mode; returns the folder of the programs."""
    subprocess.run(["cargo", "build", "--release", "--quiet", *arguments], cwd=WORKSPACE, check=True)
    return release_folder()


def release_folder() -> Path:
    return WORKSPACE / os.environ.get("CARGO_TARGET_DIR", "target") / "release"


def pin_to_cores(threads: int) -> None:
    """Keeps this process, and those that it starts, on the first `threads` cores that it may use.

    Both sides then run on the same cores. macOS has no such call: there the scheduler decides.
    """
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        if len(cores) < threads:
            raise SystemExit(f"{threads} threads were asked for, but only {len(cores)} cores are there; lower --threads")
        os.sched_setaffinity(0, cores[:threads])


def threads_only(threads: int) -> dict[str, str]:
    """Variables that hold rayon, OpenMP and MKL to `threads` threads."""
    return {name: str(threads) for name in ("RAYON_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")}


def pytorch_variants(preload: Path | None) -> dict[str, dict[str, str]]:
    """Environments to run PyTorch in, so that ours is compared with PyTorch at its best, too.

    As it comes, it asks the system for the same pages again and again (an allocator that keeps them
    spares that), and its threads spin while they wait for each other, which is quick on idle cores and
    many times slower as soon as anything else wants one of them.
    """
    passive = {"OMP_WAIT_POLICY": "passive"}
    return {
        "as it comes": {},
        "pages kept": keep_pages(preload),
        "pages kept, no spinning": keep_pages(preload) | passive,
    }


def keep_pages(preload: Path | None) -> dict[str, str]:
    """Variables under which freed memory stays with the program: glibc's own, or another allocator to load first."""
    if preload:
        return {"LD_PRELOAD": str(preload.resolve(strict=True))}
    return {"MALLOC_ARENA_MAX": "1", "MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(1 << 36)}


def warn_where_busy() -> None:
    """A word on stderr where other programs are running: the numbers are then worth little."""
    load = os.getloadavg()[0]
    if load > IDLE_LOAD:
        print(f"warning: the load is {load:.1f}; wait until nothing else runs, or PyTorch looks slower than it is", file=sys.stderr)
