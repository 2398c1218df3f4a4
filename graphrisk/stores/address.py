"""Where a store is, and with which name and password: from a URL and the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from graphrisk.errors import UsageError
from graphrisk.stores.terms import DATABASE

#: Schemes of a server: plain, with a certificate that is checked, with one that is not.
SCHEMES = tuple(f"{name}{how}" for name in ("neo4j", "bolt") for how in ("", "+s", "+ssc"))
EMBEDDED = "embedded"
_FORMS = "neo4j://HOST:PORT, bolt://HOST:PORT (each also +s or +ssc), or embedded:DIR"

USER, PASSWORD, PASSWORD_FILE = (
    f"GRAPHRISK_NEO4J_{name}" for name in ("USER", "PASSWORD", "PASSWORD_FILE")
)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a store is. ``folder`` is set for an embedded one, ``url`` for a server."""

    url: str = ""
    folder: Path | None = None
    database: str = DATABASE

    @property
    def name(self) -> str:
        """The store in words; there are no secrets in it."""
        return f"{EMBEDDED}:{self.folder}" if self.folder else f"{self.url} ({self.database})"


@dataclass(frozen=True, slots=True)
class Credentials:
    """A name and a password; an empty password means that the server asks for none."""

    user: str
    password: str = field(repr=False)

    @property
    def pair(self) -> tuple[str, str] | None:
        """As the driver takes it."""
        return (self.user, self.password) if self.password else None


def address_of(url: str, database: str | None = None) -> Address:
    """Read the URL of a store.

    Raises
    ------
    UsageError
        If it is none, or holds a password. What was given is then not told: it may be secret.
    """
    scheme, colon, rest = url.partition(":")
    if scheme == EMBEDDED and colon:
        if not rest:
            raise UsageError("embedded: without a folder", expected="embedded:DIR")
        return Address(folder=Path(rest).resolve())
    try:
        parts = urlsplit(url)
        holds_secret, host, port = "@" in url, parts.hostname, parts.port
    except ValueError:
        raise UsageError("the URL of the store can't be read", expected=_FORMS) from None
    if holds_secret or parts.query or parts.fragment:
        raise UsageError(
            "the URL of the store holds more than scheme, host and port",
            expected=_FORMS,
            hint=f"give name and password in {USER} and {PASSWORD_FILE}, the database in "
            "--database",
        )
    if scheme not in SCHEMES or not host or parts.path.strip("/"):
        raise UsageError("the URL of the store is not one that graphrisk knows", expected=_FORMS)
    shown = f"[{host}]" if ":" in host else host
    return Address(f"{scheme}://{shown}" + (f":{port}" if port else ""), None, database or DATABASE)


def credentials_from(environment: Mapping[str, str] = os.environ) -> Credentials:
    """Read name and password from the environment, or the password from the file it names.

    Raises
    ------
    UsageError
        If that file can't be read.
    """
    password = environment.get(PASSWORD, "")
    if named := environment.get(PASSWORD_FILE):
        try:
            password = Path(named).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(
                f"the file that {PASSWORD_FILE} names can't be read ({type(error).__name__})",
                expected="a file that holds the password and nothing else",
            ) from None
    return Credentials(environment.get(USER, "neo4j"), password)
