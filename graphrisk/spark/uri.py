"""The name of a place in a file system that Spark reaches, told apart from a path of this machine.

Nothing heavy is imported here: the command line reads its arguments with it.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field
from pathlib import Path

#: A scheme of two letters or more (one is a drive), and a path from the root.
_URI = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):(?://([^/]*))?(/.*)?", re.DOTALL)
#: Schemes in which what stands before the @ names a container; in all others it may be a secret.
_CONTAINERS = frozenset(("abfs", "abfss", "wasb", "wasbs"))
#: Who may stand in the place of a host in the name of a file of this machine.
_THIS_MACHINE = frozenset(("", "localhost"))


@dataclass(frozen=True, slots=True)
class Uri:
    """A place in a file system that Spark reaches, such as ``hdfs://host:8020/books/june``.

    As text it is masked: nothing that is printed or written holds credentials. ``text`` has all
    of it, for Hadoop alone. As in Hadoop, a percent sign stands for itself.
    """

    scheme: str
    authority: str = field(repr=False)
    path: str

    @classmethod
    def of(cls, text: str) -> Uri | None:
        """Read a URI; None for a path."""
        found = _URI.fullmatch(text)
        if found is None or (found[2] is None and found[3] is None):
            return None
        # As Hadoop does, without asking the file system: no trailing slash, no dots.
        path = "/" + posixpath.normpath(found[3] or "/").lstrip("/")
        return cls(found[1].lower(), found[2] or "", path)

    @property
    def text(self) -> str:
        """All of it, credentials and all."""
        return f"{self.scheme}://{self.authority}{self.path}"

    @property
    def name(self) -> str:
        """The last part of the path; of a root, the host or bucket."""
        return posixpath.basename(self.path) or self.authority.rpartition("@")[2].partition(":")[0]

    @property
    def is_root(self) -> bool:
        """Whether nothing can stand beside it."""
        return self.path == "/"

    @property
    def credentials(self) -> str:
        """What stands before the host, if that may be a secret."""
        return "" if self.scheme in _CONTAINERS else self.authority.rpartition("@")[0]

    def masked(self, text: str) -> str:
        """Take the credentials out of a text that others wrote."""
        whole = self.credentials
        for secret in (whole, whole.partition(":")[2]):
            text = text.replace(secret, "***") if secret else text
        return text

    def inside(self, name: str) -> Uri:
        """Name what lies in it, by one name or by several with slashes between."""
        return Uri(self.scheme, self.authority, posixpath.join(self.path, name))

    def beside(self, name: str) -> Uri:
        """Name what lies in the same folder."""
        return self.folder.inside(name)

    @property
    def folder(self) -> Uri:
        """The folder that it lies in."""
        return Uri(self.scheme, self.authority, posixpath.dirname(self.path))

    def __str__(self) -> str:
        host = self.authority.rpartition("@")[2] if self.credentials else self.authority
        return f"{self.scheme}://{'***@' if self.credentials else ''}{host}{self.path}"


def place_of(text: str) -> Path | Uri:
    """Read the name of a place: ``file:`` and all that is no URI are paths of this machine."""
    uri = Uri.of(text)
    if uri is None:
        return Path(text)
    if uri.scheme == "file" and uri.authority in _THIS_MACHINE:
        return Path(uri.path)
    return uri
