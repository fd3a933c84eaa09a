"""Feeds a loop's logits to the Python package aum and compares its AUMs with those of its files, imported."""

import csv
import subprocess
import sys
from pathlib import Path

import torch
from aum import AUMCalculator

PROGRAMS, SCRATCH = Path(sys.argv[1]), Path(sys.argv[2])


def analyzer(*words):
    done = subprocess.run([PROGRAMS / "analyzer", *words], cwd=SCRATCH, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def found(source):
    rows = csv.DictReader(analyzer("aum", source, "--format", "csv", "-q", *(["--epochs", "1.."] if source == "aum-logs" else [])).splitlines())
    return {int(row["sample_id"]): float(row["aum_p1"]) for row in rows}


torch.manual_seed(0)
labels = torch.randint(0, 10, (500,))
calculator = AUMCalculator(str(SCRATCH / "aum-files"), compressed=False)
expected = {}
for epoch in range(12):
    for batch in torch.randperm(500).split(64):
        batch = batch.tolist()
        records = calculator.update(torch.randn(len(batch), 10), labels[batch], batch)
        expected.update({sample: record.aum for sample, record in records.items()})
calculator.finalize()
for file, output in [("full_aum_records.csv", "aum-logs"), ("aum_values.csv", "aum.csv")]:
    analyzer("import", f"aum-files/{file}", "-o", output)
    aums = found(output)
    difference = max(abs(aums[sample] - aum) for sample, aum in expected.items())
    assert len(aums) == 500 and difference < 1e-6, (file, difference)
    print(f"aum: {file} gives the same 500 AUMs to {difference:.1e}")
