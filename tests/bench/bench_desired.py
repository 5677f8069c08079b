"""What reading people's files costs, beside the bare libraries: `python -m tests.bench`.

The corpora are like what a district has: ids are UUIDs, courses belong to schools, every row has six fields.
"""

from __future__ import annotations

import csv
import random
import tempfile
import uuid
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from scopesync.desired.project import load_project
from scopesync.desired.sources import yaml_reader
from scopesync.desired.sources.text_file import YAML_BYTES, read_text
from tests.bench.harness import Figure, bytes_each, ratio

if TYPE_CHECKING:
    from collections.abc import Iterator

PROJECT = "version: 1\ntenants: tenants/*.yaml\nconnections: {us2: {base_url: https://api.us2.kimonocloud.com}}\n"
SCHOOLS = [str(uuid.UUID(int=number)) for number in range(100)]
YAML_ROWS = 20_000
CSV_ROWS = 200_000
FILES = 1_000
ROWS_A_FILE = 50
KILOBYTE = 1024


def figures() -> Iterator[Figure]:
    """The three figures that are promised for files, and the memory of a row."""
    with tempfile.TemporaryDirectory() as folder:
        yield from _csv(_project(Path(folder) / "csv"))
        yield _yaml(_project(Path(folder) / "yaml"))
        yield _files(_project(Path(folder) / "files"))


def _yaml(root: Path) -> Figure:
    text = _tenant(1, "courses:\n" + "".join(_yaml_rows(YAML_ROWS)))
    (root / "tenants/a.yaml").write_text(text)
    times = ratio(lambda: _load(root), lambda: yaml.load(text, Loader=yaml.CSafeLoader))
    return Figure(f"{YAML_ROWS:,} YAML rows loaded and validated : yaml.load(CSafeLoader)", times, 0.4)


def _csv(root: Path) -> Iterator[Figure]:
    (root / "tenants/a.yaml").write_text(_tenant(1, "courses:\n  - from: rows.csv\n"))
    path = root / "tenants/rows.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["course_id", "school_id", "name", "local_id", "keywords", "selected"])
        writer.writerows(_rows(CSV_ROWS))

    def bare() -> int:
        with path.open(newline="") as file:
            return sum(1 for _ in csv.DictReader(file))

    what = f"{CSV_ROWS:,} CSV rows loaded and validated"
    yield Figure(f"{what} : a loop over csv.DictReader", ratio(lambda: _load(root), bare, pairs=3), 4)
    yield Figure(f"{what}, memory of a row", bytes_each(lambda: _load(root), CSV_ROWS), KILOBYTE, "bytes")


def _files(root: Path) -> Figure:
    names = [f"tenants/{number}.yaml" for number in range(FILES)]
    for number, name in enumerate(names):
        (root / name).write_text(_tenant(number, "courses:\n" + "".join(_yaml_rows(ROWS_A_FILE))))

    def parse() -> None:
        for name in names:
            yaml_reader.load(read_text(root, name, cap=YAML_BYTES))

    what = f"{FILES:,} files of {ROWS_A_FILE} rows validated : the sum of their parse times"
    return Figure(what, ratio(lambda: _load(root), parse), 2)


def _load(root: Path) -> object:
    return load_project(root, today=date(2026, 6, 1))


def _project(root: Path) -> Path:
    (root / "tenants").mkdir(parents=True)
    (root / "scopesync.yaml").write_text(PROJECT)
    return root


def _tenant(number: int, body: str) -> str:
    return f'version: 1\ntenant: "{uuid.UUID(int=number)}"\n{body}'


def _rows(count: int) -> Iterator[list[str]]:
    chance = random.Random(7)  # noqa: S311 - the same corpus every time
    words = ["Algebra", "Biology", "Chemistry", "Drama", "English", "French"]
    for number in range(count):
        name = f"{chance.choice(words)} {number % 12}"
        selected = "false" if number % 10 == 0 else "true"
        course = str(uuid.UUID(int=chance.getrandbits(128)))
        yield [course, SCHOOLS[number % len(SCHOOLS)], name, f"{number:06}", chance.choice(words).lower(), selected]


def _yaml_rows(count: int) -> Iterator[str]:
    for course, school, name, local, keywords, selected in _rows(count):
        yield (
            f'  - course_id: "{course}"\n    school_id: "{school}"\n    name: {name}\n    local_id: "{local}"\n'
            f"    keywords: {keywords}\n    selected: {selected}\n"
        )
