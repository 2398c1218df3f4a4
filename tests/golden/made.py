"""Inputs of the golden cases that can't lie in a repository: huge, hostile, or no files at all.

Each function writes one dataset folder.
"""

from __future__ import annotations

import io
import os
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

HEADERS = {
    "accounts": "account_id,opened_at",
    "identifiers": "account_id,kind,value",
    "labels": "entity_kind,entity_id,label,event_at,known_at,source",
    "transfers": "from_account_id,to_account_id,at,amount_minor,currency",
    "guarantees": "guarantor_id,borrower_id,at",
    "links": "source_id,target_id,relation,source_kind,target_kind,observed_at",
}
DAY = "2024-06-01T00:00:00Z"
#: A public address; 8.8.4.x is one provider's.
PUBLIC_IP = "8.8.4.4"


def write(folder: Path, **tables: Iterable[str]) -> None:
    """Write tables of text rows."""
    for name, rows in tables.items():
        text = "\n".join([HEADERS[name], *rows]) + "\n"
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")


def accounts(*names: str) -> list[str]:
    return [f"{name},2023-01-01T00:00:00Z" for name in names]


def label(account: str, name: str, source: str = "own") -> str:
    return f"account,{account},{name},{DAY},{DAY},{source}"


def huge_field(folder: Path) -> None:
    (folder / "accounts.csv").write_text(f"account_id,status\na1,{'x' * 200_000}\na2,active\n")


def ten_thousand_columns(folder: Path) -> None:
    names = ",".join(f"c{n}" for n in range(10_000))
    (folder / "accounts.csv").write_text(f"account_id,{names}\na1{',' * 10_000}\n")


def gzip_bomb(folder: Path) -> None:
    """50 kilobytes that unpack to 50 megabytes."""
    packer = zlib.compressobj(9, wbits=31)
    bomb = packer.compress(b"account_id\n" + b"a\n" * 25_000_000) + packer.flush()
    (folder / "accounts.csv").write_bytes(bomb)


def archive(folder: Path) -> None:
    """A zip with a path that leads out of it, and a tar with a link, one under a table's name."""
    with zipfile.ZipFile(folder / "accounts.zip", "w") as packed:
        packed.writestr(zipfile.ZipInfo("../../accounts.csv"), "account_id\na1\n")
    link = tarfile.TarInfo("accounts.csv")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as packed:
        packed.addfile(link)
    (folder / "labels.csv").write_bytes(buffer.getvalue())


def pipe(folder: Path) -> None:
    os.mkfifo(folder / "accounts.csv")


def link_out(folder: Path) -> None:
    (folder / "accounts.csv").symlink_to("/etc/passwd")


def float_ids(folder: Path) -> None:
    pl.DataFrame({"account_id": [110101199003070514.0]}).write_parquet(folder / "accounts.parquet")


def parquet_bomb(folder: Path) -> None:
    """24 million equal rows in 66 kilobytes."""
    schema = pa.schema({"account_id": pa.dictionary(pa.int32(), pa.string())})
    same = pa.DictionaryArray.from_arrays(pa.array([0] * 6_000_000, pa.int32()), ["a"])
    with pq.ParquetWriter(folder / "accounts.parquet", schema, compression="zstd") as file:
        for _ in range(4):
            file.write_table(pa.table({"account_id": same}, schema=schema))


def long_header(folder: Path) -> None:
    """A header of 400 KB, of which the last name is one that is read."""
    names = ",".join(f"{'n' * 200}{at}" for at in range(1_990))
    (folder / "accounts.csv").write_text(f"account_id,{names},status\na1{',' * 1_991}\n")


def long_row(folder: Path) -> None:
    (folder / "accounts.csv").write_text(f"account_id,status\na1,{'x' * 20_000_000}\na2,active\n")


def _parquet(folder: Path, columns: dict[str, pa.Array]) -> None:
    pq.write_table(pa.table(columns), folder / "accounts.parquet")


def column_twice(folder: Path) -> None:
    ids = pa.array(["a1", "a2"])
    table = pa.Table.from_arrays([ids, ids], names=["account_id", "account_id"])
    pq.write_table(table, folder / "accounts.parquet")


def unfit_types(folder: Path) -> None:
    """Ids that are days, times that are lengths of time, amounts that are lists."""
    day, length = pa.array([1, 2], pa.date32()), pa.array([1, 2], pa.duration("us"))
    _parquet(folder, {"account_id": day, "opened_at": length, "status": pa.array([["x"], []])})


def unknown_zone(folder: Path) -> None:
    opened = pa.array([0, 1], pa.timestamp("us", "Mars/Base"))
    _parquet(folder, {"account_id": pa.array(["a1", "a2"]), "opened_at": opened})


def encrypted(folder: Path) -> None:
    (folder / "accounts.parquet").write_bytes(b"PARE" + bytes(100) + b"PARE")


def cut_inside(folder: Path) -> None:
    """The end of a Parquet file is there, and bytes in its middle are not."""
    ids = pa.array([f"a{at * 7_919}" for at in range(50_000)])
    place = folder / "accounts.parquet"
    pq.write_table(pa.table({"account_id": ids}), place, compression="none")
    whole = place.read_bytes()
    place.write_bytes(whole[:1_000] + whole[-2_000:])


def loop(folder: Path) -> None:
    write(folder, accounts=accounts("a1"))
    (folder / "labels.csv").symlink_to("labels.csv")


def odd_names(folder: Path) -> None:
    """A file whose name moves the cursor, and looks like a line of a log."""
    write(folder, accounts=accounts("a1"))
    (folder / "x\nERROR admin \x1b[31m.csv").touch()


def crowd(folder: Path) -> None:
    names = [f"a{n:04}" for n in range(3_000)]
    write(
        folder,
        accounts=accounts(*names),
        identifiers=[f"{name},ip,{PUBLIC_IP}" for name in names],
        labels=[label("a0000", "fraud_confirmed")],
    )


def hubs_below_cap(folder: Path) -> None:
    """A victim in 30 IPs of 20 accounts each, three of them bad in every one."""
    others = [[f"o{ip:02}{n:02}" for n in range(19)] for ip in range(30)]
    write(
        folder,
        accounts=accounts("victim", *(name for group in others for name in group)),
        identifiers=[
            f"{name},ip,8.8.5.{ip}"
            for ip, group in enumerate(others)
            for name in ("victim", *group)
        ],
        labels=[label(name, "fraud_confirmed") for group in others for name in group[:3]],
    )


def camouflage(folder: Path) -> None:
    """Two pairs that share a device, one labelled; one pair pays 200 good accounts."""
    good = [f"g{n:03}" for n in range(200)]
    pairs = ("plain1", "plain2", "hiding1", "hiding2")
    write(
        folder,
        accounts=accounts(*pairs, *good),
        identifiers=[f"{name},device,dev-{name[:-1]}" for name in pairs],
        transfers=[f"{bad},{name},{DAY},100,CNY" for name in good for bad in pairs[2:]],
        labels=[
            *(label(name, "fraud_confirmed") for name in ("plain1", "hiding1")),
            *(label(name, "good_standing") for name in good),
        ],
    )


def dilution(folder: Path) -> None:
    """Two devices of a bad account and an accomplice; fakes log in on one of them."""
    fakes = [f"f{n:02}" for n in range(40)]
    pairs = ("plain1", "plain2", "diluted1", "diluted2")
    write(
        folder,
        accounts=accounts(*pairs, *fakes),
        identifiers=[
            *(f"{name},device,dev-{name[:-1]}" for name in pairs),
            *(f"{name},device,dev-diluted" for name in fakes),
        ],
        labels=[label(name, "fraud_confirmed") for name in ("plain1", "diluted1")],
    )


def planted_guarantor(folder: Path) -> None:
    bad = [f"b{n:02}" for n in range(50)]
    write(
        folder,
        accounts=accounts("victim", *bad),
        guarantees=[f"victim,{name},{DAY}" for name in bad],
        links=[f"{name},victim,named_contact,account,account,{DAY}" for name in bad],
        labels=[label(name, "fraud_confirmed") for name in bad],
    )


def planted_wifi(folder: Path) -> None:
    bad = [f"b{n}" for n in range(8)]
    write(
        folder,
        accounts=accounts("victim", *bad),
        identifiers=[
            f'{name},{kind},"{value}"'
            for name in ("victim", *bad)
            for kind, value in (("ip", PUBLIC_IP), ("address", "Unit 7, Block 3, Garden Road"))
        ],
        labels=[label(name, "fraud_confirmed") for name in bad],
    )


def fake_reports(folder: Path) -> None:
    write(
        folder,
        accounts=accounts("victim", "friend"),
        identifiers=["victim,device,dev-1", "friend,device,dev-1"],
        labels=[
            f"account,victim,fraud_suspected,2024-06-01T{at // 60:02}:{at % 60:02}:00Z,{DAY},rival"
            for at in range(1_000)
        ],
    )


MAKERS: dict[str, Callable[[Path], None]] = {
    maker.__name__: maker
    for maker in (
        *(huge_field, ten_thousand_columns, gzip_bomb, archive, pipe, link_out, float_ids),
        *(parquet_bomb, crowd, hubs_below_cap, camouflage, dilution, planted_guarantor),
        *(planted_wifi, fake_reports, long_header, long_row, column_twice, unfit_types),
        *(unknown_zone, encrypted, cut_inside, loop, odd_names),
    )
}
