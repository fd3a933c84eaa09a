"""Logs that the tests read: small, with numbers that can be checked by hand."""

import numpy
import pytest

from aum_toolkit import Log


@pytest.fixture
def logs(tmp_path):
    """A folder with a run of two epochs. The margins of sample i are 2 (of 0), 1 − 3 = −2 (of 1), 4 (of 2) in
    the first epoch and twice that in the second, which is the one that counts."""
    logits = numpy.array([[2.0, 0.0], [3.0, 1.0], [-1.0, 3.0]])
    with Log(tmp_path, "three", assigned_labels=[0, 1, 1], class_names=["cat", "dog"]) as log:
        for epoch in (1, 2):
            log.record([0, 1, 2], epoch * logits)
            log.end_epoch()
    return tmp_path
