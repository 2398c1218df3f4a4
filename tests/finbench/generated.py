"""Small graphs, drawn with a seed, that are rich in what FinBench asks for."""

import itertools
from random import Random

from benchmarks.finbench.graph import Edge, Graph

N_ACCOUNTS, N_PERSONS, N_COMPANIES, N_LOANS, N_MEDIA = 36, 14, 8, 16, 12
START_US = 1_577_836_800_000_000
#: Ids beyond what a float holds exactly, as FinBench has them.
BIG = 4_613_937_818_241_074_700


def crowd(n_graphs: int, seed: int) -> Graph:
    """Several graphs side by side, so that one load serves many."""
    graph = Graph()
    for number in range(n_graphs):
        Grown(graph, BIG + 1000 * number, Random(seed + number)).grow()
    return graph


class Grown:
    """One graph, put into a larger one; its ids begin at ``base``."""

    def __init__(self, graph: Graph, base: int, random: Random) -> None:
        self.graph, self.base, self.random = graph, base, random

    def grow(self) -> None:
        self._nodes()
        self._ownership()
        self._chains()
        self._circles()
        self._gatherings()
        self._noise()
        self._loans()

    def _nodes(self) -> None:
        for kind, n in (("person", N_PERSONS), ("company", N_COMPANIES), ("medium", N_MEDIA)):
            for key in range(n):
                word = "medium_type" if kind == "medium" else f"{kind}_name"
                self.graph.add_node(
                    kind, self.base + key, is_blocked=self.random.random() < 0.3,
                    created_at_us=self.moment(), **{word: f"{kind} {key}"},
                )  # fmt: skip
        for key in range(N_ACCOUNTS):
            self.graph.add_node(
                "account", self.base + key, is_blocked=self.random.random() < 0.3,
                created_at_us=self.moment(), account_type=self.random.choice(("debit card", "x'")),
            )  # fmt: skip
        for key in range(N_LOANS):
            amount = self.random.randrange(4, 160_000) / 16
            self.graph.add_node(
                "loan", self.base + key, loan_amount=amount, balance=amount / 2,
                created_at_us=self.moment(),
            )  # fmt: skip

    def _ownership(self) -> None:
        """Every account has an owner; some have two, and one edge stands twice."""
        for account in range(N_ACCOUNTS):
            if self.random.random() < 0.7:
                self.link("person_own_account", self.random.randrange(N_PERSONS), account)
            else:
                self.link("company_own_account", self.random.randrange(N_COMPANIES), account)
        self.link("person_own_account", 0, 0)
        self.link("person_own_account", 0, 0)
        for _ in range(2):
            self.link("company_own_account", self.random.randrange(N_COMPANIES), 1)

    def _chains(self) -> None:
        """Transfers one after the other, their times rising, equal, or falling once."""
        for _ in range(12):
            at = self.random.randrange(100)
            accounts = [self.account() for _ in range(5)]
            for source, target in itertools.pairwise(accounts):
                self.transfer(source, target, at)
                at += self.random.choice((1, 3, 5, 0, -2))

    def _circles(self) -> None:
        """Three accounts in a circle, with parallel transfers."""
        for _ in range(5):
            a, b, c = self.random.sample(range(N_ACCOUNTS), 3)
            for source, target in ((a, b), (b, c), (c, a)):
                for _ in range(self.random.randrange(1, 3)):
                    self.transfer(source, target, self.random.randrange(120))

    def _gatherings(self) -> None:
        """Many transfers into one account, which then withdraws to a card."""
        for card in (2, 3):
            for _ in range(3):
                mid = self.account()
                for _ in range(self.random.randrange(3, 9)):
                    self.transfer(self.account(), mid, self.random.randrange(120))
                for _ in range(2):
                    self.link("account_withdraw_account", mid, card, amount=self.amount())

    def _noise(self) -> None:
        """A hub, transfers to oneself, equal transfers twice, and whatever chance makes."""
        for _ in range(14):
            self.transfer(4, self.account(), self.random.randrange(120))
            self.transfer(self.account(), 4, self.random.randrange(120))
        self.transfer(5, 5, 50)
        for _ in range(2):
            self.link("account_transfer_account", 4, 6, 60, amount=7.25)
        for _ in range(60):
            self.transfer(self.account(), self.account(), self.random.randrange(120))
            medium = self.random.randrange(N_MEDIA)
            self.link("medium_sign_in_account", medium, self.account())
        for _ in range(25):
            person, company = self.random.randrange(N_PERSONS), self.random.randrange(N_COMPANIES)
            self.link("person_invest_company", person, company, ratio=0.25)
            self.link("account_withdraw_account", self.account(), self.account(), amount=40.0)
        self.link("company_invest_company", 0, 1, ratio=0.5)
        self.link("company_guarantee_company", 0, 1)
        for person in range(N_PERSONS):  # chains, branches and circles of guarantees
            for _ in range(self.random.randrange(3)):
                other = self.random.randrange(N_PERSONS)
                self.link("person_guarantee_person", person, other)

    def _loans(self) -> None:
        for loan in range(N_LOANS):
            if self.random.random() < 0.7:
                self.link("person_apply_loan", self.random.randrange(N_PERSONS), loan)
            else:
                self.link("company_apply_loan", self.random.randrange(N_COMPANIES), loan)
            for _ in range(self.random.randrange(1, 4)):
                account = self.account()
                self.link("loan_deposit_account", loan, account, amount=self.amount())
                if self.random.random() < 0.6:
                    self.link("account_repay_loan", account, loan, amount=self.amount())

    def account(self) -> int:
        return self.random.randrange(N_ACCOUNTS)

    def amount(self) -> float:
        """Sixteenths: their sums are exact, and halves of a thousandth are there to be rounded."""
        return self.random.choice((1, 8, 40, 101, 402, 999)) / 16

    def moment(self) -> int:
        """One of few, so that bounds of windows are often met."""
        return START_US + self.random.randrange(0, 120, 8) * 1_000_000

    def transfer(self, source: int, target: int, second: int) -> None:
        self.link("account_transfer_account", source, target, second, amount=self.amount())

    def link(
        self,
        kind: str,
        source: int,
        target: int,
        second: int | None = None,
        amount: float | None = None,
        ratio: float | None = None,
    ) -> None:
        at_us = self.moment() if second is None else START_US + second * 1_000_000
        edge = Edge(self.base + source, self.base + target, at_us, amount, ratio)
        assert self.graph.add_edge(kind, edge)
