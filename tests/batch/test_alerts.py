"""The alert rules that come with graphrisk, checked and tried by Prometheus' own tool."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from graphrisk.batch.metrics import PREFIX, alert_rules, metrics_text
from tests.batch.conftest import LAX, LIVE

TESTS = Path(__file__).with_name("alerts_test.yml")
RUNBOOK = Path(__file__).parents[2] / "docs" / "runbook.md"


def promtool(*arguments: object, cwd: Path, text: str | None = None) -> None:
    tool = shutil.which("promtool")
    assert tool, "no promtool here: apt-get install prometheus (make promtool)"
    done = subprocess.run(
        [tool, *map(str, arguments)], cwd=cwd, input=text, text=True, capture_output=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def rules(tmp_path):
    (tmp_path / "alerts.yml").write_text(alert_rules(), encoding="utf-8")
    (tmp_path / "tests.yml").write_text(TESTS.read_text(encoding="utf-8"), encoding="utf-8")
    return tmp_path


def test_the_rules_are_well_formed(rules):
    promtool("check", "rules", "alerts.yml", cwd=rules)


def test_each_alert_is_raised_by_what_it_is_for_and_by_nothing_else(rules):
    promtool("test", "rules", "tests.yml", cwd=rules)


def test_every_alert_is_tried(rules):
    shipped = set(re.findall(r"alert: (\w+)", alert_rules()))
    quiet, raised = TESTS.read_text(encoding="utf-8").split("  - name: Each alert")
    assert set(re.findall(r"alertname: (\w+)", quiet)) == shipped
    assert set(re.findall(r'alertname="(\w+)"', raised)) == shipped


def test_every_alert_leads_to_a_page_of_the_runbook():
    headings = re.findall(r"^## (.+)$", RUNBOOK.read_text(encoding="utf-8"), re.MULTILINE)
    anchors = {heading.lower().replace(" ", "-") for heading in headings}
    for page in re.findall(r'runbook: "docs/runbook\.md(?:#([\w-]+))?"', alert_rules()):
        assert not page or page in anchors
    assert alert_rules().count("runbook:") == alert_rules().count("alert:")


def test_metrics_are_well_formed_and_hold_what_the_rules_ask_for(new_place, tmp_path):
    place = new_place(f"[batch]{LIVE}{LAX}")
    place.run()
    place.change()
    place.run()
    text = metrics_text(place.config, place.clock)
    promtool("check", "metrics", cwd=tmp_path, text=text)
    told = set(re.findall(rf"^({PREFIX}\w+)\{{", text, re.MULTILINE))
    asked = set(re.findall(rf"{PREFIX}\w+", "".join(re.findall("expr: .*", alert_rules()))))
    assert asked <= told
