"""docs/environment.md, from the table of environment variables.

Belongs here: variables -> Markdown. `python -m tests.docs.environment > docs/environment.md` writes it anew; a test
says when that is due. Does not belong here: any word on a variable; `scopesync.environment` has them.
"""

from __future__ import annotations

import sys

from scopesync.environment import VARIABLES

_INTRODUCTION = """\
# Environment variables

Made by `python -m tests.docs.environment` from the table in `scopesync/environment.py`. These are all that are read by
their names; one that is empty counts as not set.

| Variable | Meaning | Otherwise |
|---|---|---|
"""

_OTHERS = """
Besides these, scopesync reads

- `SCOPESYNC_<NAME>_CLIENT_ID` and `SCOPESYNC_<NAME>_CLIENT_SECRET`: the pair of a tenant whose file has no
  `credentials`. `<NAME>` is the tenant's name in capitals, with `_` for everything but letters and digits;
- whatever a file names as `env:NAME`: in `credentials`, and in `vendor: {api_key: …}` of `scopesync.yaml`
  ([reference.md](reference.md));
- `_SCOPESYNC_COMPLETE`, with which a shell asks for completions.

The program of `SCOPESYNC_CREDENTIAL_COMMAND` gets them all, and `SCOPESYNC_TENANT_ID`, `SCOPESYNC_TENANT_NAME` and
`SCOPESYNC_CONNECTION` besides. Proxies and certificates are never taken from the environment: `--proxy` and `--ca-file`
ask for them by name.
"""


def page() -> str:
    """The whole page."""
    rows = [f"| `{one.name}` | {one.meaning} | {one.default} |\n" for one in VARIABLES]
    return "".join([_INTRODUCTION, *rows, _OTHERS])


if __name__ == "__main__":
    sys.stdout.write(page())
