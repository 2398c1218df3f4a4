"""Files that are not what their name says, and encodings: named, refused, and a way out."""

import hashlib
import os
import zlib

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graphrisk.errors import MappingError

GB = 'encoding = "gb18030"\n[[table]]\nfile = "accounts"\ninto = "accounts"\n'
ROWS = ["account_id,status", *(f"a{n},\u6b63\u5e38\u8d26\u6237" for n in range(3))]


def mapping(tmp_path, text):
    path = tmp_path / "mapping.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def declared(tmp_path_factory):
    return mapping(tmp_path_factory.mktemp("mapping"), GB)


def test_declared_gb18030_is_read_four_byte_characters_too(folder, declared):
    rare = "\U00020bb7"  # four bytes in GB18030, none at all in GBK
    folder.write(
        "accounts", "account_id,\u5907\u6ce8,status", f"a1,x,{rare}\u7530", encoding="gb18030"
    )
    dataset = folder.read(mapping=declared)
    assert dataset.tables["accounts"]["status"].to_list() == [f"{rare}\u7530"]
    assert dataset.unknown_columns == {"accounts.csv": ("\u5907\u6ce8",)}


def test_undeclared_gb18030_is_named_and_never_read_as_latin(folder):
    folder.write("accounts", *ROWS, encoding="gb18030")
    (fault,) = folder.refused().faults
    assert "reads as GB18030" in fault
    assert "encoding = 'gb18030'" in fault


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_declared_encoding_that_the_bytes_contradict_is_refused(folder, declared, encoding):
    (folder.path / "accounts.csv").write_bytes("\n".join(ROWS).encode(encoding))
    (fault,) = folder.refused(mapping=declared).faults
    assert "declares GB18030" in fault
    assert "valid UTF-8" in fault


def test_bytes_that_are_wrong_in_the_declared_encoding_are_set_aside(folder, declared):
    folder.write("accounts", *ROWS, b"a9,\xff\xff", encoding="gb18030")
    assert folder.faults(mapping=declared) == [("accounts.csv", 5, "status", "bad_utf8")]


def test_quotes_in_gb18030_are_held_together_as_in_utf8(folder, declared):
    folder.write("accounts", "account_id,status", 'a1,"\u4e24\n\u884c"', "a2,x", encoding="gb18030")
    assert folder.read(mapping=declared).tables["accounts"].height == 2


def test_a_wrong_byte_or_two_refuse_no_file(folder):
    folder.write("accounts", "account_id,status", b"a1,Andr\xe9a", b"a2,na\xefve", "a3,x")
    assert [fault[1:] for fault in folder.faults()] == [
        (2, "status", "bad_utf8"), (3, "status", "bad_utf8"),
    ]  # fmt: skip


@pytest.mark.parametrize("encoding", ["gbk", "latin-1", "utf-16"])
def test_other_encodings_can_not_be_declared(folder, tmp_path, encoding):
    text = GB.replace("gb18030", encoding)
    with pytest.raises(MappingError, match="gb18030 reads GBK"):
        folder.read(mapping=mapping(tmp_path, text))


@pytest.mark.parametrize(
    ("head", "what"),
    [
        (b"PK\x03\x04", "spreadsheet or a zip"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"BZh9", "bzip2"),
        (b"\xfd7zXZ\x00", "xz"),
        (b"\x28\xb5\x2f\xfd", "zstd"),
        (b"7z\xbc\xaf\x27\x1c", "7z"),
        (b"Rar!\x1a", "rar"),
        (b"\xd0\xcf\x11\xe0", "xls"),
        (b"PAR1", "Parquet"),
        (b"SQLite format 3\x00", "SQLite"),
        (b"%PDF-1.7", "PDF"),
        (b"\x80\x04\x95", "pickle"),
        (b"a" * 257 + b"ustar", "tar"),
    ],
)
def test_other_formats_are_told_by_their_first_bytes(folder, head, what):
    (folder.path / "accounts.csv").write_bytes(head + b"rest,of,it\n" * 9)
    (fault,) = folder.refused().faults
    assert what in fault
    assert "next: " in fault


def test_a_bomb_is_refused_by_name_and_by_bytes_and_never_unpacked(folder):
    packed = zlib.compressobj(wbits=31)
    bomb = packed.compress(b"account_id\n" + b"a\n" * 50_000_000) + packed.flush()
    assert len(bomb) < 200_000
    (folder.path / "accounts.csv").write_bytes(bomb)
    assert "gzip" in folder.refused().faults[0]
    (folder.path / "accounts.csv").rename(folder.path / "accounts.csv.gz")
    assert "accounts.csv.gz: the table accounts in a format that is not read" in str(
        folder.refused()
    )


def test_a_parquet_file_that_unpacks_to_more_than_its_bytes_can_hold_is_refused(folder):
    (folder.path / "accounts.csv").unlink()
    schema = pa.schema({"account_id": pa.dictionary(pa.int32(), pa.string())})
    same = pa.DictionaryArray.from_arrays(pa.array([0] * 6_000_000, pa.int32()), ["a"])
    with pq.ParquetWriter(folder.path / "accounts.parquet", schema, compression="zstd") as file:
        for _ in range(4):
            file.write_table(pa.table({"account_id": same}, schema=schema))
    assert (folder.path / "accounts.parquet").stat().st_size < 100_000
    (fault,) = folder.refused().faults
    assert "24,000,000 rows" in fault


def test_a_pipe_is_not_waited_for(folder):
    (folder.path / "accounts.csv").unlink()
    os.mkfifo(folder.path / "accounts.csv")
    assert "a pipe, a device" in folder.refused().faults[0]


def test_a_link_that_leads_out_of_the_folder_is_not_followed(folder, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "secrets.csv"
    outside.write_text("account_id\nsecret\n")
    (folder.path / "accounts.csv").unlink()
    (folder.path / "accounts.csv").symlink_to(outside)
    assert "leads out of the folder" in folder.refused().faults[0]
    (folder.path / "accounts.csv").unlink()
    (folder.path / "real.csv").write_text("account_id\na1\n")
    (folder.path / "accounts.csv").symlink_to("real.csv")
    assert folder.codes() == []


@pytest.mark.parametrize("file", ["../accounts", "/etc/passwd", "a\\\\b", ".."])
def test_a_mapping_does_not_lead_out_of_the_folder(folder, tmp_path, file):
    text = f'[[table]]\nfile = "{file}"\ninto = "accounts"\n'
    with pytest.raises(MappingError, match="leads elsewhere"):
        folder.read(mapping=mapping(tmp_path, text))


def test_one_null_character_is_no_utf16(folder):
    folder.write("accounts", "account_id", "a1", b"a\x002")
    assert folder.faults() == [("accounts.csv", 3, "account_id", "control_character")]


def test_whole_numbers_in_parquet_are_ids_to_the_last_digit(folder):
    (folder.path / "accounts.csv").unlink()
    frame = pl.DataFrame({"account_id": [110101199003070514, 2**63 - 1]})
    frame.write_parquet(folder.path / "accounts.parquet")
    assert folder.read().tables["accounts"]["account_id"].to_list() == [
        "110101199003070514", str(2**63 - 1),
    ]  # fmt: skip
    frame.cast(pl.Float64).write_parquet(folder.path / "accounts.parquet")
    assert "a float loses digits" in folder.refused().faults[0]


def test_a_file_that_is_not_the_one_sent_is_refused(folder):
    whole = b"account_id\na1\na2\n"
    (folder.path / "accounts.csv").write_bytes(whole)
    (folder.path / "SHA256SUMS").write_text(f"{hashlib.sha256(whole).hexdigest()} *accounts.csv\n")
    assert folder.read().unread_files == ()
    (folder.path / "accounts.csv").write_bytes(whole[:-3])
    (fault,) = folder.refused().faults
    assert "it may have been cut short" in fault
