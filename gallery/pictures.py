"""Checks pictures that were drawn anew beside those that are kept in a folder: each kept SVG has a new one
that parses and is not nearly empty, and a PNG of twice its size that looks as the small reference does, but
for what another machine's rounding changes in a trained network.

    python pictures.py KEPT_FOLDER NEW_FOLDER [--keep]
"""

import shutil
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from PIL import Image, ImageChops, ImageStat

REFERENCE_WIDTH = 200
# The mean difference of the pixels, 0 to 255, up to which two pictures are the same. Networks that differ in the last
# digits of their sums moved the histogram by 4.2; two different figures are 9 and more apart.
TOLERANCE = 6.0
# Which samples these show depends on such digits.
OTHER_SAMPLES = {"lowest.svg"}
LARGEST_SVG = 150_000
FEWEST_ELEMENTS = 50


def size_of(svg):
    """Width and height of a well-formed SVG, in pixels of a screen."""
    root = ElementTree.parse(svg).getroot()
    assert root.tag.endswith("svg"), f"{svg}: is no SVG"
    assert len(list(root.iter())) > FEWEST_ELEMENTS, f"{svg}: is nearly empty"
    assert svg.stat().st_size < LARGEST_SVG, f"{svg}: is too large to keep"
    return int(float(root.get("width"))), int(float(root.get("height")))


def small(image):
    """As references are kept: small, with few colours."""
    height = round(REFERENCE_WIDTH * image.height / image.width)
    return image.convert("RGB").resize((REFERENCE_WIDTH, height)).quantize(32)


def difference(reference, image):
    """The mean difference of the pixels, 0 to 255, at the size of the reference."""
    reference, image = reference.convert("RGB"), image.convert("RGB").resize(reference.size)
    return sum(ImageStat.Stat(ImageChops.difference(reference, image)).mean) / 3


def check(reference, svg, png):
    width, height = size_of(svg)
    with Image.open(png) as picture, Image.open(reference) as kept:
        assert picture.size == (2 * width, 2 * height), f"{png}: has {picture.size}, not twice {width} × {height}"
        found = difference(kept, small(picture))
    print(f"{svg.name}: well-formed, {width} × {height}, mean difference {found:.2f} of 255")
    is_alike = found < TOLERANCE or svg.name in OTHER_SAMPLES
    assert is_alike, f"{svg.name} looks otherwise; if it should, keep it with gallery/check --keep"


def keep(references, kept, svg, png):
    size_of(svg)
    shutil.copy(svg, kept / svg.name)
    with Image.open(png) as picture:
        small(picture).save(references / png.name, optimize=True)


def main():
    kept, new = Path(sys.argv[1]), Path(sys.argv[2])
    references = kept / "references"
    drawn = sorted(new.glob("*.svg"))
    assert drawn, f"{new}: nothing was drawn"
    if "--keep" in sys.argv[3:]:
        references.mkdir(exist_ok=True)
        for svg in drawn:
            keep(references, kept, svg, svg.with_suffix(".png"))
        return
    names = {svg.name for svg in drawn}
    missing = {svg.name for svg in kept.glob("*.svg")} - names
    for name in sorted(missing):
        assert name.startswith("mnist-"), f"{name} was not drawn"
        print(f"{name}: skipped, since the images of MNIST are missing")
    for svg in drawn:
        reference = references / svg.with_suffix(".png").name
        assert reference.exists(), f"{svg.name} has no reference; keep it with gallery/check --keep"
        check(reference, svg, svg.with_suffix(".png"))


if __name__ == "__main__":
    main()
