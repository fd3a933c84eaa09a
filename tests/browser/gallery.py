"""Compares how a browser shows the pictures of the README, which are SVG, with their small references, which
were made from the PNGs that the same command draws: both must look the same.

    python gallery.py GALLERY_FOLDER
"""

import io
import sys
from pathlib import Path

from chromium import chromium
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[2] / "gallery"))

from pictures import difference, size_of, small  # noqa: E402

# A browser draws edges and letters a little otherwise.
TOLERANCE = 6.0


def main():
    folder = Path(sys.argv[1])
    browser = chromium()
    try:
        for svg in sorted(folder.glob("*.svg")):
            width, height = size_of(svg)
            browser.set_window_size(width + 40, height + 200)
            browser.get(svg.resolve().as_uri())
            shot = Image.open(io.BytesIO(browser.get_screenshot_as_png())).crop((0, 0, width, height))
            with Image.open(folder / "references" / f"{svg.stem}.png") as reference:
                found = difference(reference, small(shot))
            print(f"{svg.name}: mean difference {found:.2f} of 255 in a browser")
            assert found < TOLERANCE, f"{svg.name} looks otherwise in a browser than as PNG"
    finally:
        browser.quit()


main()
