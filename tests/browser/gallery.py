"""Compares the pictures of the README, drawn anew, with those that are kept: each is well-formed SVG, and
looks the same but for what another machine's rounding changes in a trained network.

    python gallery.py KEPT_FOLDER NEW_FOLDER
"""

import io
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from chromium import chromium
from PIL import Image, ImageChops, ImageStat

# The mean difference of the pixels, 0 to 255, up to which two pictures are the same; two different
# figures are 10 and more apart.
TOLERANCE = 4.0


def picture(browser, svg):
    root = ElementTree.parse(svg).getroot()
    assert root.tag.endswith("svg"), f"{svg}: is no SVG"
    assert len(list(root.iter())) > 50, f"{svg}: is nearly empty"
    width, height = float(root.get("width")), float(root.get("height"))
    browser.set_window_size(int(width) + 40, int(height) + 200)
    browser.get(svg.resolve().as_uri())
    shot = Image.open(io.BytesIO(browser.get_screenshot_as_png())).convert("RGB")
    return shot.crop((0, 0, int(width), int(height))).resize((400, int(400 * height / width)))


def main():
    kept, new = Path(sys.argv[1]), Path(sys.argv[2])
    browser = chromium()
    try:
        for svg in sorted(kept.glob("*.svg")):
            before, after = picture(browser, svg), picture(browser, new / svg.name)
            same_size = after.resize(before.size)
            difference = sum(ImageStat.Stat(ImageChops.difference(before, same_size)).mean) / 3
            print(f"{svg.name}: mean difference {difference:.2f} of 255")
            assert difference < TOLERANCE, f"{svg.name} looks otherwise; draw it anew with gallery/make"
            assert svg.stat().st_size < 60_000, f"{svg.name} is too large to keep"
    finally:
        browser.quit()


main()
