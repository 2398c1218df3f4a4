"""Examples run, links lead somewhere, and prose keeps to what may be said."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "*/README.md")
    for path in ROOT.glob(pattern)
    if not any(part.startswith(".") or part == "out" for part in path.relative_to(ROOT).parts)
)
NAMES = [path.relative_to(ROOT).as_posix() for path in PAGES]


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def test_all_pages_are_looked_at():
    assert {"README.md", "docs/index.md", "docs/adr/README.md", "fixtures/README.md"} <= set(NAMES)


@pytest.mark.parametrize("name", [n for n in NAMES if "<!-- run:" in read(n)])
def test_shown_output_is_what_the_command_prints(examples, place, name):
    is_in_step = examples.refreshed(read(name), place) == read(name)
    assert is_in_step, "run make docs"


def test_the_readme_explains_a_decision(examples):
    assert any(
        command.startswith("graphrisk explain") for command in examples.commands(read("README.md"))
    )


@pytest.mark.parametrize("name", [n for n in NAMES if "```python\n" in read(n)])
def test_python_examples_run(examples, place, name):
    for block in examples.code_blocks(read(name), "python"):
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", block],
            cwd=place, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert done.stdout


def test_the_mapping_of_the_handbook_reads_such_an_export(examples, tmp_path):
    from graphrisk import read_dataset

    mapping, more_keys, _ = examples.code_blocks(read("docs/risk-engineers.md"), "toml")
    assert set(tomllib.loads(more_keys)) == {"encoding", "phone_region", "limits"}
    (tmp_path / "bank.toml").write_text(mapping, encoding="utf-8")
    export = tmp_path / "export"
    export.mkdir()
    for name, lines in {
        "customers": ("cust_no;opened_on;state;blocked", "1;2024-05-01;A;N", "2;2024-06-01;C;Y"),
        "seen": ("cust_no;hardware_id;first;last", "1;H7;2024-05-01 08:00:00;2024-05-02 08:00:00"),
        "loans": (
            "loan_no;cust_no;bank;requested;amount;currency",
            "9;1;B1;2024-05-03 08:00:00;1250.50;CNY",
        ),
    }.items():
        (export / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    dataset = read_dataset(export, mapping=tmp_path / "bank.toml")
    assert dataset.quarantine.is_empty()
    assert dataset.tables["accounts"]["status"].to_list() == ["active", "closed"]
    assert dataset.tables["labels"]["entity_id"].to_list() == ["2"]
    assert dataset.tables["applications"]["amount_minor"].to_list() == [125050]
    assert f"{dataset.tables['identifiers']['first_seen_at'][0]:%H:%M %Z}" == "00:00 UTC"


def test_the_policy_of_the_handbook_is_valid(examples):
    from graphrisk import Policy

    _, _, changes = examples.code_blocks(read("docs/risk-engineers.md"), "toml")
    policy = Policy.from_mapping(tomllib.loads(changes))
    assert policy.policy.name == "our_bank"
    assert policy.protection.hubs


def test_the_make_targets_that_pages_name_exist():
    targets = set(re.findall(r"^([a-z0-9-]+):", read("Makefile"), flags=re.MULTILINE))
    named = {
        t for n in NAMES for t in re.findall(r"(?:^|`)make ([a-z0-9-]+)", read(n), re.MULTILINE)
    }
    assert {"run", "test", "docs"} <= named <= targets


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_somewhere(name):
    text = re.sub(r"^```.*?^```", "", read(name), flags=re.DOTALL | re.MULTILINE)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith("https://"):
            continue
        path, _, anchor = target.partition("#")
        found = Path(os.path.normpath((ROOT / name).parent / path)) if path else ROOT / name
        assert found.exists(), f"{name} links to {target}"
        if anchor:
            headings = re.findall(r"^#+ (.+)$", found.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", h).lower().replace(" ", "-") for h in headings}


@pytest.mark.parametrize("name", NAMES)
def test_prose_keeps_to_what_may_be_said(name):
    text = read(name)
    assert not re.search(r"(?<![\w.])/(?:home|root|tmp|work|usr|opt)/", text), "a machine path"
    claims = r"\b(?:compliant|powerful|seamless(?:ly)?|state.of.the.art|blazing)\b"
    assert not re.search(claims, text, re.IGNORECASE), "a claim"
