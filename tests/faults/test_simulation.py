"""A seed chooses the fleet, the server's habits, the faults and whose turn it is; the oracle judges what was read.

More seeds: `pytest tests/faults --seeds 5000`. One again: `pytest -n0 tests/faults --seed 17`.
"""

from __future__ import annotations

import json

from tests.faults.oracle import check
from tests.faults.world import World


def test_whatever_strikes_a_list_is_whole_or_there_is_none(seed: int) -> None:
    """Invariants 6, 8 and 9."""
    world = World(seed)
    try:
        world.run()
        check(world)
    except BaseException as error:
        error.add_note(f"run it again: pytest -n0 tests/faults --seed {seed}")
        error.add_note(f"its script: {json.dumps(world.script)}")
        raise
