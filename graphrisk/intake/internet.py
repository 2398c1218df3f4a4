"""IP and e-mail addresses in one form, and those that belong to no single place or person."""

from __future__ import annotations

import ipaddress
import re

import polars as pl
from email_validator import EmailNotValidError, validate_email

from graphrisk.intake.codes import NoLink
from graphrisk.intake.junk import Reading, has_letters, is_text_with, junk_in, opaque

#: IANA's special-purpose registries: private, shared, loopback, link-local, for documentation and
#: tests, multicast, reserved. Written out, since what a Python calls private changed over time.
_NOT_PUBLIC = tuple(
    ipaddress.ip_network(network)
    for network in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
        *("172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16"),
        *("198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
        *("::/127", "64:ff9b:1::/48", "100::/64", "2001:2::/48", "2001:db8::/32", "3fff::/20"),
        *("5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8"),
    )
)
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_IPV4 = rf"^{_OCTET}(?:\.{_OCTET}){{3}}$"
#: First octets under which some addresses are not public, or none is.
_LOOK_AGAIN = r"^(?:0|10|100|127|169|172|192|198|203|22[4-9]|2[3-5][0-9])\."
_WITH_PORT = re.compile(r"^\[([0-9A-Fa-f:.]+)\](?::[0-9]{1,5})?$|^([0-9.]+):[0-9]{1,5}$")
_LIKE_IP = re.compile(r"^[0-9A-Fa-f:.%\[\]/]+$")


#: Names of the machine that asks itself, and what stands between several addresses.
_LOCAL_NAME = re.compile(
    r"^(?:localhost(?:\.localdomain)?|ip6-localhost|ip6-loopback)\.?$", re.IGNORECASE
)
_NO_TOKEN = r"[%,;\s]|^(?i:localhost|ip6-l)"
#: IPv6 addresses that only carry one of IPv4: compatible ones, and those of a translator (NAT64).
_CARRIES_IPV4 = tuple(ipaddress.IPv6Network(one) for one in ("::/96", "64:ff9b::/96"))


def is_plain_ip(text: pl.Series) -> pl.Series:
    """Mark public IPv4 addresses in dotted form."""
    return text.str.contains(_IPV4) & ~text.str.contains(_LOOK_AGAIN)


def is_opaque_ip(text: pl.Series) -> pl.Series:
    """Mark tokens that hold more than hexadecimal digits; those could be a damaged address."""
    return is_text_with(text, "[g-zG-Z_-]") & ~text.str.contains(_NO_TOKEN)


def read_ip(value: str, _region: str | None = None) -> Reading:
    """Read one address: shortest form of IPv6, IPv4 out of IPv6, without port or zone."""
    port = _WITH_PORT.match(value)
    bare = (port[1] or port[2]) if port else value
    try:
        address = ipaddress.ip_address(bare.partition("%")[0])
    except ValueError:
        if junk := junk_in(value):
            return Reading(value, junk)
        if _LOCAL_NAME.match(value):
            return Reading(value, NoLink.NOT_PUBLIC)
        is_token = has_letters(value) and not re.search(r"[,;\s]", value)  # or several addresses
        return opaque(value) if is_token and not _LIKE_IP.match(value) else Reading(
            value, NoLink.MALFORMED
        )  # fmt: skip
    if isinstance(address, ipaddress.IPv6Address):
        address = _ipv4_in(address) or address
    return Reading(str(address), None if _is_public(address) else NoLink.NOT_PUBLIC)


def _ipv4_in(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the address of IPv4 that one of IPv6 stands for; None where it is one of its own."""
    if address.ipv4_mapped:
        return address.ipv4_mapped
    low = int(address) & 0xFFFF_FFFF
    carries = low > 1 and any(address in network for network in _CARRIES_IPV4)
    return ipaddress.IPv4Address(low) if carries else None


def _is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Say whether an address belongs to one place; a tunnel (6to4) belongs to its end of IPv4."""
    end = address.sixtofour if isinstance(address, ipaddress.IPv6Address) else None
    return not any(one in network for one in (address, end or address) for network in _NOT_PUBLIC)


#: Names that stand for no one, before the @ of an address.
_NOBODY = frozenset(
    (
        *("test", "tester", "none", "null", "na", "nil", "noemail", "no-email", "nomail"),
        *("noreply", "no-reply", "donotreply", "do-not-reply", "unknown", "nobody", "anonymous"),
        *("example", "sample", "dummy", "fake", "asdf", "qwerty", "xxx"),
    )
)
_nobody = "|".join(sorted(_NOBODY))
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_EMAIL = rf"^[a-z0-9]+(?:[._+-][a-z0-9]+)*@(?:{_LABEL}\.)+(?:com|net|org|edu|gov|[a-z]{{2}})$"
_LOOK_AGAIN_EMAIL = rf"^(?:{_nobody})(?:\+[^@]*)?@|[@.][a-z0-9]{{2}}--|^[^@]{{61,}}@|[xX]{{4,}}"


def is_plain_email(text: pl.Series) -> pl.Series:
    """Mark addresses of ASCII letters in lower case."""
    return text.str.contains(_EMAIL) & ~text.str.contains(_LOOK_AGAIN_EMAIL)


def is_opaque_email(text: pl.Series) -> pl.Series:
    """Mark tokens: they have no ``@``."""
    return is_text_with(text, "[a-zA-Z]") & ~text.str.contains("@", literal=True)


def read_email(value: str, _region: str | None = None) -> Reading:
    """Read one address: in lower case, the domain in Unicode; tags and dots stay as they are."""
    if junk := junk_in(value):
        return Reading(value, junk)
    if "@" not in value:
        return opaque(value) if any(c.isalpha() for c in value) else Reading(
            value, NoLink.MALFORMED
        )  # fmt: skip
    try:
        form = validate_email(value, check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        return Reading(value, NoLink.MALFORMED)
    if form.partition("@")[0].partition("+")[0] in _NOBODY:
        return Reading(form, NoLink.PLACEHOLDER)
    return Reading(form)
