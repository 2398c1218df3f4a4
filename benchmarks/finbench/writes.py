"""The nineteen writes and three read-writes, on a plain graph."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.finbench.complex_reads import tcr07, tcr11
from benchmarks.finbench.graph import Edge, Graph
from benchmarks.finbench.spec import TRANSFER, Values, over

#: Writes that add an edge: its kind, and the parameters that name where it begins and ends.
EDGE_WRITES = {
    "tw08": ("person_invest_company", "personId", "companyId"),
    "tw09": ("company_invest_company", "companyId1", "companyId2"),
    "tw10": ("person_guarantee_person", "personId1", "personId2"),
    "tw11": ("company_guarantee_company", "companyId1", "companyId2"),
    "tw12": (TRANSFER, "accountId1", "accountId2"),
    "tw13": ("account_withdraw_account", "accountId1", "accountId2"),
    "tw14": ("account_repay_loan", "accountId", "loanId"),
    "tw15": ("loan_deposit_account", "loanId", "accountId"),
    "tw16": ("medium_sign_in_account", "mediumId", "accountId"),
}
#: Kinds of edges that carry an amount.
WITH_AMOUNT = {EDGE_WRITES[name][0] for name in ("tw12", "tw13", "tw14", "tw15")}
NODE_WRITES = {"tw01": "person", "tw02": "company", "tw03": "medium"}
#: Writes of a node and an edge to it: what it is, who has it, and the kind of the edge.
OWNED_WRITES = {
    "tw04": ("account", "person", "person_own_account"),
    "tw05": ("account", "company", "company_own_account"),
    "tw06": ("loan", "person", "person_apply_loan"),
    "tw07": ("loan", "company", "company_apply_loan"),
}
BLOCKS = {"tw18": "account", "tw19": "person"}
WRITES = tuple(f"tw{number:02d}" for number in range(1, 20))

COMMITTED, ABORTED, BLOCKED = "committed", "aborted", "blocked"


def write(name: str, graph: Graph, p: Values) -> int:
    """Change the graph as one of the writes does; return 1, or 0 if something is not there."""
    if name in EDGE_WRITES:
        kind, begins, ends = EDGE_WRITES[name]
        amount = p["amount"] if kind in WITH_AMOUNT else None
        ratio = p["ratio"] if kind.endswith("invest_company") else None
        edge = Edge(p[begins], p[ends], p["time"], amount, ratio)
        return int(graph.add_edge(kind, edge))
    if name in NODE_WRITES:
        kind = NODE_WRITES[name]
        word = "medium_type" if kind == "medium" else f"{kind}_name"
        held = p["mediumType"] if kind == "medium" else p[f"{kind}Name"]
        graph.add_node(kind, p[f"{kind}Id"], is_blocked=p["isBlocked"], **{word: held})
        return 1
    if name in OWNED_WRITES:
        return _owned(name, graph, p)
    if name in BLOCKS:
        return _block(graph, BLOCKS[name], p[f"{BLOCKS[name]}Id"])
    assert name == "tw17", name
    return _remove_account(graph, p["accountId"])


def _owned(name: str, graph: Graph, p: Values) -> int:
    kind, owner, word = OWNED_WRITES[name]
    if p[f"{owner}Id"] not in graph.nodes[owner]:
        return 0
    if kind == "account":
        held = {"is_blocked": p["accountBlocked"], "account_type": p["accountType"]}
    else:
        held = {"loan_amount": p["loanAmount"], "balance": p["balance"]}
    graph.add_node(kind, p[f"{kind}Id"], created_at_us=p["time"], **held)
    graph.add_edge(word, Edge(p[f"{owner}Id"], p[f"{kind}Id"], p["time"]))
    return 1


def _block(graph: Graph, kind: str, key: int) -> int:
    found = graph.nodes[kind].get(key)
    if found is None:
        return 0
    found["is_blocked"] = True
    return 1


def _remove_account(graph: Graph, account: int) -> int:
    if account not in graph.nodes["account"]:
        return 0
    loans = {edge.source for edge in graph.into("loan_deposit_account", account)}
    loans |= {edge.target for edge in graph.out("account_repay_loan", account)}
    graph.remove_nodes("loan", loans)
    graph.remove_nodes("account", [account])
    return 1


def trw01(graph: Graph, p: Values) -> str:
    """Transfer, unless it closes a circle of three accounts within the window."""

    def closes(changed: Graph) -> bool:
        paid = {edge.target for edge in over(changed.out(TRANSFER, p["dstId"]), p)}
        paying = {edge.source for edge in over(changed.into(TRANSFER, p["srcId"]), p)}
        is_seen = p["startTime"] < p["time"] < p["endTime"]
        return is_seen and bool((paid & paying) - {p["srcId"], p["dstId"]})

    return _read_write(graph, p, "account", "tw12", closes)


def trw02(graph: Graph, p: Values) -> str:
    """Transfer, unless both accounts then take in too much for what they pay out."""

    def exceeds(changed: Graph) -> bool:
        asked = {**p, "threshold": p["amountThreshold"]}
        ratios = [tcr07(changed, {**asked, "id": p[end]})[0][2] for end in ("srcId", "dstId")]
        return all(one > p["ratioThreshold"] for one in ratios)

    return _read_write(graph, p, "account", "tw12", exceeds)


def trw03(graph: Graph, p: Values) -> str:
    """Guarantee, unless the chain from src then carries too much in loans."""

    def exceeds(changed: Graph) -> bool:
        return bool(tcr11(changed, {**p, "id": p["srcId"]})[0][0] > p["threshold"])

    return _read_write(graph, p, "person", "tw10", exceeds)


def _read_write(
    graph: Graph, p: Values, kind: str, add: str, fails: Callable[[Graph], bool]
) -> str:
    ends = p["srcId"], p["dstId"]
    held = graph.nodes[kind]
    if any(one not in held or held[one]["is_blocked"] for one in ends):
        return ABORTED
    added = {**p, f"{kind}Id1": p["srcId"], f"{kind}Id2": p["dstId"]}
    changed = graph.copy()
    write(add, changed, added)
    if fails(changed):
        for one in ends:
            _block(graph, kind, one)
        return BLOCKED
    write(add, graph, added)
    return COMMITTED


READ_WRITES = {f.__name__: f for f in (trw01, trw02, trw03)}
