"""How an entity is drawn: its kind by shape and small letter, an account by its tier's letter."""

from __future__ import annotations

import math

from graphrisk.model.kinds import EntityKind, Tier
from graphrisk.report.charts import WIDTH, Canvas
from graphrisk.report.markup import LETTERS

RADIUS = 10.0
#: Kind to its letter, the corners of its shape, and the degrees that the first one is turned by.
_SHAPES: dict[str, tuple[str, int, float]] = {
    EntityKind.DEVICE: ("d", 4, 45),
    EntityKind.PHONE: ("p", 4, 0),
    EntityKind.ID_DOCUMENT: ("i", 5, 0),
    EntityKind.BANK_CARD: ("b", 6, 30),
    EntityKind.EMAIL: ("e", 3, 180),
    EntityKind.ADDRESS: ("a", 3, 0),
    EntityKind.IP: ("n", 6, 0),
    EntityKind.LENDER: ("l", 8, 22.5),
    EntityKind.LOAN: ("o", 8, 0),
    EntityKind.PERSON: ("h", 7, 0),
    EntityKind.COMPANY: ("c", 5, 180),
}
#: Triangles look smaller than they are.
_STRETCH = {3: 1.35, 4: 1.15}


def draw_node(
    canvas: Canvas, x: float, y: float, kind: str, tier: str, *, is_seed: bool, tip: str
) -> None:
    """Draw an entity; ``tier`` is empty unless it is an account."""
    if is_seed:
        canvas.ring(x, y, RADIUS + 4, "seed")
    if kind == EntityKind.ACCOUNT:
        canvas.ring(x, y, RADIUS, f"node-{tier or 'clear'}", tip)
        letter = LETTERS[Tier[tier.upper()]] if tier else "A"
        canvas.words(x, y + 4, letter, "letter", at="middle")
        return
    letter, n_corners, turn = _SHAPES.get(kind, (kind[:1].lower() or "?", 8, 22.5))
    radius = RADIUS * _STRETCH.get(n_corners, 1.0)
    angles = (math.radians(turn - 90 + 360 * i / n_corners) for i in range(n_corners))
    corners = [(x + radius * math.cos(a), y + radius * math.sin(a)) for a in angles]
    canvas.shape(corners, "thing", tip)
    sink = {("a"): 6.0, ("e"): 2.0}.get(letter, 4.0)
    canvas.words(x, y + sink, letter, "thing-letter", at="middle")


def legend(kinds: list[str]) -> Canvas:
    """Draw what the shapes and letters mean, for the kinds that occur."""
    entries = [("account", tier.word, f"{tier.word} account") for tier in Tier]
    entries += [(kind, "", kind.replace("_", " ")) for kind in kinds if kind != "account"]
    n_rows = math.ceil((len(entries) + 1) / 3)
    about = "Circles are accounts with the letter of their tier; other shapes are what they share."
    canvas = Canvas("legend", 28 * n_rows + 4, "What the shapes mean", about)
    for place, (kind, tier, text) in enumerate([*entries, ("seed", "", "labelled bad")]):
        x, y = 16 + (WIDTH / 3) * (place % 3), 18.0 + 28 * (place // 3)
        if kind == "seed":
            canvas.ring(x, y, RADIUS, "seed")
        else:
            draw_node(canvas, x, y, kind, tier, is_seed=False, tip="")
        canvas.words(x + 18, y + 4, text, "small")
    return canvas
