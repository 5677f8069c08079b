from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-golden", action="store_true", help="write the expected files of tests/golden anew")
    parser.addoption("--seeds", type=int, default=None, help="how many seeds each simulation runs")
    parser.addoption("--seed", type=int, default=None, help="the only seed that the simulations run")
