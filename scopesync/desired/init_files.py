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
plan.json
"""

_WORKFLOW = """\
# A pull request: its files are checked, and the plan is shown. A merge to main: the plan is shown once more, and then
# exactly that is applied. Every morning: a look for what somebody moved behind Git's back.
# Python is started with -I: no file of the checkout is then taken for a module.
name: scopesync
on:
  pull_request:
  push:
    branches: [main]
  schedule:
    - cron: "0 6 * * 1-5"
permissions:
  contents: read
# One merge after the other, from its plan to the end of its apply, and none is cancelled half-way. GitHub lets one wait
# and no more: a newer one takes its place, and applies what it would have. Nothing else may take it: pull requests and
# drift are in groups of their own.
concurrency:
  group: scopesync-${{ github.event_name == 'push' && 'merge' || github.run_id }}
  cancel-in-progress: false
env:
  # FILL IN. No package index has scopesync: say here where pip finds it, with a tag or, better, a commit, as in
  # git+https://github.com/<owner>/scopesync@<commit>
  SCOPESYNC: ""
  # Secrets of this repository; add what your tenant files name as env:NAME.
  KIMONO_API_KEY: ${{ secrets.KIMONO_API_KEY }}
  # The URL of a PostgreSQL database. Without it every run begins with an empty ledger: `history` and `undo` know
  # nothing, drift cannot say who moved a row, collapsed-read is blind, and protected-row sees today's files only.
  SCOPESYNC_LEDGER_URL: ${{ secrets.SCOPESYNC_LEDGER_URL }}
jobs:
  plan:
    if: github.event_name != 'schedule'
    runs-on: ubuntu-latest
    outputs:
      digest: ${{ steps.plan.outputs.digest }}
    steps:
      - uses: actions/checkout@v6
        with: {persist-credentials: false, fetch-depth: 2} # 2: what this would be merged into, for --base
      - uses: actions/setup-python@v6
        with: {python-version: "3.12"}
      # Not in the checkout, where pip would take a folder with the name of what it is asked for; -I: nor a json.py.
      - run: |
          cd "$RUNNER_TEMP"
          python -I -m pip install --quiet "scopesync[postgres] @ ${SCOPESYNC:?set it at the top of this workflow}"
      - run: scopesync validate --format github
      - id: plan
        if: ${{ !github.event.pull_request.head.repo.fork }} # a fork is given no secrets: its files are checked alone
        env:
          BASE: ${{ github.event_name == 'pull_request' && 'HEAD^1' || '' }}
        run: |
          code=0
          scopesync plan ${BASE:+--base "$BASE"} --out "$RUNNER_TEMP/plan.json" --format markdown \\
            >> "$GITHUB_STEP_SUMMARY" || code=$?
          # 6: a tenant could not be read. It has no plan; the others may go on.
          case "$code" in
            0 | 6)
              digest="$(scopesync show "$RUNNER_TEMP/plan.json" --digest)"
              echo "digest=$digest" >> "$GITHUB_OUTPUT"
              ;;
          esac
          exit "$code"
  apply:
    needs: plan
    if: ${{ !cancelled() && github.event_name == 'push' && needs.plan.outputs.digest != '' }}
    runs-on: ubuntu-latest
    environment: scopesync # give it required reviewers: they approve the plan that this run shows
    steps:
      - uses: actions/checkout@v6
        with: {persist-credentials: false}
      - uses: actions/setup-python@v6
        with: {python-version: "3.12"}
      - run: |
          cd "$RUNNER_TEMP"
          python -I -m pip install --quiet "scopesync[postgres] @ ${SCOPESYNC:?set it at the top of this workflow}"
      # The live lists are read again, and --expect compares: when the change is no longer the one that this run shows,
      # nothing is written (4); then re-run all jobs. What the pull request showed may be days old and is not compared:
      # the guards stand in between, and the reviewers of the environment.
      - env:
          DIGEST: ${{ needs.plan.outputs.digest }}
        run: scopesync apply --expect "$DIGEST" --yes
  drift:
    if: github.event_name == 'schedule'
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v6
        with: {persist-credentials: false}
      - uses: actions/setup-python@v6
        with: {python-version: "3.12"}
      - run: |
          cd "$RUNNER_TEMP"
          python -I -m pip install --quiet "scopesync[postgres] @ ${SCOPESYNC:?set it at the top of this workflow}"
      # Differences end it with 2: the run is red, and GitHub tells those who watch. The next merge repairs them, or
      # re-run all jobs of the last one.
      - run: scopesync drift --detailed-exitcode --format markdown >> "$GITHUB_STEP_SUMMARY"
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
