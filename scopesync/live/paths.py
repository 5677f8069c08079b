"""The URL paths of the lists and their items, with ids as single segments.

Belongs here: building paths, refusing ids that could change which path is meant. Does not belong here: queries,
sending.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from scopesync.errors import WriteError
from scopesync.live.http.client import INTEROP

if TYPE_CHECKING:
    from scopesync.model import Kind

TENANTS = f"{INTEROP}/tenants"
UNPRINTABLE = ("Cc", "Cf", "Cs")
"""Unicode's controls, invisible marks and halves of surrogate pairs."""


def list_path(kind: Kind) -> str:
    """The path of that list of the credential's tenant."""
    return f"{INTEROP}/tenant/scoping/{kind.name}"


def record_path(tenant_id: str) -> str:
    """The path of that tenant's record."""
    return f"{TENANTS}/{quote(tenant_id, safe='')}"


def item_path(kind: Kind, item_id: str) -> str:
    """The path of one item, its id as one segment. Raises WriteError on an id that could lead to another path.

    Servers and the proxies before them decode, trim and resolve paths in many ways. If one of them reads an id as
    empty, `.` or `..`, the DELETE of an item becomes the DELETE of the list.
    """
    if any(unicodedata.category(character) in UNPRINTABLE for character in item_id):
        raise _unsendable(kind)
    pieces = _decoded(item_id).replace("\\", "/").split("/")
    if any(piece.strip() in ("", ".", "..") for piece in pieces):
        raise _unsendable(kind)
    return f"{list_path(kind)}/{quote(item_id, safe='')}"


def _decoded(text: str) -> str:
    """The text with every layer of percent-encoding taken off."""
    while (once := unquote(text)) != text:
        text = once
    return text


def _unsendable(kind: Kind) -> WriteError:
    return WriteError(
        f"a {kind.singular} has an id that cannot be named in a URL; nothing was sent",
        landed=False,
        hint="only a replace of the list can change or remove this row",
    )
