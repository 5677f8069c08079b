from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-golden", action="store_true", help="write the expected files of tests/golden anew")
    parser.addoption("--seeds", type=int, default=None, help="how many seeds each simulation runs")
    parser.addoption(
        "--installs", action="store_true", help="also install the project anew, as users do: half a minute"
    )
    parser.addoption("--seed", type=int, default=None, help="the only seed that the simulations run")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What installs the project anew runs only when it is asked for."""
    if not config.getoption("--installs"):
        left_out = [item for item in items if item.get_closest_marker("installs")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
