"""A miniature LDBC FinBench snapshot, read as it is published."""

import pytest

FILES = {
    "Account": (
        "accountId|createTime|isBlocked|accoutType",
        "4613937818241074769|2020-01-09 18:08:45.162|false|foreign currency",
        "2|2020-01-10 00:00:00.06|true|debit card",
    ),
    "Person": ("personId|personName|isBlocked|createTime", "1|Ann|true|2020-01-01 00:00:00.1"),
    "Company": ("companyId|companyName|isBlocked|createTime",
                "1|One Ltd|false|2020-01-01 00:00:00.1",
                "2|Two Ltd|false|2020-01-01 00:00:00.1"),
    "Loan": ("loanId|loanAmount|balance|createTime", "9|100.5|50.25|2020-02-01 00:00:00"),
    "Medium": ("mediumId|mediumType|isBlocked|createTime", "1|PHONE|true|2020-01-01 00:00:00"),
    "AccountTransferAccount": ("fromId|toId|amount|createTime",
                               "4613937818241074769|2|544595.7886430753|2020-06-29 02:33:46.538"),
    "AccountWithdrawAccount": ("fromId|toId|amount|createTime",
                               "2|4613937818241074769|1.0E7|2020-06-29 02:33:46.538"),
    "MediumSignInAccount": ("mediumId|accountId|createTime", "1|2|2020-05-03 12:48:47.305"),
    "PersonOwnAccount": ("personId|accountId|createTime", "1|2|2020-01-10 00:00:00",
                         "77|2|2020-01-10 00:00:00"),
    "CompanyOwnAccount": ("companyId|accountId|createTime", "1|4613937818241074769|2020-01-10"),
    "LoanDepositAccount": ("loanId|accountId|amount|createTime", "9|2|5.5|2020-07-18 01:17:39"),
    "AccountRepayLoan": ("accountId|loanId|amount|createTime", "2|9|5.5|2020-07-19 01:17:39"),
    "PersonApplyLoan": ("personId|loanId|createTime", "1|9|2020-01-18 14:29:50.692"),
    "CompanyApplyLoan": ("companyId|loanId|createTime", "1|9|2020-01-18 14:29:50.692"),
    "PersonInvestCompany": ("investorId|companyId|ratio|createTime",
                            "1|1|0.0709|2020-04-14 14:17:46.418"),
    "CompanyInvestCompany": ("investorId|companyId|ratio|createTime",
                             "1|2|0.5|2020-04-14 14:17:46.418"),
    "PersonGuaranteePerson": ("fromId|toId|createTime",),
    "CompanyGuaranteeCompany": ("fromId|toId|createTime", "1|2|2020-04-14 14:17:46.418"),
}  # fmt: skip


@pytest.fixture
def finbench(folder):
    (folder.path / "accounts.csv").unlink()
    for name, lines in FILES.items():
        folder.write(name, *lines)
    return folder


def test_every_row_finds_its_place(finbench):
    dataset = finbench.read(mapping="finbench")
    n_rows = {name: table.height for name, table in dataset.tables.items()}
    assert n_rows == {"accounts": 2, "entities": 5, "transfers": 1, "links": 11, "labels": 3}
    assert dataset.quarantine.select("file", "line", "code").rows() == [
        ("PersonOwnAccount.csv", 3, "dangling_reference")
    ]
    assert dataset.newest_at.isoformat() == "2020-07-19T01:17:39+00:00"
    assert dataset.normalised == {"transfers.amount_minor:rounded_half_even": 1}


def test_links_keep_their_direction_and_name_their_kinds(finbench):
    links = finbench.read(mapping="finbench").tables["links"]
    assert set(links.select("relation", "source_kind", "target_kind").rows()) == {
        ("withdrawal", "account", "account"),
        ("signed_in", "device", "account"),
        ("owns", "person", "account"),
        ("owns", "company", "account"),
        ("deposit", "loan", "account"),
        ("repays_loan", "account", "loan"),
        ("applied_for", "person", "loan"),
        ("applied_for", "company", "loan"),
        ("invests_in", "person", "company"),
        ("invests_in", "company", "company"),
        ("guarantees", "company", "company"),
    }
    assert links.filter(relation="invests_in")["weight"].to_list() == [0.0709, 0.5]


def test_blocked_entities_are_blacklisted_and_loans_keep_their_numbers(finbench):
    tables = finbench.read(mapping="finbench").tables
    assert tables["labels"].select("entity_kind", "entity_id", "label").rows() == [
        ("account", "2", "blacklisted"),
        ("person", "1", "blacklisted"),
        ("device", "1", "blacklisted"),
    ]
    (loan,) = tables["entities"].filter(kind="loan").to_dicts()
    assert (loan["loanAmount"], loan["balance"]) == (100.5, 50.25)
    (transfer,) = tables["transfers"].to_dicts()
    assert (transfer["amount_minor"], transfer["currency"]) == (54_459_579, "XXX")


def test_columns_that_only_some_releases_have_are_reported(finbench):
    finbench.write("Account", "accountId|createTime|isBlocked|accountType|nickname|email",
                   "4613937818241074769|2020-01-09 18:08:45.162|false|x|y|z",
                   "2|2020-01-10 00:00:00|false|x|y|z")  # fmt: skip
    dataset = finbench.read(mapping="finbench")
    assert dataset.unknown_columns["Account.csv"] == ("accountType", "nickname", "email")


def test_every_missing_file_is_named(finbench):
    for name in ("Loan", "Medium"):
        (finbench.path / f"{name}.csv").unlink()
    faults = finbench.refused(mapping="finbench").faults
    assert [fault.split(":")[0] for fault in faults] == ["Loan.csv", "Medium.csv"]
