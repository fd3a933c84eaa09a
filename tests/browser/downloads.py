"""What a browser has saved."""

import csv
import time


def downloaded(folder):
    """The rows of the one CSV file in the folder, which is taken away."""
    for _ in range(50):
        # An empty file keeps the name until the download, complete, is put in its place.
        files = [file for file in folder.glob("*.csv") if file.stat().st_size]
        if files:
            with open(files[0], newline="") as file:
                table = list(csv.reader(file))
            files[0].unlink()
            return table
        time.sleep(0.1)
    raise AssertionError("nothing was downloaded")
