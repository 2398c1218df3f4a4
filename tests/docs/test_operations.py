"""The examples of docs/operations.md: each in the syntax of the program that reads it."""

import ast
import configparser
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from croniter import croniter

from graphrisk.batch.config import load_config
from graphrisk.cli.main import main

TEXT = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"graphrisk (batch [^|\n]+?)(?= >>| \|\||\n|$)", TEXT, re.MULTILINE)
COMMANDS = [line.split("`")[0] for line in COMMANDS if "--config" in line]


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def unit(name):
    (text,) = [block for block in blocks("ini") if block.startswith(f"# {name}\n")]
    read = configparser.ConfigParser(strict=True, interpolation=None)
    read.optionxform = str
    read.read_string(text)
    return text, read


def test_the_configuration_is_valid(tmp_path):
    (text,) = blocks("toml")
    (tmp_path / "batch.toml").write_text(text, encoding="utf-8")
    config = load_config(tmp_path / "batch.toml")
    assert config.source.max_age_hours == {"labels": 36, "identifiers:app": 30}


@pytest.mark.parametrize("line", sorted(set(COMMANDS)))
def test_every_command_is_one_of_ours(line):
    command = main
    context = click.Context(main, info_name="graphrisk", **main.context_settings)
    arguments = shlex.split(line.rstrip("\\"))
    while isinstance(command, click.Group):
        name, *arguments = arguments
        command = command.get_command(context, name)
        assert command, name
    command.make_context(name, arguments, parent=context)


def test_all_orders_are_shown():
    shown = {line.split()[1] for line in COMMANDS}
    assert shown == {
        "run", "schedule", "status", "diff", "report", "metrics", "release", "halt",
        "resume-actions", "rollback",
    }  # fmt: skip


def test_the_crontab():
    (line,) = [line for block in blocks("cron") for line in block.splitlines()]
    *fields, command = line.split(maxsplit=5)
    assert croniter.is_valid(" ".join(fields))
    assert "%" not in command, "cron takes a percent sign for a new line"
    assert subprocess.run(["sh", "-n", "-c", command], check=False).returncode == 0


def test_the_systemd_units(tmp_path):
    service_text, service = unit("graphrisk-batch.service")
    timer_text, timer = unit("graphrisk-batch.timer")
    assert service["Service"]["Type"] == "oneshot"
    assert timer["Timer"]["Persistent"] == "true"
    if shutil.which("systemd-analyze"):  # there is more to be said where systemd is
        ours = str(Path(sys.executable).with_name("graphrisk"))
        service_text = service_text.replace("/srv/retail/.venv/bin/graphrisk", ours)
        service_text = service_text.replace("/srv/retail", str(tmp_path))
        (tmp_path / "graphrisk-batch.service").write_text(service_text, encoding="utf-8")
        (tmp_path / "graphrisk-batch.timer").write_text(timer_text, encoding="utf-8")
        done = subprocess.run(
            ["systemd-analyze", "verify", "graphrisk-batch.timer"],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        said = [line for line in done.stderr.splitlines() if "graphrisk-batch" in line]
        assert not said, done.stderr
        calendar = timer["Timer"]["OnCalendar"]
        subprocess.run(["systemd-analyze", "calendar", calendar], check=True, capture_output=True)


def test_the_airflow_dag():
    (text,) = blocks("py")
    tree = ast.parse(text)
    (operator,) = [
        node for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "BashOperator"
    ]  # fmt: skip
    (command,) = [ast.literal_eval(k.value) for k in operator.keywords if k.arg == "bash_command"]
    assert subprocess.run(["sh", "-n", "-c", command], check=False).returncode == 0
    (cron,) = re.findall(r'schedule="(.*?)"', text)
    assert croniter.is_valid(cron)
