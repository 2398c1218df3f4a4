"""The tables of the ledger. Times are whole microseconds since 1970 in UTC."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, MetaData, String, Table, Text

metadata = MetaData()

#: One row for each book: its lock, its current run, whether its actions are halted.
books = Table(
    "books",
    metadata,
    Column("book", String(64), primary_key=True),
    Column("fence", BigInteger, nullable=False, default=0),
    Column("holder", Text, nullable=False, default=""),
    Column("lease_until_us", BigInteger, nullable=False, default=0),
    Column("current_run", Integer),
    Column("halted_at_us", BigInteger),
    Column("halted_by", Text, nullable=False, default=""),
    Column("halt_reason", Text, nullable=False, default=""),
    Column("last_slot_us", BigInteger),
)

#: One row for each run. ``outcome`` is empty while it is under way.
runs = Table(
    "runs",
    metadata,
    Column("run_id", Integer, primary_key=True, autoincrement=True),
    Column("book", String(64), ForeignKey("books.book"), nullable=False),
    Column("key", String(64), nullable=False),
    Column("name", String(32), nullable=False, default=""),
    Column("kind", String(16), nullable=False),
    Column("mode", String(16), nullable=False, default=""),
    Column("base_run", Integer),
    Column("started_at_us", BigInteger, nullable=False),
    Column("moment_us", BigInteger, nullable=False),
    Column("as_of_us", BigInteger),
    Column("folder", Text, nullable=False, default=""),
    Column("inputs", Text, nullable=False, default="{}"),
    Column("policy_hash", String(16), nullable=False, default=""),
    Column("model_version", String(64), nullable=False, default=""),
    Column("decisions_hash", String(64), nullable=False, default=""),
    Column("n_closures", Integer),
    Column("counts", Text, nullable=False, default="{}"),
    Column("reasons", Text, nullable=False, default="[]"),
    Column("outcome", String(16), nullable=False, default=""),
    Column("finished_at_us", BigInteger),
    Index("runs_of_book", "book", "run_id"),
    sqlite_autoincrement=True,
)

#: The stages that a run has behind it, and which holder of the lock brought it there.
checkpoints = Table(
    "checkpoints",
    metadata,
    Column("run_id", Integer, ForeignKey("runs.run_id"), primary_key=True),
    Column("stage", String(16), primary_key=True),
    Column("at_us", BigInteger, nullable=False),
    Column("fence", BigInteger, nullable=False),
)

#: The outbox: what is to be done about an account, once. ``was`` is the action before it.
actions = Table(
    "actions",
    metadata,
    Column("run_id", Integer, ForeignKey("runs.run_id"), primary_key=True),
    Column("account_id", Text, primary_key=True),
    Column("action", String(16), primary_key=True),
    Column("was", String(16), nullable=False),
    Column("reason_codes", Text, nullable=False, default=""),
    Column("batch", Integer, nullable=False),
    Column("state", String(8), nullable=False, default="pending"),
    Column("sent_at_us", BigInteger),
    Index("actions_by_batch", "run_id", "state", "batch"),
)

#: The last action sent for each account of a book.
acted = Table(
    "acted",
    metadata,
    Column("book", String(64), ForeignKey("books.book"), primary_key=True),
    Column("account_id", Text, primary_key=True),
    Column("action", String(16), nullable=False),
    Column("run_id", Integer, nullable=False),
)

#: What people ordered: halt, resume, release, rollback. ``second`` is the second name.
orders = Table(
    "orders",
    metadata,
    Column("order_id", Integer, primary_key=True, autoincrement=True),
    Column("book", String(64), ForeignKey("books.book"), nullable=False),
    Column("at_us", BigInteger, nullable=False),
    Column("what", String(16), nullable=False),
    Column("who", Text, nullable=False),
    Column("second", Text, nullable=False, default=""),
    Column("run_id", Integer),
    Column("decisions_hash", String(64), nullable=False, default=""),
    Column("reason", Text, nullable=False, default=""),
    sqlite_autoincrement=True,
)
