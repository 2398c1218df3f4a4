"""Analyse on a cluster, and say on which step the work is: started by the tests."""

import sys
from pathlib import Path

from graphrisk.model.policy import Policy
from graphrisk.spark.engine import analyze
from graphrisk.spark.session import Cluster, connect

if __name__ == "__main__":
    master, dataset, root, n_blocks = sys.argv[1:]
    session = connect(master)
    cluster = Cluster(session, Path(root).resolve(), int(n_blocks))
    analyze(cluster, dataset, Policy.default(), progress=lambda text: print(text, flush=True))
    session.stop()
