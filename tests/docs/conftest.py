"""The fleet of the command line's tests, for the pages whose commands are run; PostgreSQL for what they say of it."""

from tests.audit.conftest import cluster, postgres
from tests.cli.conftest import edit, fleet, imported, sandbox, shell

__all__ = ["cluster", "edit", "fleet", "imported", "postgres", "sandbox", "shell"]
