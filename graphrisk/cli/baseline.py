"""An earlier analysis, to hold a dataset against."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from graphrisk.errors import UsageError

if TYPE_CHECKING:
    from graphrisk.intake.limits import Baseline


def baseline_of(folder: Path) -> Baseline:
    """Take what an earlier analysis read."""
    from graphrisk.intake.limits import Baseline
    from graphrisk.report.publish import record_of
    from graphrisk.report.reading import require_analysis

    require_analysis(folder)
    try:
        return Baseline.of_record(folder.name, record_of(folder) or {})
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UsageError(
            f"{folder}/run.json does not say what was read ({error!r})",
            expected="the record of an analysis, as it was written",
            hint="name another analysis with --baseline",
        ) from error
