"""A first project: files that are accepted as they stand, and say in comments what to change.

Belongs here: the texts, and writing those that are not there yet. Does not belong here: asking questions, the network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from scopesync.files import write_atomically
from scopesync.schemas import schema_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_FILE = "scopesync.yaml"
_EXAMPLE = "tenants/example.yaml"

_PROJECT = """\
# yaml-language-server: $schema=schemas/project.schema.json
version: 1
tenants: tenants/*.yaml
connections:
  us2:
    base_url: https://api.us2.kimonocloud.com
    # The vendor's own key, kept in the environment, opens `scopesync tenants` and `scopesync import --all`:
    # vendor: {api_key: env:KIMONO_API_KEY}
# How much one plan may change before somebody must allow it by name (these are the defaults):
# guards:
#   max_removals: {percent: 20, count: 200}
#   max_additions: {percent: 100, count: 2000}
#   max_updates: {percent: 50}
"""

_TENANT = """\
# yaml-language-server: $schema=../schemas/tenant.schema.json
# An example. `scopesync import` writes files like this one from what is live; then this one can be deleted.
version: 1
tenant: "00000000-0000-4000-8000-000000000000" # the tenant's id; this one is a placeholder
labels:
  region: example
# Where this tenant's credential is kept. Without these lines scopesync reads the environment variables
# SCOPESYNC_EXAMPLE_CLIENT_ID and SCOPESYNC_EXAMPLE_CLIENT_SECRET.
# credentials:
#   client_id: env:EXAMPLE_CLIENT_ID
#   client_secret: env:EXAMPLE_CLIENT_SECRET

# A list that is not mentioned is left alone. `[]` means that nothing is in scope.
# schools:
#   - school_id: "5f0e8c1a-1111-4111-8111-000000000001"
#     name: Springfield Elementary
#     local_id: "0042"
# courses:
#   - from: example.courses.csv
"""

_IGNORED = """\
.scopesync/
"""

_WORKFLOW = """\
# A plan on every pull request, an apply on every merge to main, a look for drift every morning.
name: scopesync
on:
  pull_request:
  push:
    branches: [main]
  schedule:
    - cron: "0 6 * * 1-5"
permissions:
  contents: read
concurrency:
  group: scopesync-${{ github.ref }}
  cancel-in-progress: false
env:
  KIMONO_API_KEY: ${{ secrets.KIMONO_API_KEY }}
jobs:
  plan:
    if: github.event_name == 'pull_request'
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with: {persist-credentials: false}
      - uses: actions/setup-python@v5
        with: {python-version: "3.12"}
      - run: pip install scopesync
      - run: scopesync validate --format github
      - run: scopesync plan --format markdown >> "$GITHUB_STEP_SUMMARY"
  apply:
    if: github.event_name == 'push'
    runs-on: ubuntu-latest
    environment: scopesync
    steps:
      - uses: actions/checkout@v4
        with: {persist-credentials: false}
      - uses: actions/setup-python@v5
        with: {python-version: "3.12"}
      - run: pip install scopesync
      - run: scopesync apply --yes
  drift:
    if: github.event_name == 'schedule'
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with: {persist-credentials: false}
      - uses: actions/setup-python@v5
        with: {python-version: "3.12"}
      - run: pip install scopesync
      - run: scopesync drift --detailed-exitcode
"""


class Scaffolded(NamedTuple):
    """Relative paths: `written` are new, `kept` were there already and were left as they are."""

    written: tuple[str, ...]
    kept: tuple[str, ...]


def scaffold(root: Path) -> Scaffolded:
    """Write a project into `root` that `load_project` accepts; nothing that exists is overwritten. Raises OSError.

    A project that is there already gets no example: a placeholder has no place among real tenants.
    """
    texts = {name: text for name, text in _texts().items() if name != _EXAMPLE or not (root / _FILE).exists()}
    kept = tuple(name for name in texts if (root / name).exists() or (root / name).is_symlink())
    written = tuple(name for name in texts if name not in kept)
    for name in written:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, texts[name])
    return Scaffolded(written, kept)


def _texts() -> Mapping[str, str]:
    """Texts by relative path. The schemas lie beside the files, so that editors find them without a network."""
    schemas = {f"schemas/{name}.schema.json": schema_text(name) for name in ("project", "tenant")}
    return {
        _FILE: _PROJECT,
        _EXAMPLE: _TENANT,
        ".gitignore": _IGNORED,
        ".github/workflows/scopesync.yml": _WORKFLOW,
        **schemas,
    }
