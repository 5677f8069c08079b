from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

SEEDS = 200


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A simulation takes a `seed`; its module may say how many (`SEEDS`), the command line how many or which one."""
    if "seed" in metafunc.fixturenames:
        only = metafunc.config.getoption("--seed")
        count = metafunc.config.getoption("--seeds") or getattr(metafunc.module, "SEEDS", SEEDS)
        metafunc.parametrize("seed", range(count) if only is None else [only])
