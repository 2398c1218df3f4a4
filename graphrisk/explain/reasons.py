"""Reasons in words: every code for the analyst and for the customer, in each language.

The words stand in ``texts/LANG.toml``. Each language has the same keys; a test sees to it that
there is no code without its words and no word without a code.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from graphrisk.model.evidence import LEARNED

#: Languages, and how each names itself to a browser.
LANGUAGES = {"en": "en", "zh": "zh-CN"}
#: Codes of linked evidence begin so, and end with the family.
REACH, RANK, TIE, LINKS, LABEL = "REACH_", "RANK_", "TIE_", "LINKS_", "LABEL_"
#: Stands for a family that the policy adds.
ANY = "ANY"


def factor_of(code: str) -> str:
    """Return the factor that a reason code belongs to: all that is told as one reason.

    >>> [factor_of(code) for code in ("LABEL_DEFAULT", "REACH_DEVICE", "RANK_DEVICE", "RING")]
    ['LABEL', 'LINKS_DEVICE', 'LINKS_DEVICE', 'RING']
    """
    if code.startswith(LABEL):
        return LABEL.rstrip("_")
    for start in (REACH, RANK, TIE):
        if code.startswith(start):
            return LINKS + code.removeprefix(start)
    return code


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language.

    Attributes
    ----------
    lang
        ``en`` or ``zh``.
    tables
        Texts by table and key, as in the TOML file.
    """

    lang: str
    tables: Mapping[str, Mapping[str, str]]

    def analyst(self, code: str) -> str:
        """Return what a reason code means, for an analyst."""
        return self._coded("analyst", code)

    def customer(self, code: str) -> str:
        """Return what a reason code means, for the customer."""
        return self._coded("customer", code)

    def remedy(self, code: str) -> str:
        """Return what the customer can do about a reason that raises the risk."""
        return self._coded("do", factor_of(code))

    def name(self, table: str, key: str) -> str:
        """Return the name of a tier, rule, label or family; the key itself where it has none."""
        return self.tables[table].get(key, key.replace("_", " "))

    def say(self, table: str, key: str, **blanks: object) -> str:
        """Return a fixed sentence, its blanks filled in."""
        return self.tables[table][key].format(**blanks)

    def _coded(self, table: str, code: str) -> str:
        texts = self.tables[table]
        if code in texts:
            return texts[code]
        start, family = _of_family(code)
        return texts[start + ANY].format(family=self.name("family", family.lower()))


@lru_cache
def words(lang: str) -> Words:
    """Read the words of a language."""
    file = resources.files("graphrisk").joinpath(f"explain/texts/{lang}.toml")
    return Words(lang, tomllib.loads(file.read_text(encoding="utf-8")))


def _of_family(code: str) -> tuple[str, str]:
    """Split a code into how it begins and the family that it ends with."""
    for start in (REACH, RANK, TIE, LINKS, *LEARNED):
        if code.startswith(start):
            return start, code.removeprefix(start)
    return "", code
