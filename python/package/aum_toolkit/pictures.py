"""Reports and plots, as the analyzer's commands draw them."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from aum_toolkit.questions import Logs, ask, options, words_of

if TYPE_CHECKING:
    from typing import Unpack

    from aum_toolkit.settings import PlotSettings, ReportSettings


class Picture:
    """A drawing, which a notebook shows: `svg` has it as a text, `save` writes it."""

    def __init__(self, svg: str) -> None:
        self.svg = svg

    def _repr_svg_(self) -> str:
        return self.svg

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the SVG file."""
        Path(path).write_text(self.svg, encoding="utf-8")


def plot(kind: str, logs: Logs, **settings: Unpack[PlotSettings]) -> Picture:
    """Draws what was found: "histogram", "margins", "confusions", … (`analyzer plot --help` lists them).

    Raises ValueError for an unknown kind, and where the logs lack what the plot shows.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "plot.svg")
        ask(["plot", kind, *words_of(logs), f"--output={path}", *options(settings)])
        return Picture(path.read_text(encoding="utf-8"))


def report(logs: Logs, path: str | os.PathLike[str], **settings: Unpack[ReportSettings]) -> Path:
    """Writes a page for the people who correct labels: one HTML file. Returns its path.

    Raises FileExistsError or ValueError where it is there already and `overwrite` is not said, or the logs
    hold several runs.
    """
    ask(["report", *words_of(logs), f"--output={os.fspath(path)}", *options(settings)])
    return Path(path)
