"""Makes photographs of two kinds of things, ellipses and rectangles, as the folders of two classes.

    python photographs.py FOLDER
"""

import random
import sys
from pathlib import Path

from PIL import Image, ImageDraw

random.seed(0)
for kind in ["ellipse", "rectangle"]:
    folder = Path(sys.argv[1], kind)
    folder.mkdir(parents=True)
    for number in range(80):
        image = Image.new("RGB", (160, 120), (200, 200, 200))
        left, top = random.randrange(60), random.randrange(40)
        getattr(ImageDraw.Draw(image), kind)([left, top, left + 80, top + 60], fill=tuple(random.choices(range(120), k=3)))
        image.save(folder / f"{kind} {number}.jpg")
