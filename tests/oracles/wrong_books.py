"""Planted bugs of whole analyses: how seeds are counted, and how evidence becomes terms."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from graphrisk.signals.arrived import propagate
from graphrisk.signals.linked import linked_terms
from oracles.books import analyse


def _seeds_share_one_mass(graph, weights, seeds, policy, *, n_threads):
    found = propagate(graph, weights, seeds, policy, n_threads=n_threads)
    n_bad, n_good = (seeds.bad_strength > 0).sum(), (seeds.good_strength > 0).sum()
    return replace(
        found,
        bad_mass=found.bad_mass // max(n_bad, 1),
        good_mass=found.good_mass // max(n_good, 1),
    )


def _good_feeds_bad(graph, weights, seeds, policy, *, n_threads):
    either = np.maximum(seeds.bad_strength, seeds.good_strength)
    return propagate(
        graph, weights, replace(seeds, bad_strength=either), policy, n_threads=n_threads
    )


def _prior_from_the_labels(graph, weights, seeds, policy, *, n_threads):
    """Scale bad evidence by how common bad labels are among all labels."""
    found = propagate(graph, weights, seeds, policy, n_threads=n_threads)
    n_bad, n_good = (seeds.bad_strength > 0).sum(), (seeds.good_strength > 0).sum()
    rarity = (1 + n_good) / (1 + n_bad + n_good)
    return replace(found, bad_mass=(found.bad_mass * rarity).astype(np.int64))


def _mean_over_families(evidence, has_links, policy):
    """Average the evidence of the families that speak instead of adding it up."""
    n_speaking = np.maximum((evidence.reach_nats > 0).sum(axis=1, keepdims=True), 1)
    averaged = replace(evidence, reach_nats=evidence.reach_nats / n_speaking)
    return linked_terms(averaged, has_links, policy)


seeds_share_one_mass = partial(analyse, propagate=_seeds_share_one_mass)
good_feeds_bad = partial(analyse, propagate=_good_feeds_bad)
prior_from_the_labels = partial(analyse, propagate=_prior_from_the_labels)
mean_over_families = partial(analyse, terms=_mean_over_families)
