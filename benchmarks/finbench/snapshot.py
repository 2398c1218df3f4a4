"""The CSV files of FinBench's generator, read into a graph."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.finbench.graph import Edge, Graph

#: Files of nodes: kind, and its columns by the property that they become.
NODE_FILES = {
    "Person": ("person", {"personName": "person_name", "isBlocked": "is_blocked"}),
    "Company": ("company", {"companyName": "company_name", "isBlocked": "is_blocked"}),
    # "accoutType" is how the file spells it.
    "Account": ("account", {"isBlocked": "is_blocked", "accoutType": "account_type"}),
    "Loan": ("loan", {"loanAmount": "loan_amount", "balance": "balance"}),
    "Medium": ("medium", {"mediumType": "medium_type", "isBlocked": "is_blocked"}),
}
#: Files of edges: kind, and the columns of the two ends.
EDGE_FILES = {
    "PersonOwnAccount": ("person_own_account", "personId", "accountId"),
    "CompanyOwnAccount": ("company_own_account", "companyId", "accountId"),
    "PersonApplyLoan": ("person_apply_loan", "personId", "loanId"),
    "CompanyApplyLoan": ("company_apply_loan", "companyId", "loanId"),
    "PersonInvestCompany": ("person_invest_company", "investorId", "companyId"),
    "CompanyInvestCompany": ("company_invest_company", "investorId", "companyId"),
    "PersonGuaranteePerson": ("person_guarantee_person", "fromId", "toId"),
    "CompanyGuaranteeCompany": ("company_guarantee_company", "fromId", "toId"),
    "AccountTransferAccount": ("account_transfer_account", "fromId", "toId"),
    "AccountWithdrawAccount": ("account_withdraw_account", "fromId", "toId"),
    "AccountRepayLoan": ("account_repay_loan", "accountId", "loanId"),
    "LoanDepositAccount": ("loan_deposit_account", "loanId", "accountId"),
    "MediumSignInAccount": ("medium_sign_in_account", "mediumId", "accountId"),
}


def read_snapshot(folder: Path) -> tuple[Graph, dict[str, int]]:
    """Read the eighteen files.

    Returns
    -------
    graph
        What they hold.
    dropped
        By file, how many edges have an end that no file of nodes holds; these are left out.
    """
    graph, dropped = Graph(), Counter[str]()
    for name, (kind, columns) in NODE_FILES.items():
        for row in _rows(folder, name):
            held = {word: row[column] for column, word in columns.items()}
            created_at_us = _microseconds(row["createTime"])
            graph.add_node(kind, row[f"{kind}Id"], created_at_us=created_at_us, **held)
    for name, (kind, begins, ends) in EDGE_FILES.items():
        for row in _rows(folder, name):
            at_us = _microseconds(row["createTime"])
            edge = Edge(row[begins], row[ends], at_us, row.get("amount"), row.get("ratio"))
            dropped[name] += not graph.add_edge(kind, edge)
    return graph, {name: n for name, n in dropped.items() if n}


def _rows(folder: Path, name: str) -> list[dict[str, Any]]:
    file = folder / f"{name}.csv"
    return pl.read_csv(file, separator="|", infer_schema_length=None).to_dicts()


def _microseconds(text: str) -> int:
    """The files hold UTC, with as many decimals as are not zero."""
    moment = datetime.fromisoformat(text).replace(tzinfo=UTC)
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
