"""The table of speed says what was measured: ratios within a round, memory, growth, floors."""

import importlib.util
import sys
from pathlib import Path

import pytest

PATH = Path(__file__).parents[2] / "benchmarks" / "speed" / "table.py"
spec = importlib.util.spec_from_file_location("speed_table", PATH)
table = importlib.util.module_from_spec(spec)
sys.modules[spec.name] = table
spec.loader.exec_module(table)


def ran(seconds, peak_mb=100.0, **details):
    steps = seconds if isinstance(seconds, dict) else {"all": seconds}
    return {"seconds": steps, "details": details, "cpu_s": 1.0, "peak_mb": peak_mb}


def result(n_accounts, n_links, rounds, **more):
    speeds = {"stream_gb_per_s": 20.0, "gather_ns": 2.0, "gather_accounts_ns": 1.0,
              "gather_in_cache_ns": 0.5}  # fmt: skip
    about = {"machine": "a machine", "python": "3.11", "load": "0.1", "libraries": "some"}
    return {"n_accounts": n_accounts, "n_links": n_links, "rounds": rounds,
            "machine": {"1": speeds, "2": speeds}, "on": about, **more}  # fmt: skip


def cells(lines, begin):
    (line,) = [line for line in lines if line.startswith(f"| {begin}")]
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_a_ratio_is_the_median_of_the_rounds_own_ratios():
    rounds = [
        {"rank-graphrisk": ran(1.0), "rank-igraph": ran(10.0)},
        {"rank-graphrisk": ran(4.0), "rank-igraph": ran(80.0)},
        {"rank-graphrisk": ran(1.0), "rank-igraph": ran(12.0)},
    ]
    rows = table.aim_rows(result(1000, 10_000, rounds))
    assert cells(rows, "ranking: times faster than polars + igraph") == [
        "ranking: times faster than polars + igraph", "10", "15", "12.0",
    ]  # fmt: skip
    assert not [row for row in rows if "scipy" in row]


def test_ids_are_compared_with_the_fastest_route_of_each_sort():
    ours, fast, slow = ran(1.0), ran(3.0), ran(9.0)
    rounds = [{"encode-graphrisk": ours, "encode-polars-hash": slow, "encode-duckdb-hash": fast,
               "encode-duckdb": slow, "encode-polars": ran(5.0)}]  # fmt: skip
    rows = table.aim_rows(result(1000, 10_000, rounds))
    found = [row.split("|")[1:5] for row in rows if "ids to numbers" in row]
    assert [(name.split("than ")[1].strip(), value.strip()) for name, *_, value in found] == [
        (table.NAMES["encode-duckdb-hash"], "3.0"),
        (table.NAMES["encode-polars"], "5.0"),
    ]


def test_a_pass_is_held_against_a_random_read_for_each_end():
    parts = ran(
        {"encode": 1.0, "fold": 0.1, "solve": 0.2, "reach": 1.0, "components": 0.1},
        n_passes=10, n_gathers=10**6, n_hub_links=0, n_slots=2 * 10**7, n_rounds=4, two_hops_us=7.0,
    )  # fmt: skip
    found = result(10**6, 10**7, [{"parts-graphrisk": parts}])
    assert cells(table.aim_rows(found), "one linear pass")[-1] == "0.50"
    own = 1e6 * 1e-9 + 80e6 / 20e9
    assert float(cells(table.stage_rows(found), "ranking: fold")[3]) == 2.5
    passes = [row for row in table.stage_rows(found) if "ten numbers" in row]
    assert float(passes[0].split("|")[3]) == pytest.approx(own, abs=1e-3)


def test_memory_is_given_for_each_link_and_held_against_the_size():
    small = table.aim_rows(result(10**6, 10**7, [{"rank-graphrisk": ran(1.0, 900.0)}]))
    assert cells(small, "peak memory of ranking")[1:] == ["110", "80", "90"]
    large = table.aim_rows(result(5 * 10**6, 5 * 10**7, [{"rank-graphrisk": ran(1.0, 3000.0)}]))
    assert cells(large, "peak memory of ranking")[1:] == ["65", "45", "60"]


def test_growth_is_the_power_of_the_number_of_links():
    def squared(n):
        return result(n // 10, n, [{"rank-graphrisk": ran((n / 1e6) ** 2, n / 1e6)}])

    lines = table.growth([squared(10**6), squared(10**7)])
    assert cells(lines, "`rank_accounts`, seconds")[1:] == ["1.00", "10.00", "2.00", "10.00"]
    assert cells(lines, "`rank_accounts`, peak")[-2:] == ["1.00", "1.00"]
    assert table.growth([squared(10**6)]) == []


def test_what_did_not_end_well_is_said():
    found = result(1000, 10_000, [{"rank-graphrisk": ran(1.0)}], failed=["rank-igraph"])
    assert "Did not end well: rank-igraph." in table.section(found)
