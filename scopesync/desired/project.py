"""All files of a project -> Project, or every problem in them.

Belongs here: `scopesync.yaml`, and checks that need more than one tenant. Does not belong here: one tenant file
(`tenant_file`), secrets and the environment (`cli`), the live side.
"""

from __future__ import annotations

import gc
import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scopesync.desired.globs import expand
from scopesync.desired.schema_messages import refuse_newer, schema_problems
from scopesync.desired.sources.yaml_file import read_yaml
from scopesync.desired.tenant_file import load_tenant, secret_ref
from scopesync.desired.tenant_names import environment_part
from scopesync.errors import ConfigurationError, Problem
from scopesync.model import ChangeLimit, Connection, Guards, Limits
from scopesync.row_identity import canonical_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from scopesync.desired.sources.yaml_places import Places
    from scopesync.desired.tenant_file import TenantFile
    from scopesync.model import DesiredTenant

FILE = "scopesync.yaml"
CSV_OVER_ROWS = 200
TENANTS_FOLDER = "tenants"
PLANS_EXPIRE_AFTER_H = 24


@dataclass(frozen=True, slots=True)
class Project:
    """Everything that the files say. `tenants` are sorted by name; `problems` are warnings and notes, sorted by place.

    `csv_over_rows`: `import` writes a list with more rows than this as a CSV. `tenants_folder`: the folder in which
    `import` creates the files of new tenants. `plans_expire_after_h`: a saved plan can be applied for this many hours.
    """

    root: Path
    connections: Mapping[str, Connection]
    guards: Guards
    tenants: tuple[DesiredTenant, ...]
    problems: tuple[Problem, ...] = ()
    csv_over_rows: int = CSV_OVER_ROWS
    tenants_folder: str = TENANTS_FOLDER
    plans_expire_after_h: float = PLANS_EXPIRE_AFTER_H


@dataclass(frozen=True, slots=True)
class _Settings:
    """The content of `scopesync.yaml`; `connections` is None if the file has errors."""

    globs: tuple[str, ...]
    connections: dict[str, Connection] | None
    guards: Guards
    csv_over_rows: int
    plans_expire_after_h: float


def load_project(root: Path, *, today: date) -> Project:
    """Read `scopesync.yaml` in `root` and every tenant file; `today` decides which exceptions have expired.

    Raises ConfigurationError with every problem of every file, warnings included, sorted by place.
    """
    with paused_collector():
        return _load_project(root, today)


def tenant_files(root: Path) -> tuple[tuple[str, ...], tuple[Problem, ...]]:
    """The names of the project's tenant files, which are not read, and the problems of `scopesync.yaml` alone.

    Raises ConfigurationError if `scopesync.yaml` cannot be parsed.
    """
    problems: list[Problem] = []
    settings, places = _settings(root, problems)
    names = _tenant_files(root, settings.globs, places, problems)
    return tuple(names), tuple(problems)


@contextmanager
def paused_collector() -> Iterator[None]:
    """Pause garbage collection: reading makes many objects and no cycles, and searching for cycles doubles the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _load_project(root: Path, today: date) -> Project:
    problems: list[Problem] = []
    settings, places = _settings(root, problems)
    names = _tenant_files(root, settings.globs, places, problems)
    files: list[TenantFile] = []
    for name in names:
        file = _load(root, name, settings, today, problems)
        if file is not None:
            files.append(file)
    problems += _between(files)
    problems.sort(key=_order)
    if any(problem.severity == "error" for problem in problems):
        raise ConfigurationError(problems)
    tenants = [file.tenant for file in files if file.tenant is not None]
    tenants.sort(key=lambda tenant: tenant.tenant.name)
    return Project(
        root=root,
        connections=settings.connections or {},
        guards=settings.guards,
        tenants=tuple(tenants),
        problems=tuple(problems),
        csv_over_rows=settings.csv_over_rows,
        tenants_folder=_folder(settings.globs),
        plans_expire_after_h=settings.plans_expire_after_h,
    )


def _settings(root: Path, problems: list[Problem]) -> tuple[_Settings, Places]:
    """Read the project file. Raises ConfigurationError if there is none, or if it cannot be parsed."""
    path = root / FILE
    is_absent = not path.exists() and not path.is_symlink()  # a broken link is reported when it is read
    if is_absent:
        hint = "`scopesync init` makes one here; `-C DIR` names the folder of another project"
        raise ConfigurationError([Problem(f"there is no {FILE} in this folder", FILE, hint=hint)], hint=hint)
    file = read_yaml(root, FILE)
    refuse_newer(file.value, file.places)
    faults = schema_problems("project", file.value, file.places)
    problems += [*file.problems, *faults]
    value = file.value if isinstance(file.value, dict) else {}
    settings = _lenient(value) if faults else _strict(value)
    return settings, file.places


def _lenient(value: Mapping[str, Any]) -> _Settings:
    """From a project file with errors: just enough to check the tenant files too."""
    return _Settings(_globs(value.get("tenants")), None, Guards(), CSV_OVER_ROWS, PLANS_EXPIRE_AFTER_H)


def _strict(value: Mapping[str, Any]) -> _Settings:
    connections = {name: _connection(name, one) for name, one in value["connections"].items()}
    csv_over_rows = value.get("import", {}).get("csv_over_rows", CSV_OVER_ROWS)
    return _Settings(
        globs=_globs(value["tenants"]),
        connections=connections,
        guards=_guards(value.get("guards", {})),
        csv_over_rows=int(csv_over_rows),
        plans_expire_after_h=value.get("plans", {}).get("expire_after_h", PLANS_EXPIRE_AFTER_H),
    )


def _globs(value: Any) -> tuple[str, ...]:
    globs = value if isinstance(value, list) else [value]
    return tuple(glob for glob in globs if isinstance(glob, str) and glob)


def _folder(globs: Sequence[str]) -> str:
    """The folder of the first glob of the form `FOLDER/*.yaml` without a wildcard in FOLDER."""
    for glob in globs:
        folder, _, name = glob.rpartition("/")
        has_wildcard = re.search(r"[*?\[]", folder) is not None
        if name == "*.yaml" and not has_wildcard:
            return folder or "."
    return TENANTS_FOLDER


def _connection(name: str, value: Mapping[str, Any]) -> Connection:
    return Connection(
        name=name,
        base_url=value["base_url"].rstrip("/"),
        auth=value.get("auth", "oauth2"),
        vendor_key=secret_ref(value["vendor"]["api_key"]) if "vendor" in value else None,
        limits=_limits(value.get("limits", {})),
    )


def _limits(value: Mapping[str, Any]) -> Limits:
    """The limits of a connection; counts become int even if the file says 8.0."""
    limits = dict(value)
    for key in ("concurrency", "page_size", "rows_per_call", "item_calls"):
        if limits.get(key) is not None:
            limits[key] = int(limits[key])
    return Limits(**limits)


def _guards(value: Mapping[str, Any]) -> Guards:
    """The bounds of the file over the defaults; `percent` and `count` of a bound each have their own default."""
    defaults = Guards()
    return Guards(
        max_removals=_limit(value.get("max_removals", {}), defaults.max_removals),
        max_additions=_limit(value.get("max_additions", {}), defaults.max_additions),
        max_updates=_limit(value.get("max_updates", {}), defaults.max_updates),
    )


def _limit(value: Mapping[str, Any], default: ChangeLimit) -> ChangeLimit:
    percent = value.get("percent", default.percent)
    count = value.get("count", default.count)
    if count is not None:
        count = int(count)  # the file may say 8.0
    return ChangeLimit(percent=percent, count=count)


def _tenant_files(root: Path, globs: Sequence[str], places: Places, problems: list[Problem]) -> list[str]:
    names: set[str] = set()
    for index, glob in enumerate(globs):
        try:
            found = expand(root, glob)
        except ValueError as error:
            problems.append(places.problem(("tenants", index), f"tenants {error}"))
            continue
        if not found:
            message = f'no tenant file matches "{glob}"'
            hint = "`scopesync import` writes tenant files"
            problems.append(places.problem(("tenants", index), message, hint=hint, severity="warning"))
        names.update(found)
    return sorted(names)


def _load(root: Path, name: str, settings: _Settings, today: date, problems: list[Problem]) -> TenantFile | None:
    try:
        file = load_tenant(root, name, connections=settings.connections, today=today)
    except ConfigurationError as error:
        problems += error.problems
        return None
    problems += file.problems
    return file


def _between(files: Sequence[TenantFile]) -> Iterator[Problem]:
    """One tenant in two files, or two names with the same environment variable: reported in each of the files."""
    yield from _shared(files, lambda file: file.id and canonical_id(file.id), ("tenant",), "the tenant id")
    yield from _shared(files, lambda file: environment_part(file.name), ("name",), "the name")


def _shared(
    files: Sequence[TenantFile],
    key: Callable[[TenantFile], str | None],
    path: tuple[str],
    what: str,
) -> Iterator[Problem]:
    groups: dict[str, list[TenantFile]] = {}
    for file in files:
        if value := key(file):
            groups.setdefault(value, []).append(file)
    for group in groups.values():
        if len(group) == 1:
            continue
        for file in group:
            others = ", ".join(other.places.source.name for other in group if other is not file)
            yield file.places.problem(path, f"{what} is the same in {others}", hint=f"{what} must be one file's alone")


def _order(problem: Problem) -> tuple[str, int, int, str]:
    return problem.file or "", problem.line or 0, problem.column or 0, problem.message
