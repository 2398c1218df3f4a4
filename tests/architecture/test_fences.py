"""What may not be in the source: heavy imports off their place, loops over rows, clocks, chance."""

import ast
import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]

#: Where a third-party package may be imported while the program runs. Packages not named here
#: may be used by any room. Imports for types alone are free.
MAY_IMPORT = {
    "arcadedb_embedded": ("graphrisk/stores/engine.py",),
    "jpype": ("graphrisk/stores/engine.py",),
    "neo4j": ("graphrisk/stores/",),
    "pyspark": ("graphrisk/spark/session.py",),
    "lightgbm": ("graphrisk/learn/booster.py",),
    "sklearn": ("graphrisk/learn/anomaly.py",),
    "numba": ("graphrisk/compiled.py",),
    "networkx": ("graphrisk/graph/interchange.py", "graphrisk/intake/"),
    "pandas": ("graphrisk/intake/",),
    "pyarrow": ("graphrisk/intake/", "graphrisk/report/parquet.py"),
    "phonenumbers": ("graphrisk/intake/phones.py",),
    "email_validator": ("graphrisk/intake/internet.py",),
    "stdnum": ("graphrisk/intake/documents.py",),
    "click": ("graphrisk/cli/",),
    "rich": ("graphrisk/cli/",),
    "svg": ("graphrisk/report/charts.py",),
    "sqlalchemy": ("graphrisk/batch/",),
    "croniter": ("graphrisk/batch/schedule.py",),
    "prometheus_client": ("graphrisk/batch/metrics.py", "graphrisk/cli/batch_monitoring.py"),
}
#: Packages that are imported under another name than they are installed by.
INSTALLED_AS = {
    "arcadedb_embedded": "arcadedb-embedded",
    "email_validator": "email-validator",
    "jpype": "jpype1",
    "prometheus_client": "prometheus-client",
    "sklearn": "scikit-learn",
    "stdnum": "python-stdnum",
    "svg": "svg.py",
}
#: Lowest floors hold words, not tables: they must stay quick to import.
NO_TABLES = ("graphrisk/errors.py", "graphrisk/model/")

#: Methods that visit a table row by row in Python.
ROW_LOOPS = frozenset(
    ("apply", "iter_rows", "iterrows", "itertuples", "map_elements", "map_rows", "rows", "to_dicts")
)
#: Rooms between the file and the decision, where tables may have hundreds of millions of rows.
FROM_FILE_TO_DECISION = frozenset(
    (
        "intake",
        "graph",
        "propagation",
        "signals",
        "risk",
        "decisions",
        "explain",
        "learn",
        "pipeline",
    )
)
#: Places on the way that may visit rows, and how many there can be.
ROW_LOOPS_ALLOWED: dict[str, str] = {}

#: Attributes that read a clock, by the name they are called on.
CLOCKS = {
    "datetime": {"now", "today", "utcnow"},
    "date": {"today"},
    "time": {"time", "time_ns", "monotonic", "monotonic_ns", "localtime", "gmtime", "strftime"},
}
#: Measuring how long a stage took reads no date.
STOPWATCHES = {
    "perf_counter": (
        "graphrisk/pipeline/",
        "graphrisk/cli/",
        "graphrisk/report/",
        "graphrisk/spark/",
    )
}

#: Makers of random numbers that take a seed.
SEEDED = frozenset(("Generator", "PCG64", "SeedSequence", "default_rng"))

MOST_LINES = 350


def starts(name, places):
    return any(
        name == place or (place.endswith("/") and name.startswith(place)) for place in places
    )


def test_heavy_packages_stay_behind_their_fence(sources):
    out = []
    for source in sources:
        for found in source.imports:
            fenced = not starts(source.name, MAY_IMPORT.get(found.top, (source.name,)))
            too_low = found.top == "polars" and starts(source.name, NO_TABLES)
            if not found.is_typing and (fenced or too_low):
                out.append(f"{source.name}:{found.line} imports {found.module}")
    assert not out, "\n".join(out)


def names_of(requirements):
    return {re.split(r"[\s<>=!~;\[]", one)[0].lower() for one in requirements}


def test_every_package_imported_is_declared(sources):
    """An extra's package may be used behind a fence of its own, inside a function."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = names_of(project["dependencies"])
    extras = {
        name
        for extra, requirements in project["optional-dependencies"].items()
        if extra != "dev"
        for name in names_of(requirements)
    }
    imports = [i for s in sources for i in s.imports if not i.is_typing]
    optional = {i for i in imports if i.is_late and i.top in MAY_IMPORT}
    known = set(sys.stdlib_module_names) | {"graphrisk", "__future__"}
    undeclared = {
        i.module
        for i in imports
        if i.top not in known
        and INSTALLED_AS.get(i.top, i.top) not in declared | (extras if i in optional else set())
    }
    assert not undeclared


def test_no_loop_over_rows_between_file_and_decision(sources):
    loops = [
        f"{source.name}:{call.lineno} calls .{call.func.attr}()"
        for source in sources
        if source.room in FROM_FILE_TO_DECISION and source.name not in ROW_LOOPS_ALLOWED
        for call in source.calls()
        if isinstance(call.func, ast.Attribute) and call.func.attr in ROW_LOOPS
    ]
    assert not loops, "\n".join(loops)


def test_the_names_of_files_are_not_patterns(sources):
    """Left alone, polars takes [, * and ? in the name of a folder for signs of its own."""
    readers = re.compile(r"(?:pl|polars)\.(?:read|scan)_(?:csv|ipc|ndjson|parquet)(?:_schema)?")
    found = [
        f"{source.name}:{call.lineno} calls {ast.unparse(call.func)} without glob=False"
        for source in sources
        for call in source.calls()
        if readers.fullmatch(ast.unparse(call.func))
        and "glob=False" not in map(ast.unparse, call.keywords)
    ]
    assert not found, "\n".join(found)


def test_only_the_command_line_reads_the_clock(sources):
    """Same input, same bytes, on any day."""
    read = []
    for source in sources:
        for node in ast.walk(source.tree):
            if not isinstance(node, ast.Attribute) or source.room == "cli":
                continue
            on = getattr(node.value, "id", getattr(node.value, "attr", ""))
            stopwatch = node.attr in STOPWATCHES and not starts(source.name, STOPWATCHES[node.attr])
            if node.attr in CLOCKS.get(on, ()) or stopwatch:
                read.append(f"{source.name}:{node.lineno} reads {on}.{node.attr}")
        if source.room != "cli":
            read += [
                f"{source.name}:{node.lineno} imports from time"
                for node in ast.walk(source.tree)
                if isinstance(node, ast.ImportFrom) and node.module == "time"
            ]
    assert not read, "\n".join(read)


def test_chance_comes_from_a_seed(sources):
    found = [
        f"{source.name}:{i.line} imports {i.module}"
        for source in sources
        for i in source.imports
        if i.top in ("random", "secrets", "uuid")
    ]
    for source in sources:
        for call in source.calls():
            text = ast.unparse(call.func)
            drawn = re.fullmatch(r"(?:np|numpy)\.random\.(\w+)", text)
            if drawn and not (drawn[1] in SEEDED and (call.args or call.keywords)):
                found.append(f"{source.name}:{call.lineno} calls {text}")
            if text.endswith(".sample") and "seed" not in {k.arg for k in call.keywords}:
                found.append(f"{source.name}:{call.lineno} samples without a seed")
            if text == "hash":
                found.append(f"{source.name}:{call.lineno} calls hash(), salted anew each start")
    assert not found, "\n".join(found)


def test_no_room_for_odds_and_ends(sources):
    vague = {"utils", "util", "helpers", "helper", "common", "misc", "tools", "base_utils"}
    assert not [s.name for s in sources if vague & set(s.path.with_suffix("").parts)]


def test_files_fit_a_reader(sources):
    lengths = {s.name: len(s.path.read_text(encoding="utf-8").splitlines()) for s in sources}
    assert not {name: length for name, length in lengths.items() if length > MOST_LINES}
