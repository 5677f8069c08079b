from __future__ import annotations

from base64 import b64decode
from typing import TYPE_CHECKING

import pytest

from scopesync.environment import Environment
from scopesync.errors import CredentialError
from scopesync.live.credentials import basic, resolve, variables, vendor_key
from scopesync.live.vendor_records import TenantRecord
from scopesync.model import SecretRef, Tenant
from scopesync.secrets import Secret, SecretSources, mask

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

TENANT = Tenant("id", "spring-field 2")
REFS = (SecretRef("env", "THE_ID"), SecretRef("env", "THE_SECRET"))
ID, SECRET = "SCOPESYNC_SPRING_FIELD_2_CLIENT_ID", "SCOPESYNC_SPRING_FIELD_2_CLIENT_SECRET"


def _pair(
    root: Path,
    environ: Mapping[str, str],
    refs: tuple[SecretRef, SecretRef] | None = None,
    record: TenantRecord | None = None,
) -> tuple[str, str]:
    pair = resolve(TENANT, refs, SecretSources(Environment(environ), root), "us2", lambda: record)
    return pair.client_id, pair.client_secret.reveal()


def test_the_variables_of_a_tenant() -> None:
    assert variables(TENANT.name) == (ID, SECRET)
    assert variables("Señor's") == ("SCOPESYNC_SE_OR_S_CLIENT_ID", "SCOPESYNC_SE_OR_S_CLIENT_SECRET")


def test_the_order_of_places(tmp_path: Path) -> None:
    record = TenantRecord("id", "n", client_id="of-record", client_secret=Secret("record-secret"))
    everything = {"THE_ID": "of-file", "THE_SECRET": "file-secret", ID: "of-env", SECRET: "env-secret"}
    assert _pair(tmp_path, everything, REFS, record) == ("of-file", "file-secret")
    assert _pair(tmp_path, everything, None, record) == ("of-env", "env-secret")
    command = """printf '{"client_id": "of-command", "client_secret": "command-secret"}'"""
    asked = {"SCOPESYNC_CREDENTIAL_COMMAND": command, "PATH": "/usr/bin:/bin"}
    assert _pair(tmp_path, {**everything, **asked}, REFS, record) == ("of-file", "file-secret")
    assert _pair(tmp_path, {**everything, **asked}, None, record) == ("of-env", "env-secret")
    assert _pair(tmp_path, asked, None, record) == ("of-command", "command-secret")
    assert _pair(tmp_path, {"SCOPESYNC_CREDENTIAL_COMMAND": ""}, None, record) == ("of-record", "record-secret")
    assert _pair(tmp_path, {}, None, record) == ("of-record", "record-secret")


def test_a_command_that_fails_is_no_reason_to_look_further(tmp_path: Path) -> None:
    record = TenantRecord("id", "n", client_id="of-record", client_secret=Secret("record-secret"))
    with pytest.raises(CredentialError, match="SCOPESYNC_CREDENTIAL_COMMAND ended with 1"):
        _pair(tmp_path, {"SCOPESYNC_CREDENTIAL_COMMAND": "false", "PATH": "/usr/bin:/bin"}, None, record)


@pytest.mark.parametrize(
    ("environ", "missing"), [({ID: "a"}, SECRET), ({SECRET: "secret-b"}, ID), ({ID: "", SECRET: "secret-b"}, ID)]
)
def test_half_a_pair_is_an_error_and_no_reason_to_look_further(
    environ: Mapping[str, str], missing: str, tmp_path: Path
) -> None:
    record = TenantRecord("id", "n", client_id="of-record", client_secret=Secret("record-secret"))
    with pytest.raises(CredentialError, match=missing):
        _pair(tmp_path, environ, None, record)


@pytest.mark.parametrize("record", [None, TenantRecord("id", "n", client_id="only-the-id")])
def test_a_missing_pair_names_what_to_set(record: TenantRecord | None, tmp_path: Path) -> None:
    with pytest.raises(CredentialError) as caught:
        _pair(tmp_path, {}, None, record)
    assert caught.value.hint is not None
    assert ID in caught.value.hint
    assert SECRET in caught.value.hint


def test_a_missing_variable_of_a_reference_is_named(tmp_path: Path) -> None:
    with pytest.raises(CredentialError, match="THE_SECRET"):
        _pair(tmp_path, {"THE_ID": "a", ID: "b", SECRET: "secret-b"}, REFS)


@pytest.mark.parametrize("content", ["from-a-file", "from-a-file\n", "from-a-file\r\n"])
def test_one_newline_at_the_end_of_a_file_is_the_editors(content: str, tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(content.encode())
    assert vendor_key(SecretRef("file", "key"), SecretSources(Environment(), tmp_path)).reveal() == "from-a-file"


@pytest.mark.parametrize("value", ["canary-secret\n", "canary-secret\r\n", "canary\x00secret", "canary\x1b[2J", "cana"])
def test_an_unusable_secret_is_refused_without_being_shown(value: str, tmp_path: Path) -> None:
    with pytest.raises(CredentialError) as caught:
        _pair(tmp_path, {ID: "a", SECRET: value})
    assert "cana" not in f"{caught.value} {caught.value.hint}"


def test_two_newlines_at_the_end_of_a_file_are_one_too_many(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from-a-file\n\n")
    with pytest.raises(CredentialError, match="newline"):
        vendor_key(SecretRef("file", "key"), SecretSources(Environment(), tmp_path))


@pytest.mark.parametrize("client_id", [" ", "a:b", "a\nb"])
def test_an_unusable_client_id_is_refused(client_id: str, tmp_path: Path) -> None:
    with pytest.raises(CredentialError, match="client id"):
        _pair(tmp_path, {ID: client_id, SECRET: "long-enough"})


def test_a_basic_header_is_a_secret_in_whole_and_in_part() -> None:
    header = basic("springfield", Secret("canary-basic"))
    encoded = header.reveal().removeprefix("Basic ")
    assert b64decode(encoded) == b"springfield:canary-basic"
    assert encoded not in mask(f"sent {encoded} and {header.reveal()}")
