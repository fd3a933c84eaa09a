"""Who embeds more images a second, `recorder embed` or PyTorch? EfficientNet-Lite0 with its published weights on the first
images of a Parquet file of CIFAR-10, enlarged to 160 pixels, decoding and resizing included, from start to file.

PyTorch runs eagerly and by torch.compile (whose compiling is told apart), both with a DataLoader-free loop: decode and
resize by PIL in a pool of threads, batches of 64, and threads that do not spin while they wait. Each round runs every
side once; the features are compared. CPU seconds (PyTorch's without its import) say more than images a second where
other programs are at work.

    python3 benchmarks/embed_speed.py train.parquet --images 2000 --rounds 3
"""

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from environment import BENCHMARKS, cargo_build, pin_to_cores, pretrained_python, release_folder, threads_only, warn_where_busy


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, help="a Parquet file of CIFAR-10's images, as on the hub")
    parser.add_argument("--images", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--no-build", action="store_true", help="take the program that is there")
    parser.add_argument("--program", type=Path, help="the recorder, where it lies elsewhere")
    parser.add_argument("--no-compile", action="store_true", help="leave torch.compile out")
    arguments = parser.parse_args()
    program = arguments.program
    if program is None:
        if not arguments.no_build:
            cargo_build("-p", "recorder", "--bin", "recorder")
        program = release_folder() / "recorder"
    python = pretrained_python()
    pin_to_cores(arguments.threads)
    warn_where_busy()
    script = BENCHMARKS / "pytorch_side" / "embed.py"
    variants = ["eager"] if arguments.no_compile else ["eager", "compile"]
    results = {side: [] for side in ["recorder", *variants]}
    environment = os.environ | threads_only(arguments.threads) | {"OMP_WAIT_POLICY": "passive"}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        weights = subprocess.run([python, script, "prepare", arguments.file, folder, str(arguments.images)], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
        for _ in range(arguments.rounds):
            results["recorder"].append(recorder(program.resolve(), folder, weights, environment))
            for variant in variants:
                command = [python, script, variant, folder, str(arguments.threads)]
                told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment).stdout
                results[variant].append(json.loads(told.splitlines()[-1]))
        cosine = subprocess.run([python, script, "compare", folder], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    print(f"least cosine of an image's features, ours and PyTorch's: {cosine}\n")
    print("| side | images/s | CPU s | peak MiB | images/s, ours / its | CPU s, its / ours |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    speed = lambda result: arguments.images / result["seconds"]
    for side, told in results.items():
        pairs = list(zip(results["recorder"], told))
        speeds = [speed(ours) / speed(its) for ours, its in pairs]
        cpu = [its["cpu_seconds"] / ours["cpu_seconds"] for ours, its in pairs]
        cells = [spread([speed(one) for one in told], 0), spread([one["cpu_seconds"] for one in told], 1)]
        cells += [spread([one["peak_mib"] for one in told], 0), spread(speeds, 2), spread(cpu, 2)]
        print(f"| {side} | {' | '.join(cells)} |")


def recorder(program: Path, folder: Path, weights: str, environment: dict[str, str]) -> dict:
    command = [program, "embed", "--dataset", "parquet", "--data", folder / "images.parquet", "--label-column", "label", "--image-column", "img",
               "--image-size", "160", "--model", "efficientnet-lite0", "--weights", weights, "-o", folder / "ours.npy", "--overwrite", "-q"]
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit("recorder embed failed")
    cpu = usage.ru_utime + usage.ru_stime
    return {"seconds": time.perf_counter() - began, "cpu_seconds": cpu, "peak_mib": usage.ru_maxrss / 1024}


def spread(values: list[float], digits: int) -> str:
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}–{max(values):.{digits}f})"


if __name__ == "__main__":
    main()
