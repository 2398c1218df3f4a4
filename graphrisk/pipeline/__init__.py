"""The way through the house: the stages, and ``analyze``, which runs them."""

from graphrisk.pipeline.analysis import Analysis, analyze
from graphrisk.pipeline.stages import MODEL_VERSION, STAGES, Products, Stage, plan, version_of

__all__ = [
    "MODEL_VERSION",
    "STAGES",
    "Analysis",
    "Products",
    "Stage",
    "analyze",
    "plan",
    "version_of",
]
