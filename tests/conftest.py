from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

EXAMPLES = 100
"""How many examples a property is tried on; `tests.support.examples` takes a share of them."""
NIGHTLY_EXAMPLES = 10 * EXAMPLES

QUICK = (
    "tests/golden",
    "tests/audit/test_processes.py",
    "tests/audit/test_actor.py",
    "tests/audit/ledger/test_run_log.py",
    "tests/cli/commands/test_demo.py",
    "tests/cli/test_portable.py",
    "tests/desired/test_globs.py",
    "tests/desired/test_revision.py",
    "tests/live/http/test_network.py",
    "tests/live/test_credential_command.py",
    "tests/plan/test_guards.py",
    "tests/sandbox/test_server.py",
)
"""What runs with --quick: one proof of each thing in which Pythons differ, and of the whole loop."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-golden", action="store_true", help="write the expected files of tests/golden anew")
    parser.addoption("--seeds", type=int, default=None, help="how many seeds each simulation runs")
    parser.addoption(
        "--installs", action="store_true", help="also install the project anew, as users do: half a minute"
    )
    parser.addoption("--quick", action="store_true", help="only a quick part, for one more Python: half a minute")
    parser.addoption("--nightly", action="store_true", help="ten times as many examples of each property")
    parser.addoption("--seed", type=int, default=None, help="the only seed that the simulations run")


def pytest_configure(config: pytest.Config) -> None:
    """One profile for every property, before any test is imported: no clock judges, and a slow machine is no fault."""
    count = NIGHTLY_EXAMPLES if config.getoption("--nightly") else EXAMPLES
    no_clock = [HealthCheck.too_slow]
    settings.register_profile("scopesync", max_examples=count, deadline=None, suppress_health_check=no_clock)
    settings.load_profile("scopesync")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """With --quick only the files of the quick part are looked at."""
    if not config.getoption("--quick") or collection_path.is_dir():
        return None
    name = collection_path.relative_to(config.rootpath).as_posix()
    return None if name.startswith(QUICK) else True


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What installs the project anew runs only when it is asked for, and PostgreSQL is no part of --quick."""
    left_out = [] if config.getoption("--installs") else [item for item in items if item.get_closest_marker("installs")]
    if config.getoption("--quick"):
        left_out += [item for item in items if "postgres" in item.nodeid]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]
