"""Threshold samples: a few training samples, drawn at random, that are trained on as an extra class.

No sample belongs to it, so the network can only memorise them, and their AUMs show what a wrong label looks
like. Two passes with disjoint sets judge every sample at least once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from aum_toolkit import _core
from aum_toolkit.arrays import as_integers

if TYPE_CHECKING:
    import numpy


def threshold_samples(
    labels: Any,
    class_count: int,
    passes: int = 2,
    seed: int = 0,
    count: int | Literal["paper", "authors-code"] | None = None,
) -> list[numpy.ndarray]:
    """The threshold samples of each pass: positions in `labels`, ascending, no two passes sharing one.

    They are those that `recorder run --data-seed SEED` draws for as many samples.

    Parameters
    ----------
    labels:
        The n labels of the training set; of them the number alone counts.
    class_count:
        The number of classes, the extra one not counted.
    count:
        How many a pass: a number, "paper" for n / (classes + 1), or "authors-code" for n / classes; the
        paper's, but a tenth of the samples at most, if nothing is said.

    Raises
    ------
    ValueError
        Where the training set has too few samples for disjoint sets.
    """
    import numpy

    sets = _core.threshold_samples(len(labels), class_count, passes, seed, None if count is None else str(count))
    return [numpy.array(positions, numpy.int64) for positions in sets]


class AssignedLabels:
    """A map-style dataset with the labels to train on: yields `(x, assigned_label, sample_id)`.

    `dataset[i]` is `(x, label)`, or a longer tuple whose last entry is the label. The network needs an output
    for each class and one for the extra class.

    Parameters
    ----------
    dataset:
        What has `__len__` and `__getitem__`, such as a `torch.utils.data.Dataset`.
    threshold_samples:
        The positions that are assigned to the extra class: one entry of what `threshold_samples` returns.
    class_count:
        The number of classes, and so the index of the extra one.
    given_labels:
        The label of each sample, in place of those in the dataset. They save reading every sample once.

    Attributes
    ----------
    assigned_labels, given_labels:
        Arrays of n integers, as `Log` takes them.
    """

    def __init__(
        self, dataset: Any, threshold_samples: Sequence[int], class_count: int, given_labels: Any = None
    ) -> None:
        if given_labels is None:
            given_labels = [int(dataset[position][-1]) for position in range(len(dataset))]
        self.dataset = dataset
        self.given_labels = as_integers("given_labels", given_labels)
        if len(self.given_labels) != len(dataset):
            raise ValueError(f"{len(self.given_labels)} given_labels, but {len(dataset)} samples; give one a sample")
        beyond = self.given_labels.max(initial=-1)
        if beyond >= class_count:
            raise ValueError(f"label {beyond} is beyond the {class_count} classes; give the number of classes without the extra one")
        self.assigned_labels = self.given_labels.copy()
        self.assigned_labels[threshold_samples] = class_count

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, position: int) -> tuple[Any, int, int]:
        sample = self.dataset[position]
        inputs = sample[0] if len(sample) == 2 else tuple(sample[:-1])
        return inputs, int(self.assigned_labels[position]), position
