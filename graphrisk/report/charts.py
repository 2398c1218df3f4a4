"""Pictures as inline SVG: shapes by class, words escaped, a title and a description for each.

The only module that draws. Colours stand in ``page.css``, so that a picture follows the page into
the dark and onto paper. Pictures are 380 units wide, which a telephone shows at full size.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import svg

WIDTH = 380
#: Controls, and marks that would turn the direction of what follows.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufffe\uffff]")
_MOST_CHARS = 40

Point = tuple[float, float]


class Canvas:
    """A picture in the making. Looks are names of classes in ``page.css``.

    Parameters
    ----------
    name
        Unlike that of any other picture on the page.
    height
        In units of a 380th of the width.
    title, about
        What a screen reader says of the picture.
    """

    def __init__(self, name: str, height: float, title: str, about: str) -> None:
        import svg

        self._svg, self._name, self._height = svg, name, height
        self._elements: list[svg.Element] = [
            svg.Title(id=f"{name}-title", text=safe(title)),
            svg.Desc(id=f"{name}-about", text=safe(about)),
        ]

    def __str__(self) -> str:
        picture = self._svg.SVG(
            xmlns=None,
            viewBox=self._svg.ViewBoxSpec(0, 0, WIDTH, _short(self._height)),
            class_=["picture"],
            elements=self._elements,
            extra={
                "role": "img",
                "aria-labelledby": f"{self._name}-title {self._name}-about",
            },
        )
        return str(picture)

    def box(
        self, x: float, y: float, width: float, height: float, look: str, tip: str = ""
    ) -> None:
        """Draw a rectangle; its tip is shown to a pointer that rests on it."""
        self._add(
            self._svg.Rect(
                x=_short(x),
                y=_short(y),
                width=_short(max(width, 0.5)),
                height=_short(max(height, 0.5)),
                class_=[look],
                elements=self._tip(tip),
            )
        )

    def line(self, start: Point, end: Point, look: str) -> None:
        """Draw a straight line."""
        (x1, y1), (x2, y2) = start, end
        self._add(
            self._svg.Line(
                x1=_short(x1), y1=_short(y1), x2=_short(x2), y2=_short(y2), class_=[look]
            )
        )

    def ring(self, x: float, y: float, radius: float, look: str, tip: str = "") -> None:
        """Draw a circle."""
        self._add(
            self._svg.Circle(
                cx=_short(x),
                cy=_short(y),
                r=_short(radius),
                class_=[look],
                elements=self._tip(tip),
            )
        )

    def shape(self, corners: Sequence[Point], look: str, tip: str = "") -> None:
        """Draw a closed shape with straight sides."""
        points = [self._svg.Point(_short(x), _short(y)) for x, y in corners]
        self._add(self._svg.Polygon(points=points, class_=[look], elements=self._tip(tip)))

    def ribbon(self, start: Point, end: Point, thickness: float, look: str, tip: str = "") -> None:
        """Draw a band that flows from left to right; the points are its upper ends."""
        (x1, y1), (x2, y2) = start, end
        middle, to, back = (x1 + x2) / 2, thickness + y2, thickness + y1
        s, short = self._svg, _short
        path: list[svg.PathData] = [
            s.M(short(x1), short(y1)),
            s.C(short(middle), short(y1), short(middle), short(y2), short(x2), short(y2)),
            s.L(short(x2), short(to)),
            s.C(short(middle), short(to), short(middle), short(back), short(x1), short(back)),
            s.Z(),
        ]
        self._add(s.Path(d=path, class_=[look], elements=self._tip(tip)))

    def words(self, x: float, y: float, text: str, look: str = "", *, at: str = "start") -> None:
        """Write text on a line; ``at`` says whether x is its start, middle or end."""
        looks = [*look.split(), *([f"at-{at}"] if at != "start" else [])]
        self._add(self._svg.Text(x=_short(x), y=_short(y), text=safe(text), class_=looks or None))

    def _add(self, element: svg.Element) -> None:
        self._elements.append(element)

    def _tip(self, text: str) -> list[svg.Element] | None:
        return [self._svg.Title(text=safe(text))] if text else None


def safe(text: str) -> str:
    """Escape text; characters that can't be shown become a replacement mark."""
    return escape(_UNPRINTABLE.sub("\ufffd", text))


def shortened(text: str, most_chars: int = _MOST_CHARS) -> str:
    """Leave out the middle of a long text."""
    if len(text) <= most_chars:
        return text
    tail = most_chars // 3
    return f"{text[: most_chars - tail - 1]}…{text[-tail:]}"


def brief(n: int) -> str:
    """Write a count so that it fits a picture: millions with two digits after the point."""
    return f"{n:,}" if n < 1_000_000 else f"{n / 1_000_000:,.2f}M"


def _short(number: float) -> float:
    """Round to a tenth of a unit; whole numbers lose their point."""
    rounded = round(float(number), 1)
    return int(rounded) if rounded == int(rounded) else rounded
