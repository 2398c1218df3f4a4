"""Run a scheduled book in a process of its own, tell each step, and slow down or wait at one.

driver.py CONFIG [--slow SECONDS] [--batch N] [--wait-at STEP]

At the step it waits for a line on its standard input.
"""

import argparse
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from graphrisk.batch import outbox
from graphrisk.batch.config import load_config
from graphrisk.batch.run import run_batch
from graphrisk.errors import GraphRiskError

parser = argparse.ArgumentParser()
parser.add_argument("config", type=Path)
parser.add_argument("--slow", type=float, default=0.0)
parser.add_argument("--batch", type=int, default=outbox.BATCH_ACTIONS)
parser.add_argument("--wait-at", default="")
asked = parser.parse_args()
outbox.BATCH_ACTIONS = asked.batch


def reached(step: str) -> None:
    print(step, flush=True)
    if step == asked.wait_at:
        sys.stdin.readline()
    if step.startswith("batch ") and step.endswith(" written"):
        time.sleep(asked.slow)


try:
    run_batch(load_config(asked.config), lambda: datetime.now(UTC), reached=reached)
except GraphRiskError as error:
    print(f"{type(error).__name__}: {error}", file=sys.stderr)
    sys.exit(error.exit_code)
