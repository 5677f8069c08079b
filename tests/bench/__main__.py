"""All benches, one after the other: `python -m tests.bench`, or `python -m tests.bench desired` for one of them."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

from tests.bench.harness import show

names = sys.argv[1:] or sorted(path.stem.removeprefix("bench_") for path in Path(__file__).parent.glob("bench_*.py"))
for name in names:
    show(import_module(f"tests.bench.bench_{name}").figures())
