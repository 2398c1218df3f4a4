"""graphrisk: explainable linked-account risk.

The public names are loaded on first use, so that ``import graphrisk`` stays fast.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graphrisk.graph.linkgraph import LinkGraph
    from graphrisk.intake.dataset import Dataset
    from graphrisk.intake.read import read_dataset
    from graphrisk.model.policy import Policy
    from graphrisk.pipeline import Analysis, analyze
    from graphrisk.propagation.ranking import rank_accounts
    from graphrisk.stores.opening import open_store

__version__ = "0.1.0"

__all__ = [
    "Analysis",
    "Dataset",
    "LinkGraph",
    "Policy",
    "__version__",
    "analyze",
    "open_store",
    "rank_accounts",
    "read_dataset",
]

_HOMES = {
    "Analysis": "graphrisk.pipeline",
    "Dataset": "graphrisk.intake.dataset",
    "LinkGraph": "graphrisk.graph.linkgraph",
    "Policy": "graphrisk.model.policy",
    "analyze": "graphrisk.pipeline",
    "open_store": "graphrisk.stores.opening",
    "rank_accounts": "graphrisk.propagation.ranking",
    "read_dataset": "graphrisk.intake.read",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401
    """Load a public name from the room it lives in."""
    if name not in _HOMES:
        raise AttributeError(f"module 'graphrisk' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
