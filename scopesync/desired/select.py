"""Which tenants a command is about: by name, by id, by label.

Belongs here: choosing. Does not belong here: parsing a command line, reading files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from scopesync.desired.schema_messages import nearest
from scopesync.errors import UsageError
from scopesync.row_identity import canonical_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scopesync.model import Tenant


class Choosable(Protocol):
    """A tenant that can be chosen: a DesiredTenant, or anything with these two attributes."""

    @property
    def tenant(self) -> Tenant:
        """Its id and its name."""

    @property
    def labels(self) -> Mapping[str, str]:
        """Its labels."""


Chosen = TypeVar("Chosen", bound=Choosable)


class _Term(NamedTuple):
    """One condition of a selector: the label is `value`, or is not."""

    key: str
    value: str
    wanted: bool


def select(tenants: Sequence[Chosen], names: Sequence[str] = (), labels: Sequence[str] = ()) -> tuple[Chosen, ...]:
    """The tenants that match a name and every selector, in the order of `tenants`; without either, all of them.

    A name is a tenant's name or id. A selector is `region=midwest,tier!=pilot`: every term must hold; a tenant without
    the label has none of its values, so `!=` holds. Raises UsageError for a name that no tenant or two tenants have,
    for a selector that cannot be parsed, and if no tenant matches.
    """
    named = {id(_named(tenants, name)) for name in names}
    terms = [term for label in labels for term in _terms(label)]
    candidates = [one for one in tenants if id(one) in named] if names else tenants
    chosen = tuple(one for one in candidates if _fits(one, terms))
    if not chosen and (names or labels):
        raise UsageError(f"no tenant fits {' and '.join(labels)}", hint=_known_labels(tenants))
    return chosen


def _named(tenants: Sequence[Chosen], name: str) -> Chosen:
    identifier = canonical_id(name)
    found = [one for one in tenants if name == one.tenant.name or identifier == canonical_id(one.tenant.id)]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f'"{name}" is the name of one tenant and the id of another', hint="say it by the other word")
    known = [word for one in tenants for word in (one.tenant.name, one.tenant.id)]
    listed = "`scopesync tenants` lists them" if known else "there is none yet: `scopesync import` writes tenant files"
    hint = nearest(name, known) or listed
    raise UsageError(f'no tenant file has the name or id "{name}"', hint=hint)


def _terms(label: str) -> list[_Term]:
    return [_term(part.strip(), label) for part in label.split(",")]


def _term(part: str, label: str) -> _Term:
    key, equals, value = part.partition("=")
    wanted = not key.endswith("!")
    key = key.removesuffix("!").strip()
    value = value.removeprefix("=").strip()  # `key==value` is accepted too
    if not (key and equals and value):
        raise UsageError(f'"{label}" is no selector', hint="write key=value or key!=value, with commas between terms")
    return _Term(key, value, wanted)


def _fits(tenant: Choosable, terms: Sequence[_Term]) -> bool:
    return all((tenant.labels.get(term.key) == term.value) is term.wanted for term in terms)


def _known_labels(tenants: Sequence[Choosable]) -> str:
    pairs = sorted({f"{key}={value}" for one in tenants for key, value in one.labels.items()})
    return f"labels in use: {', '.join(pairs)}" if pairs else "no tenant has labels"
