"""Threshold samples: the recorder's own draw, and a dataset with the labels to train on."""

import numpy
import pytest

from aum_toolkit import AssignedLabels, threshold_samples


def test_the_draw_is_that_of_the_recorder():
    # Of `recorder run --data-seed 0`, on the 1,438 training samples of the digits.
    first, second = threshold_samples(numpy.zeros(1438), 10)
    assert (len(first), len(second)) == (130, 130)
    assert first[:10].tolist() == [2, 20, 29, 34, 35, 50, 64, 67, 75, 80]
    assert second[:10].tolist() == [11, 24, 44, 58, 71, 73, 93, 98, 100, 117]


def test_sets_are_disjoint_and_another_pass_leaves_those_before():
    two = threshold_samples([0] * 100, 4, passes=2, seed=5)
    three = threshold_samples([0] * 100, 4, passes=3, seed=5)
    assert [each.tolist() for each in two] == [each.tolist() for each in three[:2]]
    assert len({*three[0], *three[1], *three[2]}) == 30


@pytest.mark.parametrize(("count", "expected"), [(None, 10), ("paper", 20), ("authors-code", 25), (7, 7)])
def test_their_number_is_given_or_follows_a_rule(count, expected):
    assert len(threshold_samples([0] * 100, 4, count=count)[0]) == expected


def test_too_many_are_refused_with_the_way_out():
    with pytest.raises(ValueError, match="need 120 samples, but the training set has 100; lower passes= or count="):
        threshold_samples([0] * 100, 4, count=60)
    with pytest.raises(ValueError, match="count is half"):
        threshold_samples([0] * 100, 4, count="half")


def test_a_dataset_yields_the_label_to_train_on_and_the_id():
    dataset = AssignedLabels([("a", 0), ("b", 1), ("c", 1)], [1], 2)
    assert [dataset[position] for position in range(len(dataset))] == [("a", 0, 0), ("b", 2, 1), ("c", 1, 2)]
    assert dataset.assigned_labels.tolist() == [0, 2, 1] and dataset.given_labels.tolist() == [0, 1, 1]


def test_labels_of_a_dataset_may_be_given_and_must_fit():
    assert AssignedLabels([("a", "b", 7)], [], 2, given_labels=[1])[0] == (("a", "b"), 1, 0)
    with pytest.raises(ValueError, match="label 2 is beyond the 2 classes"):
        AssignedLabels([("a", 2)], [], 2)
    with pytest.raises(ValueError, match="2 given_labels, but 1 samples"):
        AssignedLabels([("a", 2)], [], 2, given_labels=[0, 1])
