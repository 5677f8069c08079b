from __future__ import annotations

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopesync.desired.sources.csv_cells import cell_place, cells, field_place
from scopesync.desired.sources.text_file import SourceText

TEXT = 'a,b\r\n\r\n"1,\r\n""2",x"y\n,\n'


@pytest.mark.parametrize(
    ("line", "index", "place"),
    [
        (1, 0, (1, 1)),
        (1, 1, (1, 3)),
        (1, 2, (1, None)),
        (3, 0, (3, 1)),
        (3, 1, (4, 6)),
        (5, 0, (5, 1)),
        (5, 1, (5, 2)),
    ],
)
def test_a_cell_has_the_place_where_it_starts(line: int, index: int, place: tuple[int, int | None]) -> None:
    assert cell_place(SourceText("a.csv", TEXT), line, index) == place


def test_a_field_is_found_by_the_header() -> None:
    source = SourceText("a.csv", TEXT)
    assert field_place(source, 3, "b") == (4, 6)
    assert field_place(source, 3, "c") == (3, None)


def test_a_quote_that_is_never_closed_ends_the_cells() -> None:
    assert [cell.end for cell in cells(SourceText("a.csv", 'a,"b\nc'), 1)] == [(1, 2), None]


CELLS = st.text(st.sampled_from('ab,"\n\r é'), max_size=6)


@given(st.lists(st.lists(CELLS, min_size=1, max_size=4), min_size=1, max_size=4))
def test_every_cell_of_a_csv_is_found_where_it_is_written(records: list[list[str]]) -> None:
    written = [[f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in record] for record in records]
    text = "\n".join(",".join(record) for record in written)
    source = SourceText("a.csv", text)
    assert list(csv.reader(text.splitlines(keepends=True), strict=True))
    line = 1
    for record in written:
        found = list(cells(source, line))
        assert len(found) == len(record)
        for cell, words in zip(found, record, strict=True):
            rest = "\n".join([source.lines[cell.line - 1][cell.column - 1 :], *source.lines[cell.line :]])
            assert rest.startswith("\n".join(SourceText("b.csv", words).lines))
        line = (found[-1].end or (0, 0))[0] + 1
