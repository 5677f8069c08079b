from __future__ import annotations

import base64
import copy
import json
import os
import pickle
from dataclasses import asdict, dataclass
from threading import Thread
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopesync.environment import Environment
from scopesync.errors import CredentialError
from scopesync.secrets import HIDDEN, Masks, Secret, SecretSources, mask

if TYPE_CHECKING:
    from pathlib import Path

CANARY = "c4nary/+ s&cret=ü"
texts = st.text(st.characters(codec="utf-8"), max_size=40)


def test_no_way_of_printing_shows_it() -> None:
    secret = Secret(CANARY)
    shown = [
        repr(secret),
        str(secret),
        f"{secret}",
        f"{secret!r:>20}",
        f"{secret:>20}",
        str([secret]),
        str({"s": secret}),
    ]
    assert all(CANARY not in text and HIDDEN in text for text in shown)


def test_it_cannot_be_pickled_or_made_json() -> None:
    with pytest.raises(TypeError):
        pickle.dumps(Secret(CANARY))
    with pytest.raises(TypeError):
        json.dumps(Secret(CANARY))


def test_copies_stay_secret() -> None:
    @dataclass(frozen=True)
    class Holder:
        secret: Secret

    assert CANARY not in repr(asdict(Holder(Secret(CANARY))))
    assert copy.deepcopy(Secret(CANARY)).reveal() == CANARY
    assert copy.copy(Secret(CANARY)) == Secret(CANARY)
    assert Secret(CANARY) != Secret(CANARY + "x")
    assert Secret(CANARY) != CANARY
    assert len({Secret(CANARY), Secret(CANARY)}) == 1


@pytest.mark.parametrize(
    "form",
    [
        CANARY,
        quote(CANARY),
        quote(CANARY, safe=""),
        quote(CANARY, safe="").lower(),
        quote_plus(CANARY),
        json.dumps(CANARY)[1:-1],
        base64.b64encode(CANARY.encode()).decode(),
        base64.urlsafe_b64encode(CANARY.encode()).decode(),
    ],
)
def test_every_form_is_hidden(form: str) -> None:
    Secret(CANARY)
    assert mask(f"before {form} after") == f"before {HIDDEN} after"


@given(user=st.text(st.characters(codec="ascii", exclude_characters=":"), max_size=12), secret=st.text(min_size=9))
def test_a_basic_header_gives_nothing_away(user: str, secret: str) -> None:
    masks = Masks()
    try:
        pair = base64.b64encode(f"{user}:{secret}".encode()).decode()
    except UnicodeEncodeError:  # a lone surrogate: no header could carry it
        return
    masks.add(secret)
    hidden = masks.mask(f"Authorization: Basic {pair}")
    assert HIDDEN in hidden
    assert len(hidden) <= len(f"Authorization: Basic {pair}") - 4 * len(secret.encode()) // 3 + 10


@given(before=texts, after=texts, secrets=st.lists(texts.filter(lambda text: len(text) >= 4), min_size=1, max_size=4))
def test_no_secret_survives_and_the_rest_does(before: str, after: str, secrets: list[str]) -> None:
    masks = Masks()
    for secret in secrets:
        masks.add(secret)
    hidden = masks.mask(before + secrets[0] + after)
    assert all(secret not in hidden for secret in secrets if "*" not in secret)
    assert Masks().mask(before + after) == before + after


def test_overlapping_secrets_leave_no_remains() -> None:
    masks = Masks()
    for secret in ("abcdef", "defghi", "cdefgh"):
        masks.add(secret)
    assert masks.mask("xx abcdefghi yy abcdefabcdef") == f"xx {HIDDEN} yy {HIDDEN}"


def test_a_secret_at_the_very_start_is_hidden() -> None:
    masks = Masks()
    masks.add("abcdef")
    assert masks.mask("abcdef") == HIDDEN


def test_many_threads_may_register_and_hide() -> None:
    masks = Masks()
    threads = [Thread(target=masks.add, args=(f"secret-number-{n}",)) for n in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not [n for n in range(50) if masks.mask(f"secret-number-{n}") != HIDDEN and n > 9]
    assert "secret" not in masks.mask(" ".join(f"secret-number-{n}" for n in range(50)))


def test_files_that_are_no_secrets_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "folder").mkdir()
    (tmp_path / "large").write_bytes(b"x" * 100_000)
    (tmp_path / "binary").write_bytes(b"\xff\xfe\xff\xfe\xff\xfe")
    for name in ("fifo", "folder", "large", "binary", "missing", "nul\x00"):
        with pytest.raises(CredentialError, match=f"file:{name}"):
            SecretSources(Environment(), tmp_path).look_up("file", name)


def test_a_variable_that_is_not_set_or_empty_is_named(tmp_path: Path) -> None:
    sources = SecretSources(Environment({"EMPTY": "", "FULL": "canary\n"}), tmp_path)
    for name in ("EMPTY", "UNSET"):
        with pytest.raises(CredentialError, match=f"variable {name} is not set"):
            sources.look_up("env", name)
    assert sources.look_up("env", "FULL") == "canary\n"
