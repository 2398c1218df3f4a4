"""What the pictures show is what was counted, and they fit."""

import re

import numpy as np
import polars as pl
import pytest

from graphrisk.report.charts import WIDTH, Canvas, brief, shortened
from graphrisk.report.groups import MOST_GROUPS, MOST_NODES, largest_groups
from graphrisk.report.measures import ages, families, flow, histogram, log_odds, moved
from graphrisk.report.places import places_of

LADDER = (0.06, 0.2, 0.45, 0.75)


class TestMeasures:
    def test_the_flow_counts_every_account_once(self, analysis):
        counted = flow(analysis.decisions)
        assert counted["n_accounts"].sum() == len(analysis.decisions)
        apart = counted.filter(pl.col("tier") != pl.col("tier_by_risk"))
        assert apart["n_accounts"].sum() == moved(analysis.decisions)["n_accounts"].sum()

    def test_the_histogram_counts_every_account_once_even_the_certain(self):
        risk = np.array([0.0, 1e-9, 0.02, 0.06, 0.0599, 0.5, 1.0])
        edges, counts = histogram(risk, LADDER)
        assert counts.sum() == len(risk)
        assert np.isin(log_odds(np.array(LADDER)), edges).all()

    def test_a_bin_never_reaches_over_a_threshold(self):
        edges, counts = histogram(np.array([0.2, 0.19999]), LADDER)
        at = int(np.searchsorted(edges, log_odds(np.array(0.2))))
        assert counts[at - 1] == counts[at] == 1

    def test_families_add_up_to_all_nats(self, analysis):
        found = families(analysis.waterfall)
        told = analysis.evidence.filter(pl.col("group") != "prior")["nats"].sum()
        assert found["up_nats"].sum() + found["down_nats"].sum() == pytest.approx(told, abs=1e-2)

    def test_no_record_is_newer_than_the_dataset(self, analysis):
        spans = ages(analysis.dataset)
        assert max(newest for *_, newest in spans) == analysis.dataset.newest_at
        assert all(oldest <= newest for *_, oldest, newest in spans)


class TestGroups:
    def test_they_hold_accounts_above_clear_most_first(self, analysis):
        groups = largest_groups(analysis)
        assert 1 <= len(groups) <= MOST_GROUPS
        numbers = [group.n_above for group in groups]
        assert numbers == sorted(numbers, reverse=True)
        assert numbers[-1] > 0

    def test_they_fit_a_picture_and_leave_nothing_unlinked(self, analysis):
        for group in largest_groups(analysis):
            assert len(group.nodes) <= MOST_NODES
            linked = {end for a, b, _ in group.links for end in (a, b)}
            assert linked == set(range(len(group.nodes)))
            n_drawn = sum(node.kind == "account" for node in group.nodes)
            assert n_drawn <= group.n_accounts

    def test_whoever_is_drawn_alone_shares_nothing(self, analysis):
        for group in largest_groups(analysis):
            things = {i for i, node in enumerate(group.nodes) if node.kind != "account"}
            ends = [end for a, b, _ in group.links for end in (a, b)]
            assert all(ends.count(thing) > 1 for thing in things)


class TestPlaces:
    @pytest.mark.parametrize(
        "links",
        [
            [(0, 1)],
            [(0, i) for i in range(1, 40)],
            [(i, (i + 1) % 12) for i in range(12)],
            [(i, j) for i in range(9) for j in range(i)],
            [(0, 1), (2, 3)],
        ],
        ids=["pair", "star", "circle", "clique", "apart"],
    )
    def test_nodes_stand_apart_inside_the_picture_always_the_same(self, links):
        n_nodes = 1 + max(max(link) for link in links)
        where = places_of(n_nodes, links, 160.0)
        gaps = np.sqrt(((where[:, None] - where[None]) ** 2).sum(axis=2))
        assert (gaps + 99 * np.eye(n_nodes)).min() > 20
        assert np.abs(where).max() <= 160.0 + 1e-9
        assert np.array_equal(where, places_of(n_nodes, links, 160.0))

    def test_one_node_stands_in_the_middle(self):
        assert places_of(1, [], 160.0).tolist() == [[0.0, 0.0]]


class TestCanvas:
    def test_words_are_escaped_and_controls_replaced(self):
        canvas = Canvas("c", 10, '<t>"', "a & b")
        canvas.words(1, 2, "<script>\x00'\"", "small", at="end")
        canvas.box(0, 0, 1, 1, "bar", "<i>")
        drawn = str(canvas)
        assert "<script" not in drawn
        assert "<i>" not in drawn
        assert "&lt;script&gt;\ufffd&#x27;&quot;" in drawn
        assert f'viewBox="0 0 {WIDTH} 10"' in drawn

    def test_numbers_have_one_digit_after_the_point(self):
        canvas = Canvas("c", 10, "t", "a")
        canvas.line((1 / 3, 2.0), (-0.04, 1e3), "axis")
        assert re.search('x1="0.3" y1="2" x2="0" y2="1000"', str(canvas))

    def test_long_words_lose_their_middle(self):
        assert shortened("a" * 30 + "b" * 30, 21) == "a" * 13 + "…" + "b" * 7
        assert shortened("short", 21) == "short"

    def test_millions_are_brief(self):
        assert [brief(n) for n in (0, 999_999, 12_345_678)] == ["0", "999,999", "12.35M"]
