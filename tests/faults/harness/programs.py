"""The programs under limits of time and memory, so that a fault that hangs or bursts one fails a test and not
the machine; and what no input may make of them."""

import os
import resource
import subprocess
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

WORKSPACE = Path(__file__).resolve().parents[3]
BINARIES = Path(os.environ.get("CARGO_TARGET_DIR", WORKSPACE / "target")) / "release"
# Of address space, which a program that reserves more than it uses needs; what it uses is measured.
ADDRESS_SPACE = 16 << 30
MOST_MIB = 1024
# More where the machine is busy with something else.
MOST_SECONDS = float(os.environ.get("FAULT_SECONDS", "60"))
PANIC = 101


@dataclass
class Outcome:
    """How a program ended: its exit status (minus the signal that ended it), what it said, what it took."""

    status: int
    stdout: str
    stderr: str
    seconds: float
    peak_mib: int
    hung: bool

    def fault(self) -> str | None:
        """What no input may do: a signal, a panic, a hang, more than a GiB, an error without a line."""
        if self.hung:
            return f"no end after {MOST_SECONDS:.0f} s"
        if self.status < 0:
            return f"ended by signal {-self.status}"
        if self.status == PANIC or "panicked at" in self.stderr:
            return "panicked"
        if self.peak_mib > MOST_MIB:
            return f"took {self.peak_mib} MiB"
        if self.status not in (0, 1, 2):
            return f"exit status {self.status}"
        if self.status != 0 and not (self.stderr.strip() or self.stdout.strip()):
            return "failed without a word"
        return None


def build() -> None:
    """Builds the three programs."""
    packages = [word for package in ("recorder", "analyzer", "experiments") for word in ("-p", package)]
    command = ["cargo", "build", "--quiet", "--release", "--locked", "--bins", *packages]
    subprocess.run(command, cwd=WORKSPACE, check=True)


def run(words: list[str], folder: Path, around: list[str] | None = None) -> Outcome:
    """A program of ours (`words[0]` is its name) in `folder`; `around` are the words of one that starts it."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    command = [*(around or []), str(BINARIES / words[0]), *words[1:]]
    # A panic is to be seen, and no cache of this machine to be asked.
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(folder / "hub"), "NO_COLOR": "1"}
    with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr, preexec_fn=limit
        )
        hung = threading.Event()

        def give_up() -> None:
            hung.set()
            process.kill()

        began = os.times().elapsed
        timer = threading.Timer(MOST_SECONDS, give_up)
        timer.start()
        # In place of process.wait(), since the peak of this one process is wanted.
        _, status, used = os.wait4(process.pid, 0)
        timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = os.times().elapsed - began
        texts = []
        for file in (stdout, stderr):
            file.seek(0)
            texts.append(file.read().decode(errors="replace"))
    return Outcome(process.returncode, texts[0], texts[1], seconds, used.ru_maxrss >> 10, hung.is_set())


def done(words: list[str], folder: Path) -> Outcome:
    """A program that has to succeed."""
    outcome = run(words, folder)
    assert outcome.status == 0, f"{' '.join(words)}: {outcome.status}: {outcome.stderr}"
    return outcome
