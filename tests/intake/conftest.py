"""A folder of tables, written by the test itself."""

from pathlib import Path

import pytest

from graphrisk.intake.dataset import Dataset, DatasetRefused
from graphrisk.intake.read import read_dataset


class Folder:
    """A dataset folder that starts with one account, ``a1``."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.write("accounts", "account_id", "a1")

    def write(self, table: str, *lines: str | bytes, encoding: str = "utf-8") -> "Folder":
        text = b"".join((line if isinstance(line, bytes) else line.encode(encoding)) + b"\n"
                        for line in lines)  # fmt: skip
        name = table if "." in table else f"{table}.csv"
        (self.path / name).write_bytes(text)
        return self

    def read(self, **options: object) -> Dataset:
        return read_dataset(self.path, **options)

    def faults(self, **options: object) -> list[tuple[str, int, str, str]]:
        """Return (file, line, column, code) of every quarantine record, in order."""
        return self.read(**options).quarantine.select("file", "line", "column", "code").rows()

    def codes(self, **options: object) -> list[str]:
        return self.read(**options).quarantine["code"].to_list()

    def refused(self, **options: object) -> DatasetRefused:
        with pytest.raises(DatasetRefused) as caught:
            read_dataset(self.path, **options)
        return caught.value


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)
