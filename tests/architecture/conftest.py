"""Every module of the package, parsed once: what it imports and what it calls."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "graphrisk"


@dataclass(frozen=True)
class Import:
    """One imported module; ``is_typing`` under TYPE_CHECKING, ``is_late`` inside a function."""

    module: str
    line: int
    level: int
    is_typing: bool
    is_late: bool

    @property
    def top(self) -> str:
        """The package imported from."""
        return self.module.split(".")[0]

    @property
    def room(self) -> str:
        """The room of ours that is imported from; empty for the front door and for others."""
        return room_of(self.module) if self.top == "graphrisk" else ""


@dataclass(frozen=True)
class Source:
    """One module of the package."""

    path: Path
    tree: ast.Module
    imports: tuple[Import, ...]

    @property
    def name(self) -> str:
        """Path from the repository's root, such as ``graphrisk/graph/build.py``."""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def module(self) -> str:
        """Dotted name, such as ``graphrisk.graph.build``."""
        return ".".join(self.path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")

    @property
    def room(self) -> str:
        """First name below the package: a folder or a module; empty for the front door."""
        return room_of(self.module)

    def calls(self) -> Iterator[ast.Call]:
        """Every call in the module."""
        return (node for node in ast.walk(self.tree) if isinstance(node, ast.Call))


def room_of(module: str) -> str:
    """Return the room that a dotted module name lies in."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


def _imports(tree: ast.Module) -> Iterator[Import]:
    def walk(node: ast.AST, *, is_typing: bool, is_late: bool) -> Iterator[Import]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                for alias in child.names:
                    yield Import(alias.name, child.lineno, 0, is_typing, is_late)
            elif isinstance(child, ast.ImportFrom):
                base = child.module or ""
                if base == "graphrisk":  # from graphrisk import x: x may be a room
                    for alias in child.names:
                        named = f"{base}.{alias.name}"
                        is_room = (PACKAGE / alias.name).is_dir() or (
                            PACKAGE / f"{alias.name}.py"
                        ).is_file()
                        module = named if is_room else base
                        yield Import(module, child.lineno, child.level, is_typing, is_late)
                else:
                    yield Import(base, child.lineno, child.level, is_typing, is_late)
            else:
                guarded = isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test)
                in_function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
                yield from walk(
                    child, is_typing=is_typing or guarded, is_late=is_late or in_function
                )

    return walk(tree, is_typing=False, is_late=False)


@pytest.fixture(scope="session")
def sources() -> tuple[Source, ...]:
    """All modules of the package, sorted by path."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
        found.append(Source(path, tree, tuple(_imports(tree))))
    assert found
    return tuple(found)
