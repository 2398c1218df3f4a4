"""What scheduled runs may do: shadow, canary and live, the breaker, protected states."""

from __future__ import annotations

from dataclasses import dataclass, field

from graphrisk.model.schema import at_least_zero, positive, probability

SHADOW, CANARY, LIVE = MODES = ("shadow", "canary", "live")
#: Hexadecimal digits of a SHA-256.
SHA256_DIGITS = 64


@dataclass(frozen=True, slots=True)
class BatchRule:
    """Who is acted on, and what holds a tier back between two runs."""

    mode: str = field(metadata={"choices": MODES})
    canary_share: float = field(metadata=probability())
    approved_by: str
    impact_assessment_sha256: str
    shadow_min_days: int = field(metadata=at_least_zero())
    protected_statuses: tuple[str, ...]
    unknown_status_is_protected: bool
    inactive_statuses: tuple[str, ...]
    rise_margin_nats: float = field(metadata=at_least_zero())
    rise_after_runs: int = field(metadata=positive())

    def faults(self) -> list[str]:
        """Say what is missing to leave shadow mode."""
        if self.mode == SHADOW:
            return []
        faults = []
        if not self.approved_by.strip():
            faults.append(f"batch.mode = {self.mode!r} needs batch.approved_by, a name")
        digits = self.impact_assessment_sha256
        if len(digits) != SHA256_DIGITS or set(digits) - set("0123456789abcdef"):
            faults.append(
                f"batch.mode = {self.mode!r} needs batch.impact_assessment_sha256, the SHA-256 "
                f"of the impact assessment in {SHA256_DIGITS} small hexadecimal digits"
            )
        return faults


@dataclass(frozen=True, slots=True)
class BreakerRule:
    """How many closures a run may bring before it is frozen."""

    max_closures: int = field(metadata=at_least_zero())
    max_closed_share: float = field(metadata=probability())
    budget_hours: int = field(metadata=at_least_zero())
    median_n_runs: int = field(metadata=positive())
    median_min_runs: int = field(metadata=positive())
    max_median_ratio: float = field(metadata=positive())
    max_cause_share: float = field(metadata=probability())
    relative_min_closures: int = field(metadata=positive())
