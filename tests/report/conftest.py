"""One analysis of the small sample book, written once and read by many tests."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from graphrisk import Analysis, analyze
from graphrisk.report.folder import write_analysis
from graphrisk.report.run_record import Run

FIXTURE = Path(__file__).parents[2] / "fixtures" / "demo_small"
NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
RUN = Run("demo_small", NOW, NOW, {"read": 0.25})


def write(folder: Path, analysis: Analysis) -> Path:
    write_analysis(folder, analysis, RUN, lambda: NOW)
    return folder


@pytest.fixture(scope="session")
def analysis() -> Analysis:
    return analyze(FIXTURE)


@pytest.fixture(scope="session")
def written(analysis: Analysis, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("written") / "demo_small.analysis", analysis)
