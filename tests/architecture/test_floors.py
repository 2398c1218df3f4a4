"""The house stands on floors: a room imports from lower floors only, and there are no circles."""

import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

#: Floor by floor from the ground. A room may import any room on a lower floor, and no other.
#: docs/architecture.md shows the same table; a test below keeps the two in step.
FLOORS = (
    ("errors", "compiled", "memory", "threads"),
    ("model",),
    ("intake", "risk"),
    ("graph", "decisions", "demo"),
    ("propagation",),
    ("signals",),
    ("explain", "learn"),
    ("pipeline",),
    ("report",),
    ("stores", "evaluate"),
    ("batch", "spark"),
    ("cli",),
)
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS, start=1) for room in rooms}

ROOT = Path(__file__).parents[2]


def test_every_room_has_a_floor_and_every_floor_has_its_rooms(sources):
    rooms = {source.room for source in sources} - {""}
    assert rooms == set(FLOOR_OF)


def test_arrows_run_down_only(sources):
    up = [
        f"{source.name}:{found.line} imports {found.module}"
        for source in sources
        for found in source.imports
        if source.room
        and found.room not in ("", source.room)
        and FLOOR_OF[found.room] >= FLOOR_OF[source.room]
    ]
    assert not up, "arrows that do not run down:\n" + "\n".join(up)


def test_the_front_door_loads_rooms_only_when_asked(sources):
    (door,) = (source for source in sources if source.room == "")
    assert not [i for i in door.imports if i.top == "graphrisk" and not i.is_typing]


def test_imports_are_absolute(sources):
    relative = [f"{s.name}:{i.line}" for s in sources for i in s.imports if i.level]
    assert not relative


def test_no_circles_between_modules(sources):
    """Imports inside a function do not count: they run when all modules are there."""
    names = {source.module for source in sources}
    graph = {
        source.module: {
            i.module
            for i in source.imports
            if i.module in names - {"graphrisk"} and not i.is_late and not i.is_typing
        }
        for source in sources
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        raise AssertionError(" -> ".join(error.args[1])) from error


def test_the_handbook_shows_the_same_floors():
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| ([^|]+) \|", text, flags=re.MULTILINE)
    shown = {int(floor): tuple(re.findall(r"`(\w+)`", rooms)) for floor, rooms in rows}
    assert shown == dict(enumerate(FLOORS, start=1))
