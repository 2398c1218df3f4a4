"""The twelve complex reads, by brute force over plain lists."""

from __future__ import annotations

from collections import defaultdict

import networkx as nx

from benchmarks.finbench.graph import Edge, Graph
from benchmarks.finbench.spec import (
    ORDERS,
    TRANSFER,
    Row,
    Values,
    in_window,
    over,
    owned,
    ratio,
    rising_walks,
    rounded,
    step,
    total,
)


def tcr01(graph: Graph, p: Values) -> list[Row]:
    """Accounts near a blocked medium."""
    rows = set()
    for walk in rising_walks(graph, p["id"], p, outward=True):
        other = walk[-1].target
        for sign_in in over(graph.into("medium_sign_in_account", other), p):
            medium = graph.nodes["medium"][sign_in.source]
            if other != p["id"] and medium["is_blocked"]:
                rows.add((other, len(walk), sign_in.source, medium["medium_type"]))
    return sorted(rows, key=lambda row: (row[1], row[0], row[2]))


def tcr02(graph: Graph, p: Values) -> list[Row]:
    """Loans upstream of a person's accounts."""
    loans: dict[int, set[int]] = defaultdict(set)
    for account in owned(graph, p["id"]):
        for walk in rising_walks(graph, account, p, outward=False):
            other = walk[-1].source
            if other != account:
                deposits = over(graph.into("loan_deposit_account", other), p)
                loans[other] |= {deposit.source for deposit in deposits}
    held = graph.nodes["loan"]
    rows = [
        (other, rounded(sum(held[one]["loan_amount"] for one in sorted(some))),
         rounded(sum(held[one]["balance"] for one in sorted(some))))
        for other, some in loans.items() if some
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (-row[1], row[0]))


def tcr03(graph: Graph, p: Values) -> list[Row]:
    """Length of the shortest transfer path."""
    if not {p["id1"], p["id2"]} <= graph.nodes["account"].keys():
        return []
    net = nx.DiGraph()
    net.add_nodes_from((p["id1"], p["id2"]))
    net.add_edges_from((e.source, e.target) for e in graph.edges[TRANSFER] if in_window(e, p))
    try:
        return [(nx.shortest_path_length(net, p["id1"], p["id2"]),)]
    except nx.NetworkXNoPath:
        return [(-1,)]


def tcr04(graph: Graph, p: Values) -> list[Row]:
    """Circles of three accounts: edge 2 comes from the other, edge 3 goes to it."""
    src, dst = p["id1"], p["id2"]

    def between(source: int, target: int) -> list[Edge]:
        return [edge for edge in over(graph.out(TRANSFER, source), p) if edge.target == target]

    rows = []
    paid = {edge.target for edge in graph.out(TRANSFER, dst)} if between(src, dst) else set()
    for other in paid:
        edges2, edges3 = between(other, src), between(dst, other)
        if other not in (src, dst) and edges2 and edges3:
            figures = [
                figure
                for edges in (edges2, edges3)
                for figure in (
                    len(edges), rounded(total(edges)), rounded(max(e.amount or 0.0 for e in edges))
                )
            ]  # fmt: skip
            rows.append((other, *figures))
    return sorted(rows, key=lambda row: (-row[2], -row[5], row[0]))


def tcr05(graph: Graph, p: Values) -> list[Row]:
    """Traces of accounts, none of them twice."""
    traces = set()
    for account in owned(graph, p["id"]):
        for walk in rising_walks(graph, account, p, outward=True):
            trace = (account, *(edge.target for edge in walk))
            if len(set(trace)) == len(trace):
                traces.add(trace)
    return [(list(trace),) for trace in sorted(traces, key=lambda trace: (-len(trace), trace))]


def tcr06(graph: Graph, p: Values) -> list[Row]:
    """Accounts that gathered, then paid out to a card."""
    withdrawn = over(graph.into("account_withdraw_account", p["id"]), p, p["threshold2"])
    by_mid = defaultdict(list)
    for edge in step(withdrawn, p, outward=False):
        by_mid[edge.source].append(edge)
    rows = []
    for mid, edges2 in by_mid.items():
        gathered = over(graph.into(TRANSFER, mid), p, p["threshold1"])
        others = [edge for edge in gathered if edge.source != mid]
        edges1 = step(others, p, outward=False)
        if len(edges1) > 3:
            rows.append((mid, rounded(total(edges1)), rounded(total(edges2))))
    return sorted(rows, key=lambda row: (-row[2], row[0]))


def tcr07(graph: Graph, p: Values) -> list[Row]:
    """Transfers in and out."""
    if p["id"] not in graph.nodes["account"]:
        return []
    edges1 = step(over(graph.into(TRANSFER, p["id"]), p, p["threshold"]), p, outward=False)
    edges2 = step(over(graph.out(TRANSFER, p["id"]), p, p["threshold"]), p, outward=True)
    n_sources, n_targets = len({e.source for e in edges1}), len({e.target for e in edges2})
    return [(n_sources, n_targets, ratio(total(edges1), total(edges2)))]


def tcr08(graph: Graph, p: Values) -> list[Row]:
    """Where a loan's money went, breadth first."""
    if p["id"] not in graph.nodes["loan"]:
        return []
    frontier = {edge.target for edge in over(graph.out("loan_deposit_account", p["id"]), p)}
    traced: dict[int, set[tuple[str, Edge, int]]] = defaultdict(set)
    distances: dict[int, int] = {}
    for distance in (2, 3, 4):
        reached = set()
        for account in frontier:
            upstream = total(over(graph.into(TRANSFER, account), p))
            for word, nth, edge in _leaving(graph, account, p):
                if (edge.amount or 0.0) > p["threshold"] * upstream:
                    traced[edge.target].add((word, edge, nth))
                    distances.setdefault(edge.target, distance)
                    reached.add(edge.target)
        frontier = reached
    lent = graph.nodes["loan"][p["id"]]["loan_amount"]
    rows = [
        (account, rounded(total(edge for _, edge, _ in edges) / lent), distances[account])
        for account, edges in traced.items()
    ]
    return sorted(rows, key=lambda row: (-row[2], -row[1], row[0]))


def _leaving(graph: Graph, account: int, p: Values) -> list[tuple[str, int, Edge]]:
    """Transfers and withdrawals that one step keeps together; equal ones are told apart."""
    seen: dict[tuple[str, Edge], int] = defaultdict(int)
    named = []
    for word in (TRANSFER, "account_withdraw_account"):
        for edge in over(graph.out(word, account), p):
            seen[word, edge] += 1
            named.append((word, seen[word, edge], edge))
    kept = step((edge for _, _, edge in named), p, outward=True)
    left = []
    for one in named:
        if one[2] in kept:
            kept.remove(one[2])
            left.append(one)
    return left


def tcr09(graph: Graph, p: Values) -> list[Row]:
    """Deposits, repayments and transfers of an account."""
    if p["id"] not in graph.nodes["account"]:
        return []
    edges1 = over(graph.into("loan_deposit_account", p["id"]), p, p["threshold"])
    edges2 = over(graph.out("account_repay_loan", p["id"]), p, p["threshold"])
    edges3 = step(over(graph.into(TRANSFER, p["id"]), p, p["threshold"]), p, outward=False)
    edges4 = step(over(graph.out(TRANSFER, p["id"]), p, p["threshold"]), p, outward=True)
    sums = [total(edges) for edges in (edges1, edges2, edges3, edges4)]
    return [(ratio(sums[0], sums[1]), ratio(sums[0], sums[3]), ratio(sums[2], sums[3]))]


def tcr10(graph: Graph, p: Values) -> list[Row]:
    """Jaccard similarity of what two persons invest in."""
    if not {p["pid1"], p["pid2"]} <= graph.nodes["person"].keys():
        return []
    first, second = (
        {edge.target for edge in over(graph.out("person_invest_company", p[name]), p)}
        for name in ("pid1", "pid2")
    )
    either = first | second
    return [(rounded(len(first & second) / len(either)) if either else 0.0,)]


def tcr11(graph: Graph, p: Values) -> list[Row]:
    """Loans along a chain of guarantees."""
    if p["id"] not in graph.nodes["person"]:
        return []
    chain: set[int] = set()
    waiting = [p["id"]]
    while waiting:
        giver = waiting.pop()
        for edge in step(over(graph.out("person_guarantee_person", giver), p), p, outward=True):
            if edge.target not in chain:
                chain.add(edge.target)
                waiting.append(edge.target)
    loans = {edge.target for person in chain for edge in graph.out("person_apply_loan", person)}
    amount = sum(graph.nodes["loan"][one]["loan_amount"] for one in sorted(loans))
    return [(rounded(amount), len(loans))]


def tcr12(graph: Graph, p: Values) -> list[Row]:
    """Transfers to accounts of companies."""
    paid = defaultdict(list)
    for account in owned(graph, p["id"]):
        for edge in step(over(graph.out(TRANSFER, account), p), p, outward=True):
            if graph.into("company_own_account", edge.target):
                paid[edge.target].append(edge)
    rows = [(account, rounded(total(edges))) for account, edges in paid.items()]
    return sorted(rows, key=lambda row: (-row[1], row[0]))


COMPLEX = {
    f.__name__: f
    for f in (tcr01, tcr02, tcr03, tcr04, tcr05, tcr06, tcr07, tcr08, tcr09, tcr10, tcr11, tcr12)
}


def answer(name: str, graph: Graph, p: Values) -> list[Row]:
    """Answer one; to an order of truncation that is none there is no answer."""
    if p.get("truncationOrder", ORDERS[0]) not in ORDERS:
        return []
    return COMPLEX[name](graph, p)
