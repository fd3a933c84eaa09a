"""The settings of the questions, by the words of the analyzer's command line (`analyzer aum --help` says what
each does). They are for type checkers and readers; the analyzer itself refuses what it does not know."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Literal, TypedDict

Epochs = str | tuple[int, int]
Path = str | os.PathLike[str]


class LogSettings(TypedDict, total=False):
    """Which part of the logs to read, and what to take as the truth."""

    run: str | Sequence[str]
    pass_number: int | Sequence[int]
    from_logits: bool
    repeats: Literal["refuse", "first", "mean"]
    true_labels: Path
    mislabeled_column: str
    file_memory: float
    quiet: bool


class WindowSettings(LogSettings, total=False):
    """Which epochs count, both included: `(2, 20)`, or `"2..20"`, `"5.."`, `"auto"`."""

    epochs: Epochs


class VerdictSettings(WindowSettings, total=False):
    """What makes a verdict."""

    rule: Literal[
        "percentile",
        "posterior",
        "combined",
        "prune-by-noise-rate",
        "prune-by-class",
        "prune-by-both",
    ]
    percentile: float
    threshold: float
    threshold_by: Literal["all", "class"]
    protocol: Literal["paper", "authors-code"]
    cut: Literal["rank", "percentile"]
    first_epoch: Literal["left-out", "counted"]
    joined_by: Literal["every", "any"]


class AumSettings(VerdictSettings, total=False):
    """Of `aum` and `flagged`."""

    bottom: int
    per_class: bool
    low_memory: bool


class EvaluateSettings(VerdictSettings, total=False):
    """Of `evaluate`."""

    at: int | Sequence[int]
    pairs: int
    scores: bool
    table: Literal["metrics", "classes", "pairs", "scores"]
    low_memory: bool


class EstimateSettings(WindowSettings, total=False):
    """Of `estimate`."""

    percentile: float | Sequence[float]
    resamples: int
    seed: int
    low_memory: bool


class ConfusionsSettings(VerdictSettings, total=False):
    """Of `confusions`."""

    examples: int


class ReportSettings(VerdictSettings, total=False):
    """Of `report`."""

    count: int
    overwrite: bool


class PlotSettings(VerdictSettings, total=False):
    """Of `plot`."""

    theme: Literal["light", "dark"]
    sample: str | int | Sequence[str | int]
    per_pass: bool
    count: int
