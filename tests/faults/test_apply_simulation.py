"""A seed chooses lists, faults, a second writer and kills; the oracle looks after every write that was carried out.

In a third of the worlds the server has harmless habits too: it answers late, spells ids in its own way, and so on. No
row is there twice, also when a run that ended with 0 is followed by another at once, and a fresh plan is empty.

More seeds: `pytest tests/faults --seeds 5000`. One again: `pytest -n0 tests/faults --seed 17`.
"""

from __future__ import annotations

import json
from base64 import b64encode
from urllib.parse import quote

from tests.faults.apply_world import ApplyWorld

SEEDS = 300


def test_whatever_strikes_no_invariant_is_broken_and_it_ends_in_the_same_place(seed: int) -> None:
    """Invariants 1 to 5 and 7."""
    world = ApplyWorld(seed)
    try:
        world.run()
        world.settled()
        _check_silence(world)
    except BaseException as error:
        error.add_note(f"run it again: pytest -n0 tests/faults/test_apply_simulation.py --seed {seed}")
        error.add_note(f"its faults: {json.dumps(world.script)}; its second writer: {world.edits}")
        error.add_note(f"its habits: {world.drawn_habits}")
        raise


def _check_silence(world: ApplyWorld) -> None:
    left = "\n".join(world.told)
    for secret in world.secrets.values():
        for form in (secret, quote(secret), b64encode(secret.encode()).decode().rstrip("=")[:-1]):
            assert form not in left, f"{form} was told"
