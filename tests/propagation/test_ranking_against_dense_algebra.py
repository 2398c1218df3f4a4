"""The linear ranking is the solution of its equation, whatever was folded away to find it."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphrisk import rank_accounts
from graphrisk.errors import InputRefused, UsageError
from graphrisk.graph.pairs import read_pairs
from graphrisk.propagation.folded import fold
from graphrisk.propagation.linear import solve

NAMES = st.sampled_from([f"A{i}" for i in range(7)])
OTHERS = st.sampled_from([f"A{i}" for i in range(7)] + [f"D{i}" for i in range(9)])
LINKS = st.lists(
    st.tuples(NAMES, OTHERS).filter(lambda ends: ends[0] != ends[1]), min_size=1, max_size=40
)


def frame(links):
    return pl.DataFrame(
        links, schema={"source_id": pl.String, "target_id": pl.String}, orient="row"
    )


def by_dense_algebra(links, seeds, damping):
    """The slow oracle: write the whole equation down, and let a library solve it."""
    names = sorted({end for link in links for end in link})
    place = {name: i for i, name in enumerate(names)}
    tied = np.zeros((len(names), len(names)))
    for one, other in links:
        tied[place[one], place[other]] += 1
        tied[place[other], place[one]] += 1
    start = np.array([name in seeds for name in names]) / len(set(seeds))
    passes_on = damping * tied / tied.sum(axis=0)
    mass = np.linalg.solve(np.eye(len(names)) - passes_on, (1 - damping) * start)
    sources = {one for one, _ in links}
    return {name: mass[place[name]] for name in names if name in sources}


@settings(deadline=None)
@given(LINKS, st.data(), st.floats(0.05, 0.95))
def test_masses_solve_the_equation(links, data, damping):
    seeds = data.draw(st.lists(st.sampled_from([e for link in links for e in link]), min_size=1))
    ranked = rank_accounts(frame(links), seeds, damping=damping, tolerance=1e-10, n_threads=1)
    expected = by_dense_algebra(links, seeds, damping)
    assert dict(ranked.iter_rows()) == pytest.approx(expected, abs=2e-10)


def drawn_links(n_links, seed):
    chance = np.random.default_rng(seed)
    one, other = chance.integers(0, 3000, n_links), chance.integers(0, 9000, n_links)
    links = pl.DataFrame({"one": one, "other": other}).filter(pl.col("one") != pl.col("other"))
    kind = pl.when(pl.col("other") < 3000).then(pl.lit("A")).otherwise(pl.lit("D"))
    return links.select(
        source_id=pl.concat_str(pl.lit("A"), "one"), target_id=pl.concat_str(kind, "other")
    )


@pytest.mark.parametrize("tolerance", [1e-3, 1e-6, 1e-9])
def test_the_bound_on_the_error_holds(tolerance):
    pairs = read_pairs(drawn_links(12_000, 5), "source_id", "target_id")
    folded = fold(pairs.source, pairs.target, len(pairs.accounts), pairs.n_numbers)
    start = np.zeros(len(folded.account))
    start[:40] = 1 / 40
    solved = solve(folded, start, damping=0.85, tolerance=tolerance)
    exact = solve(folded, start, damping=0.85, tolerance=1e-13)
    assert np.abs(solved.mass - exact.mass).sum() <= solved.error_at_most <= tolerance


def test_any_number_of_threads_gives_the_same_bytes():
    links = drawn_links(60_000, 7)
    seeds = [*links["source_id"].head(2), links["target_id"][9]]
    one, two, five = (
        rank_accounts(links, seeds, n_threads=n)["mass"].to_numpy().tobytes() for n in (1, 2, 5)
    )
    assert one == two == five


def test_files_and_frames_are_read_alike(tmp_path):
    links = drawn_links(5_000, 3)
    links.write_parquet(tmp_path / "links.parquet", row_group_size=700)
    links.write_csv(tmp_path / "links.csv")
    seeds = links["source_id"].head(3)
    ranked = rank_accounts(links, seeds)
    assert rank_accounts(tmp_path / "links.parquet", seeds).equals(ranked)
    assert rank_accounts(tmp_path / "links.csv", seeds).equals(ranked)


def test_the_highest_are_the_first_of_all_and_equal_ones_go_by_id():
    links = frame([("A3", "D1"), ("A2", "D1"), ("A1", "D1"), ("A0", "D2"), ("A4", "D2")])
    ranked = rank_accounts(links, ["D1"])
    assert ranked["account_id"].to_list() == ["A1", "A2", "A3", "A0", "A4"]
    assert ranked["mass"].to_list()[3:] == [0.0, 0.0]
    for most in range(7):
        assert rank_accounts(links, ["D1"], most=most).equals(ranked.head(most))


@pytest.mark.parametrize(
    ("links", "seeds", "words"),
    [
        ([("A1", None)], ["A1"], "1 rows without target_id"),
        ([(None, "A1")], ["A1"], "1 rows without source_id"),
        ([("A1", "D1"), ("A2", "A2")], ["A1"], "1 links from an id to itself"),
        ([("A1", "D1")], ["A1", "A9"], "1 seeds without a link, such as A9"),
        ([("A1", "D1")], [], "no seed"),
        ([], ["A1"], "1 seeds without a link"),
    ],
)
def test_what_can_not_be_ranked_is_refused(links, seeds, words):
    with pytest.raises(InputRefused, match=words):
        rank_accounts(frame(links), seeds)


def test_a_missing_file_or_column_is_refused(tmp_path):
    with pytest.raises(InputRefused, match="is no file"):
        rank_accounts(tmp_path / "none.parquet", ["A1"])
    with pytest.raises(InputRefused, match="has no column who"):
        rank_accounts(frame([("A1", "D1")]), ["A1"], source="who")


@pytest.mark.parametrize("given", [{"damping": 1.0}, {"damping": 0.0}, {"tolerance": 0.0}])
def test_settings_out_of_range_are_refused(given):
    with pytest.raises(UsageError):
        rank_accounts(frame([("A1", "D1")]), ["A1"], **given)


def links_of_all_sorts(n_accounts, seed):
    """Private things, things of two, of a few, of hundreds, transfers, and rows written twice."""
    chance = np.random.default_rng(seed)
    who = chance.integers(0, n_accounts, 6 * n_accounts)
    things = [
        chance.integers(0, n_accounts, n_accounts),
        n_accounts + chance.permutation(2 * n_accounts),
        4 * n_accounts + chance.integers(0, n_accounts // 2, n_accounts),
        5 * n_accounts + chance.integers(0, n_accounts // 8, n_accounts),
        6 * n_accounts + chance.integers(0, 3, n_accounts),
    ]
    links = pl.DataFrame({"one": who, "other": np.concatenate(things)})
    links = links.filter(pl.col("one") != pl.col("other"))
    links = pl.concat([links, links.sample(fraction=0.05, seed=seed)])
    kind = pl.when(pl.col("other") < n_accounts).then(pl.lit("A")).otherwise(pl.lit("D"))
    return links.select(
        source_id=pl.concat_str(pl.lit("A"), "one"), target_id=pl.concat_str(kind, "other")
    )


@pytest.mark.parametrize("n_threads", [1, 2, 3, 7])
@pytest.mark.parametrize("hub_links", [0, 3, 100, 10**9])
def test_what_is_a_hub_and_who_counts_it_changes_nothing(n_threads, hub_links):
    links = links_of_all_sorts(700, 11)
    seeds = links["source_id"].unique(maintain_order=True).head(9).to_list()
    pairs = read_pairs(links, "source_id", "target_id")
    folded = fold(
        pairs.source, pairs.target, len(pairs.accounts), pairs.n_numbers,
        n_threads=n_threads, hub_links=hub_links,
    )  # fmt: skip
    assert (folded.n_hubs > 0) == (hub_links < 10**9)
    start = np.isin(folded.account, pairs.find(pl.Series(seeds))) / 9
    solved = solve(folded, start, damping=0.85, tolerance=1e-11, n_threads=n_threads)
    ids = pairs.accounts.ids().gather(folded.account)
    found = dict(zip(ids.to_list(), solved.mass.tolist(), strict=True))
    assert found == pytest.approx(by_dense_algebra(links.rows(), seeds, 0.85), abs=2e-11)


def test_folding_in_parts_gives_the_same_arrays():
    pairs = read_pairs(links_of_all_sorts(20_000, 13), "source_id", "target_id")
    given = (pairs.source, pairs.target, len(pairs.accounts), pairs.n_numbers)
    one, three = fold(*given), fold(*given, n_threads=3)
    for name in one.__slots__:
        assert np.array_equal(getattr(one, name), getattr(three, name)), name


def test_two_things_of_the_same_two_and_a_thing_linked_twice():
    links = [("A1", "D1"), ("A1", "D1"), ("A2", "D2"), ("A3", "D2"), ("A2", "D3"), ("A3", "D3")]
    links += [("A1", "A2"), ("A1", "D4"), ("A3", "D5"), ("A3", "D5"), ("A2", "D5")]
    ranked = rank_accounts(frame(links), ["A1"], tolerance=1e-12)
    expected = by_dense_algebra(links, ["A1"], 0.85)
    assert dict(ranked.iter_rows()) == pytest.approx(expected, abs=1e-12)
