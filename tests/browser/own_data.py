"""Makes data of one's own: `photos`, with ellipses and rectangles as the folders of two classes, and the table
`cells.csv`, where every tenth of 200 labels is wrong, and one class has a name of 160 letters.

    python own_data.py FOLDER
"""

import csv
import random
import sys
from pathlib import Path

from PIL import Image, ImageDraw

random.seed(0)
for kind in ["ellipse", "rectangle"]:
    folder = Path(sys.argv[1], "photos", kind)
    folder.mkdir(parents=True)
    for number in range(80):
        image = Image.new("RGB", (160, 120), (200, 200, 200))
        left, top = random.randrange(60), random.randrange(40)
        getattr(ImageDraw.Draw(image), kind)([left, top, left + 80, top + 60], fill=tuple(random.choices(range(120), k=3)))
        image.save(folder / f"{kind} {number}.jpg")
with open(Path(sys.argv[1], "cells.csv"), "w", newline="") as file:
    table = csv.writer(file)
    table.writerow(["radius", "texture", "area", "spread", "label"])
    for row in range(200):
        values = [round(random.gauss(mean + 6 * (row % 2), 1), 3) for mean in [10, 5, 80, 0]]
        table.writerow([*values, ["benign", "malign" + "ant" * 50][(row % 2) ^ (row % 10 == 0)]])
