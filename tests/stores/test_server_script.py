"""The script that fetches and starts Neo4j: what it lacks it names, and it hides the password."""

import importlib.util
import sys

import pytest

from tests.servers import SCRIPT


@pytest.fixture
def script(monkeypatch):
    spec = importlib.util.spec_from_file_location("neo4j_server", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "neo4j_server", module)  # dataclasses look there
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def bare(script, tmp_path, monkeypatch):
    """A machine without Java, Maven, and jars."""
    monkeypatch.setattr(script, "CACHE", tmp_path / "cache")
    monkeypatch.setattr(script, "JVMS", tmp_path / "none")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    return script


@pytest.mark.parametrize(("release", "java"), [("lts", 17), ("newest", 21)])
def test_all_that_is_not_installed_is_named_at_once(bare, release, java, capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["neo4j_server.py", "fetch", "--release", release])
    assert bare.main() == 1
    told = capsys.readouterr().err
    assert f"Java {java} or newer and Maven" in told
    assert f"sudo apt-get install openjdk-{java}-jre-headless maven" in told
    assert "GRAPHRISK_NEO4J_URL" in told


def test_with_the_jars_there_maven_is_not_asked_for(bare, capsys, monkeypatch):
    release = bare.Release(bare.RELEASES["lts"])
    release.jars.mkdir(parents=True)
    with pytest.raises(bare.ServerFault) as fault:
        bare.fetch(release)
    assert "not installed: Java 17 or newer." in str(fault.value)
    assert "maven" not in str(fault.value)


def test_an_older_java_is_passed_by(bare, tmp_path):
    for version in ("11.0.2", "21.0.1"):
        java = tmp_path / "none" / version / "bin" / "java"
        java.parent.mkdir(parents=True)
        java.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\"' >&2\n", encoding="utf-8")
        java.chmod(0o755)
    assert bare.find_java(17) == str(tmp_path / "none" / "21.0.1" / "bin" / "java")
    assert bare.find_java(22) is None


def test_the_first_password_is_on_no_command_line(script, tmp_path):
    release = script.Release(script.RELEASES["lts"])
    script.fetch(release)
    told = tmp_path / "told"
    java = tmp_path / "java"
    java.write_text(
        f"#!/bin/sh\nprintf '%s\\n' \"$@\" >>'{told}'\nexec '{script.find_java(17)}' \"$@\"\n",
        encoding="utf-8",
    )
    java.chmod(0o755)
    home = tmp_path / "home"
    file = script.prepare(release, home, str(java), 7687, "64m")
    password = file.read_text(encoding="utf-8")
    assert len(password) >= 24
    assert "set-initial-password" in told.read_text(encoding="utf-8")
    assert password not in told.read_text(encoding="utf-8")
    assert file.stat().st_mode & 0o077 == 0
    holding = [
        one.name for one in home.rglob("*")
        if one.is_file() and password in one.read_text(encoding="utf-8")
    ]  # fmt: skip
    assert holding == ["password"]
