"""The questions of the analyzer, each a command of it: the same words, the same defaults, the same answers."""

from __future__ import annotations

import json
import os
import re
import warnings
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from aum_toolkit import _core

if TYPE_CHECKING:
    from typing import Unpack

    import pandas
    import polars

    from aum_toolkit.settings import (
        AumSettings,
        ConfusionsSettings,
        EstimateSettings,
        EvaluateSettings,
        WindowSettings,
    )

Logs = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]


class Table:
    """A table of results, which pandas, Polars, pyarrow, DuckDB and all that know Arrow's PyCapsule interface
    take as it is: `polars.DataFrame(found)`, `duckdb.sql("select * from found")`."""

    def __init__(self, core: _core.Table) -> None:
        self.core = core

    def __len__(self) -> int:
        return len(self.core)

    def __repr__(self) -> str:
        return self.core.text.rstrip("\n") or f"{len(self)} rows of {', '.join(self.columns)}"

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self.core.__arrow_c_stream__(requested_schema)

    @property
    def columns(self) -> list[str]:
        """The names of the columns."""
        return self.core.columns

    @property
    def summary(self) -> Any:
        """What the command prints with `--format json`: a list with a dictionary for each run."""
        return json.loads(self.core.json)

    def to_pandas(self) -> pandas.DataFrame:
        """As a data frame of pandas (needs pandas and pyarrow)."""
        import pyarrow

        return pyarrow.table(self).to_pandas()

    def to_polars(self) -> polars.DataFrame:
        """As a data frame of Polars."""
        import polars

        return polars.DataFrame(self)


def aum(logs: Logs, **settings: Unpack[AumSettings]) -> Table:
    """Every sample's AUM, the thresholds, and which samples are flagged: a row per run and sample, the lowest
    AUM first.

    `logs` are files, folders or globs, as everywhere. Raises FileNotFoundError where there are none, and
    ValueError for logs that are not sound, or settings that are not in order.
    """
    return table("aum", logs, settings)


def flagged(logs: Logs, **settings: Unpack[AumSettings]) -> Table:
    """The rows of `aum` that are flagged, the most suspicious first."""
    return Table(table("aum", logs, settings).core.only("flagged"))


def evaluate(logs: Logs, **settings: Unpack[EvaluateSettings]) -> Table:
    """How well AUM finds the mislabeled samples, where true labels are known: a row per measure.

    `table="classes"` has a row per given class, `"pairs"` per pair of a true and another given class,
    `"scores"` (with `scores=True`) per score.
    """
    return table("evaluate", logs, settings)


def estimate(logs: Logs, **settings: Unpack[EstimateSettings]) -> Table:
    """How probably each sample is mislabeled, without any known truth: a row per sample.

    `summary` has the noise rate with its interval, and the precision and recall to expect.
    """
    return table("estimate", logs, settings)


def scores(logs: Logs, **settings: Unpack[WindowSettings]) -> Table:
    """The statistics that others use, beside the AUM: a row per sample."""
    return table("scores", logs, settings)


def confusions(logs: Logs, **settings: Unpack[ConfusionsSettings]) -> Table:
    """The systematic mistakes: a row per given class and class that the network prefers."""
    return table("confusions", logs, settings)


def table(command: str, logs: Logs, settings: Mapping[str, Any]) -> Table:
    """The table of a command."""
    core = ask([command, *words_of(logs), *options(settings)])
    assert core is not None, f"{command} has a table"
    return Table(core)


def ask(words: list[str]) -> _core.Table | None:
    """The results of the analyzer's command of these words; its warnings are Python's."""
    try:
        found, said = _core.analyzer_results(["analyzer", *words])
    except (OSError, TypeError, ValueError) as error:
        raise type(error)(in_python(str(error))) from None
    for warning in said:
        warnings.warn(in_python(warning), stacklevel=4)
    return found


def words_of(logs: Logs) -> list[str]:
    """Files, folders and globs, one or several."""
    several = [logs] if isinstance(logs, (str, os.PathLike)) else logs
    return [os.fspath(path) for path in several]


def options(settings: Mapping[str, Any]) -> list[str]:
    """Keyword arguments as words of the command line: `per_class=True` is `--per-class`, `epochs=(2, 20)`
    is `--epochs 2..20`, and a list is given once for each entry."""
    words = []
    for name, value in settings.items():
        option = "--pass" if name == "pass_number" else "--" + name.replace("_", "-")
        if value is None or value is False:
            continue
        if value is True:
            words.append(option)
            continue
        if name == "epochs" and not isinstance(value, str):
            first, last = value
            value = f"{first}..{last}"
        several = value if isinstance(value, (list, tuple)) else [value]
        words += [f"{option}={each}" for each in several]
    return words


def in_python(text: str) -> str:
    """A message with keyword arguments in place of the command line's options."""

    def keyword(option: re.Match[str]) -> str:
        return option[1].replace("-", "_") + "="

    return re.sub(r"--([a-z]+(?:-[a-z]+)*)", keyword, text)
