"""Write what ``run.py`` measured into docs/performance.md, between two marks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

PAGE = Path(__file__).parents[2] / "docs" / "performance.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"

NAMES = {
    "rank-graphrisk": "graphrisk `rank_accounts`",
    "rank-scipy": "polars + scipy, float32",
    "rank-graphblas": "polars + graphblas-algorithms",
    "rank-igraph": "polars + igraph",
    "rank-igraph-pandas": "pandas + igraph",
    "rank-sknetwork": "polars + scikit-network",
    "rank-networkit": "polars + networkit (global PageRank: it has no other)",
    "rank-networkx": "polars + networkx",
    "rank-graphrisk-csv": "graphrisk `rank_accounts`, from CSV",
    "rank-scipy-csv": "polars + scipy, float32, from CSV",
    "rank-igraph-csv": "polars + igraph, from CSV",
    "encode-graphrisk": "graphrisk, exact",
    "encode-polars-hash": "polars hash + pandas factorize, believed",
    "encode-duckdb-hash": "duckdb hash + pandas factorize, believed",
    "encode-duckdb": "duckdb table and joins, exact",
    "encode-polars": "polars categories, exact",
    "encode-pandas": "pandas factorize, exact",
    "encode-nothing": "read and hashed by polars, nothing kept",
    "analyze-graphrisk": "graphrisk `analyze`, all of it",
}
#: Routes from ids to numbers by what they make of a hash.
BELIEVED = ("encode-polars-hash", "encode-duckdb-hash")
EXACT = ("encode-duckdb", "encode-polars", "encode-pandas")

Result = dict[str, Any]


def total(told: dict[str, Any]) -> float:
    """Seconds of all steps of a run."""
    return float(sum(told["seconds"].values()))


def of_rounds(result: Result, name: str, value: Callable[[dict[str, Any]], float]) -> list[float]:
    """Take a value from every round that a contender ran in."""
    return [value(r[name]) for r in result["rounds"] if name in r]


def ratio(
    result: Result,
    one: tuple[str, Callable[[dict[str, Any]], float]],
    other: tuple[str, Callable[[dict[str, Any]], float]],
) -> str:
    """Median over rounds of one contender's time against another's, each round by itself."""
    pairs = [
        one[1](r[one[0]]) / other[1](r[other[0]])
        for r in result["rounds"]
        if one[0] in r and other[0] in r
    ]
    return f"{median(pairs):.1f}" if pairs else "–"


def step(name: str) -> Callable[[dict[str, Any]], float]:
    """Take the seconds of one step."""
    return lambda told: float(told["seconds"][name])


def contender_rows(result: Result) -> list[str]:
    """Lay out every contender that does a whole job: time, processor, memory, ratio."""
    rows = []
    for name, words in NAMES.items():
        seconds = of_rounds(result, name, total)
        if not seconds:
            continue
        ours = "encode-graphrisk" if name.startswith("encode") else "rank-graphrisk"
        ours += "-csv" if name.endswith("csv") else ""
        cpu = median(of_rounds(result, name, lambda told: float(told["cpu_s"])))
        peak = max(of_rounds(result, name, lambda told: float(told["peak_mb"])))
        times = ratio(result, (name, total), (ours, total))
        if name.startswith("analyze"):
            times = "–"
        rows.append(
            f"| {words} | {median(seconds):.2f} | {cpu:.2f} | {times} | {peak:,.0f} | "
            f"{len(seconds)} |"
        )
    return rows


def fastest(result: Result, names: Sequence[str]) -> str | None:
    """Name the contender with the lowest median."""
    ran = {name: of_rounds(result, name, total) for name in names}
    times = {name: median(seconds) for name, seconds in ran.items() if seconds}
    return min(times, key=times.__getitem__) if times else None


def aim_rows(result: Result) -> list[str]:
    """Lay out what was aimed at, and what was reached."""
    rows = []

    def row(what: str, at_least: str, aim: str, value: str) -> None:
        rows.append(f"| {what} | {at_least} | {aim} | {value} |")

    ours, parts = ("rank-graphrisk", total), "parts-graphrisk"
    for name, words, at_least, aim in (
        ("rank-igraph", "polars + igraph", 10, 15),
        ("rank-igraph-pandas", "pandas + igraph", 12, 18),
        ("rank-scipy", "polars + scipy", 5, 7),
        ("rank-graphblas", "polars + graphblas", 8, 13),
    ):
        times = ratio(result, (name, total), ours)
        row(f"ranking: times faster than {words}", f"{at_least}", f"{aim}", times)
    for routes, least, most in ((BELIEVED, "2", "3"), (EXACT, "3", "4.5")):
        route = fastest(result, routes)
        if route:
            times = ratio(result, (route, total), ("encode-graphrisk", total))
            row(f"ids to numbers: times faster than {NAMES[route]}", least, most, times)
    if of_rounds(result, parts, total):
        passes = median(of_rounds(result, parts, pass_s))
        row("one linear pass, of the generic gather floor", "0.6", "0.4",
            f"{passes / floor_s(result):.2f}")  # fmt: skip
        reach = ratio(result, ("rank-scipy", step("solve")), (parts, step("reach")))
        row("reach, all rounds, both sides: times faster than scipy's PageRank", "1", "3", reach)
        joined = ratio(result, ("parts-networkit", step("components")), (parts, step("components")))
        row("connected components: times faster than networkit", "5", "8", joined)
        hops = median(of_rounds(result, parts, detail("two_hops_us")))
        row("two-hop neighbourhood of an account, median", "50 µs", "10 µs", f"{hops:.0f} µs")
    whole = ratio(result, ("rank-igraph", total), ("analyze-graphrisk", total))
    row("`analyze`: times faster than polars + igraph's one PageRank", "1", "2", whole)
    is_large = result["n_accounts"] > 1_000_000
    for name, words, at_least, aim in (
        ("rank-graphrisk", "ranking", *((65, 45) if is_large else (110, 80))),
        ("analyze-graphrisk", "`analyze`", 250, 150),
    ):
        peaks = of_rounds(result, name, lambda told: float(told["peak_mb"]))
        if peaks:
            value = max(peaks) * 1e6 / result["n_links"]
            row(f"peak memory of {words}, bytes for each link", f"{at_least}", f"{aim}",
                f"{value:.0f}")  # fmt: skip
    return [one for one in rows if not one.endswith("| – |")]


def pass_s(told: dict[str, Any]) -> float:
    """Seconds of one pass of the solver."""
    return float(told["seconds"]["solve"] / told["details"]["n_passes"])


def detail(name: str) -> Callable[[dict[str, Any]], float]:
    """Take a detail of a run."""
    return lambda told: float(told["details"][name])


def machine_of(result: Result) -> dict[str, float]:
    """What the machine does with all its processors."""
    told: dict[str, float] = result["machine"][max(result["machine"], key=int)]
    return told


def floor_s(result: Result) -> float:
    """Seconds to read a random number for each end of a link, out of one for each node."""
    return float(2 * result["n_links"] * machine_of(result)["gather_ns"] / 1e9)


def stage_rows(result: Result) -> list[str]:
    """Lay out how far steps and stages are from what memory allows."""
    parts = [r["parts-graphrisk"] for r in result["rounds"] if "parts-graphrisk" in r]
    rows = []

    def row(what: str, seconds: float, floor: float, words: str) -> None:
        rows.append(f"| {what} | {seconds:.3f} | {floor:.3f} | {seconds / floor:.1f} | {words} |")

    if parts:
        machine, details = machine_of(result), parts[0]["details"]
        gather, near = machine["gather_ns"] / 1e9, machine["gather_accounts_ns"] / 1e9
        hit = machine["gather_in_cache_ns"] / 1e9
        read = of_rounds(result, "encode-nothing", total)
        if read:
            row("ranking: read and number ids", median(p["seconds"]["encode"] for p in parts),
                median(read), "polars reads and hashes, nothing kept")  # fmt: skip
        row("ranking: fold", median(p["seconds"]["fold"] for p in parts),
            2 * result["n_links"] * gather, "a random read for each end of a link")  # fmt: skip
        row("ranking: one pass", median(pass_s(p) for p in parts), floor_s(result),
            "the same: what a pass that folds nothing reads")  # fmt: skip
        own = details["n_gathers"] * near + 2 * details["n_hub_links"] * hit
        own += 80 * result["n_accounts"] / machine["stream_gb_per_s"] / 1e9
        row("ranking: one pass", median(pass_s(p) for p in parts), own,
            "what a folded pass reads, and ten numbers for each account")  # fmt: skip
        rounds = details["n_slots"] * details["n_rounds"] * gather
        row("reach, both sides", median(p["seconds"]["reach"] for p in parts), rounds,
            "a random read for each slot and round")  # fmt: skip
        row("connected components", median(p["seconds"]["components"] for p in parts),
            details["n_slots"] * gather, "a random read for each slot")  # fmt: skip
    runs = [r["analyze-graphrisk"] for r in result["rounds"] if "analyze-graphrisk" in r]
    for stage in runs[0]["details"] if runs else ():
        row(f"`analyze`: {stage}", median(r["details"][stage] for r in runs), floor_s(result),
            "a random read for each end of a link")  # fmt: skip
    return rows


def section(result: Result) -> list[str]:
    """Write one size."""
    speeds = "; ".join(
        f"{n} thread{'s' if n != '1' else ''}: {told['stream_gb_per_s']:.1f} GB/s streamed, "
        f"{told['gather_ns']:.2f} ns for a random read of a number for each id, "
        f"{told['gather_accounts_ns']:.2f} of one for each account, "
        f"{told['gather_in_cache_ns']:.2f} in cache"
        for n, told in result["machine"].items()
    )
    off = max(result.get("off", {}).values(), default=0.0)
    failed = sorted(set(result.get("failed", [])))
    return [
        f"### {result['n_accounts']:,} accounts, {result['n_links']:,} links",
        "",
        "| what | at least | aim | measured |",
        "|---|---|---|---|",
        *aim_rows(result),
        "",
        "| from files to | seconds | of processor | times ours | peak MB | rounds |",
        "|---|---|---|---|---|---|",
        *contender_rows(result),
        "",
        "| step | seconds | floor | times the floor | the floor is |",
        "|---|---|---|---|---|",
        *stage_rows(result),
        "",
        *([f"Did not end well: {', '.join(failed)}.", ""] if failed else []),
        f"The rankings agree: the {1000:,} highest masses differ by at most {off:.1e} in all.",
        f"Measured on {result['on']['machine']}, Python {result['on']['python']}, load average "
        f"{result['on']['load']} at the end. {speeds}.",
        f"Libraries: {result['on']['libraries']}.",
        "",
    ]


GROWING = {
    "rank-graphrisk": "`rank_accounts`",
    "rank-graphrisk-csv": "`rank_accounts` from CSV",
    "analyze-graphrisk": "`analyze`",
}


def growth(results: list[Result]) -> list[str]:
    """Fit how time and memory grow with links: 1 is as fast as they do."""
    if len(results) < 2:
        return []
    links = [result["n_links"] for result in results]
    rows = []
    for name, words in GROWING.items():
        for take, scale, unit in (
            (total, 1e6, "seconds for a million links"),
            (peak_bytes, 1.0, "peak bytes for a link"),
        ):
            found = [of_rounds(result, name, take) for result in results]
            if not all(found):
                continue
            values = [median(one) for one in found]
            exponent = np.polyfit(np.log(links), np.log(values), 1)[0]
            each = " | ".join(f"{scale * v / n:.2f}" for v, n in zip(values, links, strict=True))
            last = values[-1] / values[-2] / (links[-1] / links[-2])
            rows.append(f"| {words}, {unit} | {each} | {exponent:.2f} | {last:.2f} |")
    sizes = " | ".join(f"{result['n_accounts']:,} accounts" for result in results)
    return [
        "### Growth",
        "",
        f"| what | {sizes} | exponent | last step, times linear |",
        "|---|" + "---|" * (len(results) + 2),
        *rows,
        "",
        "The exponent is that of a power of the number of links, fitted to all sizes: 1 is linear.",
        "What is there before any link, such as the libraries themselves, pulls it below.",
        "",
    ]


def peak_bytes(told: dict[str, Any]) -> float:
    """Most memory held at once."""
    return float(told["peak_mb"]) * 1e6


def write_table(results: list[Result]) -> None:
    """Replace what stands between the marks."""
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    results = sorted(results, key=lambda result: int(result["n_accounts"]))
    lines = [*growth(results), *(line for result in results for line in section(result))]
    PAGE.write_text("\n".join([before + BEGIN, "", *lines, END]) + after, encoding="utf-8")
