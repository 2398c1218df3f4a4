"""Untrained methods of the surrogates' page: what is near bad labels ranks above what is not."""

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest

#: Two chains of five, 0 bad at the head of one and 5 good at that of the other, and a lone node.
N, EDGES = 11, [(0, 1), (1, 2), (2, 3), (3, 4), (5, 6), (6, 7), (7, 8), (8, 9)]


@pytest.fixture(scope="module")
def scores():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(Path(__file__).parents[2] / "benchmarks")
        methods = importlib.import_module("untrained_methods")
    sys.modules.pop("untrained_methods")
    links = np.zeros((N, N))
    for one, other in EDGES:
        links[one, other] = links[other, one] = 1.0
    bad, good = np.zeros(N), np.zeros(N)
    bad[0] = good[5] = 1.0
    return methods.untrained_methods(lambda of: links @ of, bad, good)


def test_links_are_counted(scores):
    assert scores["degree"].tolist() == [1, 2, 2, 2, 1, 1, 2, 2, 2, 1, 0]


def test_nearer_to_a_bad_label_is_worse_and_near_a_good_one_is_best(scores):
    for name, score in scores.items():
        if name != "degree":
            assert score[1] > score[2] >= score[7], name
        if "against" in name or name in ("harmonic", "belief propagation", "SybilSCAR"):
            assert score[2] > score[10] > score[6], name
