#!/usr/bin/env python3
"""How fast, and in how much memory, `analyzer import` reads full_aum_records.csv of the Python package aum.

Makes a file of about 1 GB, sorted by sample as the package sorts it (or with --by-epoch, epoch by epoch), and
imports it --rounds times. Prints seconds, MB/s, both of the processor as well, and the largest memory of each round."""

import argparse
import os
import random
import shutil
import struct
import subprocess
import sys
import time
from pathlib import Path

SAMPLES, EPOCHS, TAILS = 100_000, 110, 10_000
HEADER = "sample_id,num_measurements,target_logit,target_val,other_logit,other_val,margin,aum\n"


def single(value):
    """As a float of 32 bits that pandas writes in 64."""
    return struct.unpack("f", struct.pack("f", value))[0]


def make(path, by_epoch):
    draw = random.Random(0)
    tails = []
    for _ in range(TAILS):
        target, other = single(draw.gauss(6, 3)), single(draw.gauss(3, 2))
        margin = single(target - other)
        tails.append(f",{target!r},{draw.randrange(100)},{other!r},{margin!r},{draw.gauss(3, 2)!r}\n")
    labels = [draw.randrange(100) for _ in range(SAMPLES)]
    shuffled = list(range(SAMPLES))
    with open(path, "w") as file:
        file.write(HEADER)
        for outer in range(EPOCHS if by_epoch else SAMPLES):
            if by_epoch:
                draw.shuffle(shuffled)
                rows = [f"{sample},{outer + 1},{labels[sample]}{draw.choice(tails)}" for sample in shuffled]
            else:
                rows = [f"{outer},{epoch},{labels[outer]}{draw.choice(tails)}" for epoch in range(1, EPOCHS + 1)]
            file.write("".join(rows))


def used(process):
    """Waits for a process; its CPU seconds, and its largest resident memory in MB."""
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"analyzer ended with status {status}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000


def main():
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--analyzer", default="target/release/analyzer")
    words.add_argument("--folder", default="/tmp/aum-import-speed")
    words.add_argument("--rounds", type=int, default=3)
    words.add_argument("--keep", action="store_true", help="keep the files")
    words.add_argument("--by-epoch", action="store_true")
    options = words.parse_args()
    folder = Path(options.folder)
    folder.mkdir(parents=True, exist_ok=True)
    source = folder / "full_aum_records.csv"
    make(source, options.by_epoch)
    megabytes = source.stat().st_size / 1e6
    print(f"{megabytes:.0f} MB, {SAMPLES} samples, {EPOCHS} epochs, {'by epoch' if options.by_epoch else 'by sample'}")
    for _ in range(options.rounds):
        logs = folder / "logs"
        shutil.rmtree(logs, ignore_errors=True)
        begin = time.perf_counter()
        process = subprocess.Popen([options.analyzer, "import", source, "-o", logs, "-q"])
        processor, memory = used(process)
        seconds = time.perf_counter() - begin
        print(
            f"{seconds:.1f} s, {megabytes / seconds:.0f} MB/s; {processor:.1f} s of the processor, "
            f"{megabytes / processor:.0f} MB/s; {memory:.0f} MB of memory",
            flush=True,
        )
    if not options.keep:
        shutil.rmtree(folder)


main()
