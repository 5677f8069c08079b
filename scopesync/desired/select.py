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
    """What can be chosen: a DesiredTenant, or less of one."""

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
    """The tenants that are named and that every selector fits, in the order of `tenants`; all of them without either.

    A name is a tenant's name or id. A selector is `region=midwest,tier!=pilot`: every term must hold; a tenant without
    the label is unlike any value. Raises UsageError for a name that nobody has, or two have, for a selector that cannot
    be read, and where a choice was made and nothing is left of it.
    """
    named = {id(_named(tenants, name)) for name in names}
    terms = [term for label in labels for term in _terms(label)]
    chosen = tuple(one for one in tenants if (not names or id(one) in named) and _fits(one, terms))
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
    key, value = key.removesuffix("!").strip(), value.removeprefix("=").strip()
    if not (key and equals and value):
        raise UsageError(f'"{label}" is no selector', hint="write key=value or key!=value, with commas between terms")
    return _Term(key, value, wanted)


def _fits(tenant: Choosable, terms: Sequence[_Term]) -> bool:
    return all((tenant.labels.get(term.key) == term.value) is term.wanted for term in terms)


def _known_labels(tenants: Sequence[Choosable]) -> str:
    pairs = sorted({f"{key}={value}" for one in tenants for key, value in one.labels.items()})
    return f"labels in use: {', '.join(pairs)}" if pairs else "no tenant has labels"
