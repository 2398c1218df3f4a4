"""Run a scheduled book in a process of its own, tell each step, and slow down or wait at one.

driver.py CONFIG [--slow SECONDS] [--batch N] [--wait-at STEP] [--most-bytes N]

At the step it waits for a line on its standard input. No file may grow beyond so many bytes.
"""

import argparse
import resource
import signal
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
parser.add_argument("--most-bytes", type=int)
asked = parser.parse_args()
outbox.BATCH_ACTIONS = asked.batch


def reached(step: str) -> None:
    print(step, flush=True)
    if step == asked.wait_at:
        sys.stdin.readline()
    if step.startswith("batch ") and step.endswith(" written"):
        time.sleep(asked.slow)


if asked.most_bytes is not None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # an error of the write, as of a full disk
    resource.setrlimit(resource.RLIMIT_FSIZE, (asked.most_bytes, asked.most_bytes))
try:
    run_batch(load_config(asked.config), lambda: datetime.now(UTC), reached=reached)
except GraphRiskError as error:
    print(f"{type(error).__name__}: {error}", file=sys.stderr)
    sys.exit(error.exit_code)
