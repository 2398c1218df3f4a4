"""Parameters for every statement, drawn with a seed from what a graph holds."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from benchmarks.finbench.complex_reads import COMPLEX, answer
from benchmarks.finbench.graph import EDGES, Graph
from benchmarks.finbench.simple_reads import SIMPLE
from benchmarks.finbench.spec import ORDERS, TRANSFER, Row, Values
from benchmarks.finbench.writes import EDGE_WRITES

READS = (*COMPLEX, *SIMPLE)
#: One draw in so many is taken as it comes; the others are drawn again until something is found.
AS_IT_COMES = 6
N_TRIES = 30

#: What a read of one row says where there is nothing.
NOTHING: dict[str, tuple[Row, ...]] = {
    "tcr03": ((-1,),),
    "tcr09": ((-1.0, -1.0, -1.0),),
    "tcr10": ((0.0,),),
    "tcr11": ((0.0, 0),),
    "tsr02": ((0.0, -1.0, 0, 0.0, -1.0, 0),),
    "tsr03": ((-1.0,), (0.0,)),
}

#: The edge that a read follows first, and whether it is about the node where that begins.
FIRST_EDGE = {
    "tcr02": ("person_own_account", True),
    "tcr05": ("person_own_account", True),
    "tcr06": ("account_withdraw_account", False),
    "tcr08": ("loan_deposit_account", True),
    "tcr09": ("loan_deposit_account", False),
    "tcr11": ("person_guarantee_person", True),
    "tcr12": ("person_own_account", True),
}


def oracle(name: str, graph: Graph, p: Values) -> list[Row]:
    """Answer a read."""
    return answer(name, graph, p) if name in COMPLEX else SIMPLE[name](graph, p)


def is_empty(name: str, rows: list[Row]) -> bool:
    """Say whether an answer holds nothing: no row, or the row that stands for nothing."""
    if name == "tcr07":
        return not rows or rows[0][2] <= 0
    return not rows or (len(rows) == 1 and rows[0] in NOTHING.get(name, ()))


class Draws:
    """Draws from one graph; the same seed gives the same parameters."""

    def __init__(self, graph: Graph, seed: int, n_most_limit: int = 40) -> None:
        self.graph, self.random, self.n_most_limit = graph, Random(seed), n_most_limit
        self.times = sorted(edge.at_us for some in graph.edges.values() for edge in some)
        self.amounts = sorted(edge.amount or 0.0 for edge in graph.edges[TRANSFER])
        self.held = {kind: sorted(some) for kind, some in graph.nodes.items()}

    def reads(self, name: str, n_draws: int) -> Iterator[tuple[Values, list[Row]]]:
        """Draw parameters of a read, each with the oracle's answer."""
        for n in range(n_draws):
            for _ in range(N_TRIES):
                p = self.read(name)
                rows = oracle(name, self.graph, p)
                if n % AS_IT_COMES == 0 or not is_empty(name, rows):
                    break
            yield p, rows

    def read(self, name: str) -> Values:
        """Draw parameters of a read."""
        p: Values = {**self.window(), **self.truncation()}
        p.update(self._subject(name))
        if name == "tcr06":
            p |= {"threshold1": self.threshold(), "threshold2": self.threshold()}
        elif name == "tcr08":
            p["threshold"] = self.random.choice((0.0, 0.02, 0.1, 0.3))
        else:
            p["threshold"] = self.threshold()
        return p

    def window(self) -> Values:
        """Mostly wide, sometimes narrow; its bounds are moments of edges, which are outside."""
        n = len(self.times)
        first = self.random.choice((0, 0, n // 10, n // 4, n // 2))
        last = self.random.choice((n - 1, n - 1, (9 * n) // 10, (3 * n) // 4))
        widened = self.random.random() < 0.5
        return {
            "startTime": self.times[first] - int(widened),
            "endTime": self.times[last] + int(widened),
        }

    def truncation(self) -> Values:
        """Often tight enough to cut."""
        limits = [one for one in (1, 2, 3, 5, 10, 20, 40, 1000) if one <= self.n_most_limit]
        return {
            "truncationLimit": self.random.choice([*limits, limits[-1], limits[-1]]),
            "truncationOrder": self.random.choice(ORDERS),
        }

    def threshold(self) -> float:
        """An amount that some transfers have; what is equal to it is not larger."""
        place = self.random.choice((0.0, 0.1, 0.3, 0.5, 0.8))
        return self.amounts[int(place * (len(self.amounts) - 1))]

    def one(self, kind: str) -> int:
        """Any node of a kind."""
        return self.random.choice(self.held[kind])

    def _subject(self, name: str) -> Values:
        """Whom the question is about: an end of an edge that it follows first."""
        if name == "tcr03":
            transfer = self.random.choice(self.graph.edges[TRANSFER])
            return {"id1": transfer.source, "id2": self._further_on(transfer.target)}
        if name == "tcr04":
            return self._circle()
        if name == "tcr10":
            return self._investors()
        kind, begins = FIRST_EDGE.get(name, (TRANSFER, self.random.random() < 0.5))
        edge = self.random.choice(self.graph.edges[kind])
        return {"id": edge.source if begins else edge.target}

    def _further_on(self, account: int) -> int:
        """An account some transfers on, now and then any other."""
        for _ in range(self.random.randrange(6)):
            onward = self.graph.out(TRANSFER, account)
            account = self.random.choice(onward).target if onward else account
        return account if self.random.random() < 0.9 else self.one("account")

    def _circle(self) -> Values:
        """Two ends of a transfer, of a circle if one is soon found: circles are rare."""
        for _ in range(2000):
            edge = self.random.choice(self.graph.edges[TRANSFER])
            paid = {one.target for one in self.graph.out(TRANSFER, edge.target)}
            paying = {one.source for one in self.graph.into(TRANSFER, edge.source)}
            if paid & paying - {edge.source, edge.target}:
                break
        return {"id1": edge.source, "id2": edge.target}

    def _investors(self) -> Values:
        """Two persons, mostly of one company."""
        edge = self.random.choice(self.graph.edges["person_invest_company"])
        others = self.graph.into("person_invest_company", edge.target)
        return {"pid1": edge.source, "pid2": self.random.choice(others).source}

    def write(self, name: str) -> Values:
        """Draw parameters of a write; now and then one of its ends is not there."""
        kinds = ("person", "company", "account", "loan", "medium")
        p: Values = {f"{kind}Id": self.one(kind) for kind in kinds}
        new = {"tw01": "person", "tw02": "company", "tw03": "medium", "tw04": "account",
               "tw05": "account", "tw06": "loan", "tw07": "loan"}.get(name)  # fmt: skip
        if new:
            p[f"{new}Id"] = self.unused(new)
        if name in EDGE_WRITES:
            kind, begins, ends = EDGE_WRITES[name]
            p[begins], p[ends] = self.one(EDGES[kind][1]), self.one(EDGES[kind][2])
        if self.random.random() < 0.15:
            missing = next((word for word in p if word in EDGE_WRITES.get(name, ())[1:2]), None)
            if missing:
                p[missing] = -1
        hostile = "O'Brien \"}) DETACH DELETE n // `\n$id"
        return p | {
            "time": self.random.choice(self.times) + self.random.randrange(1000),
            "amount": self.random.randrange(1, 4000) / 4, "ratio": self.random.random(),
            "isBlocked": self.random.random() < 0.3, "accountBlocked": self.random.random() < 0.3,
            "personName": hostile, "companyName": hostile, "mediumType": "PHONE",
            "accountType": hostile, "loanAmount": self.random.randrange(1, 400_000) / 4,
            "balance": self.random.randrange(400_000) / 4,
        }  # fmt: skip

    def unused(self, kind: str) -> int:
        """An id of 60 bits that no node of the kind has."""
        while (key := self.random.getrandbits(60)) in self.graph.nodes[kind]:
            pass
        return key

    def read_write(self, name: str) -> Values:
        """Draw parameters of a read-write: both ends mostly open, the new edge mostly seen."""
        p: Values = {**self.window(), **self.truncation()}
        p["time"] = self.random.randint(p["startTime"] - 10, p["endTime"] + 10)
        p["amount"] = self.random.randrange(1, 4000) / 4
        p |= {
            "amountThreshold": self.threshold(),
            "ratioThreshold": self.random.choice((0, 0.5, 1)),
        }
        p["threshold"] = float(self.random.choice((0, 50_000, 200_000, 10**12)))
        if name == "trw03":
            return p | {"srcId": self._open("person"), "dstId": self._open("person")}
        dst = self._open("account")
        back = [two.target for one in self.graph.out(TRANSFER, dst)
                for two in self.graph.out(TRANSFER, one.target)]  # fmt: skip
        closes = back and self.random.random() < 0.5
        return p | {
            "srcId": self.random.choice(back) if closes else self._open("account"), "dstId": dst,
        }  # fmt: skip

    def _open(self, kind: str) -> int:
        """Mostly a node that is not blocked; one in eight is, if there is any."""
        held = self.graph.nodes[kind]
        wanted = self.random.random() < 1 / 8
        for _ in range(200):
            key = self.one(kind)
            if key in held and held[key]["is_blocked"] == wanted:
                break
        return key
