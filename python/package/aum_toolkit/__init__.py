"""Finds mislabeled training samples by the Area Under the Margin (Pleiss et al., NeurIPS 2020).

Log the logits of the forward pass that trains, whatever the framework, and read the logs:

    with Log("logs", "my-run", assigned_labels=labels) as log:
        for epoch in range(epochs):
            for inputs, targets, ids in loader:
                logits = network(inputs)
                log.record(ids, logits)
                ...
            log.end_epoch()

    aum("logs").to_pandas()

A sample is *mislabeled* when its given label is not its true label: a fact. It is *flagged* when its AUM is
below the threshold, which threshold samples give (`threshold_samples`): a verdict.
"""

from aum_toolkit.log import Log
from aum_toolkit.pictures import Picture, plot, report
from aum_toolkit.questions import Table, aum, confusions, estimate, evaluate, flagged, scores
from aum_toolkit.threshold import AssignedLabels, threshold_samples

__all__ = [
    "AssignedLabels",
    "Log",
    "Picture",
    "Table",
    "aum",
    "confusions",
    "estimate",
    "evaluate",
    "flagged",
    "plot",
    "report",
    "scores",
    "threshold_samples",
]
