"""Canaries: secrets that must not be in any byte that a run leaves behind, whatever happens (fault 39, invariant 9)."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from base64 import b64encode
from contextlib import closing
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from scopesync.environment import Environment
from scopesync.sandbox.api.engine import Engine
from scopesync.sandbox.api.store import Store
from scopesync.sandbox.faults.faulty_engine import Faulty
from scopesync.sandbox.faults.script import read_script
from scopesync.sandbox.sample_districts import districts
from scopesync.sandbox.server import running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from scopesync.sandbox.api.messages import Request, Response
    from scopesync.sandbox.sample_districts import District

VENDOR = 'canary-vendor_key/5+5="ten"'
FILED, NAMED, COMMANDED, RECORDED = ALL = [f'canary-{n}_of <a> "tenant"/{n}+%' for n in range(4)]
"""The client secrets of four tenants, by the place from which scopesync has them."""

PROJECT = """\
version: 1
tenants: tenants/*.yaml
connections:
  sandbox:
    base_url: {base_url}
    vendor: {{api_key: env:VENDOR_KEY}}
    limits: {{requests_per_second: 1000, page_size: 50}}
"""

CRASH = """
import os, sys
from scopesync.cli.main import main
from scopesync.cli.program import program
import click

@program.command()
@click.option("--format", "form", default="text")
@click.pass_obj
def crash(console, form):
    from scopesync.secrets import Secret
    console.form = form
    secret = Secret(os.environ["CANARY"]).reveal()
    try:
        {"secret": 1}["nothing of " + secret]
    except KeyError as error:
        raise RuntimeError(f"it fell apart over {secret!r}") from error

sys.exit(main(sys.argv[1:]))
"""


@dataclass
class Tapped:
    """A faulty engine that keeps every token that it gave out."""

    faulty: Faulty
    tokens: list[str] = field(default_factory=list)

    def handle(self, request: Request) -> Response:
        response = self.faulty.handle(request)
        if request.path == "/oauth/token" and response.status == 200:
            self.tokens.append(response.document()["access_token"])
        return response


@dataclass
class Run:
    """Runs commands in processes of their own, and keeps every byte that they print."""

    root: Path
    environ: dict[str, str]
    printed: list[bytes] = field(default_factory=list)

    def __call__(self, *words: str, expected: int) -> None:
        program = [sys.executable, "-m", "scopesync", "-C", str(self.root / "project"), "-vv", *words]
        done = subprocess.run(program, capture_output=True, check=False, env=self.environ, cwd=self.root / "project")
        self.printed += [done.stdout, done.stderr]
        assert done.returncode == expected, (done.stdout + done.stderr).decode()

    def file_of(self, district: District) -> Path:
        """The tenant file of that district."""
        return next(p for p in (self.root / "project/tenants").glob("*.yaml") if district.id in p.read_text())

    def left(self) -> dict[str, bytes]:
        """Everything that can be read afterwards, by the place where it is."""
        files = {str(path): path.read_bytes() for path in self.root.rglob("*") if path.is_file()}
        names = {"the names of files": "\n".join(files).encode()}
        return {**files, **names, **{f"output {number}": text for number, text in enumerate(self.printed)}}


def _forms(secret: str) -> set[bytes]:
    """How a secret can be read: as it is, and as JSON, HTML, URLs, Markdown and Base64 have it."""
    texts = {
        secret,
        json.dumps(secret)[1:-1],
        escape(secret),
        quote(secret),
        quote(secret, safe=""),
        repr(secret)[1:-1],
    }
    texts.add("".join(char if char.isalnum() or char == "-" else f"&#{ord(char)};" for char in secret))
    packed = {b64encode(b"x" * offset + secret.encode())[offset + 2 : -4] for offset in range(3)}
    return {text.encode() for text in texts} | packed


def _check(left: dict[str, bytes], secrets: list[str], *, but: Path | None = None) -> None:
    """No form of any secret is anywhere, but in the file that people keep it in."""
    for place, content in left.items():
        found = [secret for secret in secrets for form in _forms(secret) if form in content and place != str(but)]
        assert not found, f"{place} holds {found}"


@pytest.fixture
def store() -> Iterator[Store]:
    with closing(Store.in_memory()) as store:
        for district, secret in zip(districts(), ALL, strict=True):
            store.put_tenant({**district.record, "auth": {**district.record["auth"], "client_secret": secret}})
            store.replace(district.id, "schools", district.schools[:30])
            store.replace(district.id, "courses", district.courses[:120])
        yield store


@pytest.fixture
def tapped(store: Store) -> Tapped:
    return Tapped(Faulty(Engine(store, vendor_key=VENDOR)))


@pytest.fixture
def run(tmp_path: Path, tapped: Tapped) -> Iterator[Run]:
    """A project of four tenants, each with its credential from another place, and a folder for what is temporary."""
    root = tmp_path / "left"
    for name in ("project/tenants", "tmp", "home"):
        (root / name).mkdir(parents=True)
    command = tmp_path / "credentials.py"
    third = districts()[2]
    pair = json.dumps({"client_id": third.client_id, "client_secret": COMMANDED})
    command.write_text(f"import os, sys\nsys.stderr.write({COMMANDED!r})\nprint({pair!r})\n")
    environ = {
        "PATH": Environment.of_process().variables["PATH"],
        "HOME": str(root / "home"),
        "TMPDIR": str(root / "tmp"),
        "XDG_STATE_HOME": str(root / "home"),
        "VENDOR_KEY": VENDOR,
        "NAMED_ID": districts()[1].client_id,
        "NAMED_SECRET": NAMED,
    }
    with running(tapped) as server:
        (root / "project/scopesync.yaml").write_text(PROJECT.format(base_url=server.base_url))
        yield Run(root, environ)


def _credentials(run: Run) -> None:
    """Give each tenant its place: files, the environment, a command. The last one keeps that of its record."""
    filed, named, *_ = districts()
    (run.root / "project/filed.txt").write_text(f"{FILED}\n")
    (run.root / "project/filed.id").write_text(filed.client_id)
    _append(run, filed, "credentials: {client_id: file:filed.id, client_secret: file:filed.txt}\n")
    _append(run, named, "credentials: {client_id: env:NAMED_ID, client_secret: env:NAMED_SECRET}\n")
    command = shlex.join([sys.executable, str(run.root.parent / "credentials.py")])
    run.environ = {**run.environ, "SCOPESYNC_CREDENTIAL_COMMAND": command}


def _append(run: Run, district: District, text: str) -> None:
    path = run.file_of(district)
    path.write_text(path.read_text() + text)


def test_fault_39_nothing_is_left_by_the_whole_loop(run: Run, tapped: Tapped) -> None:
    run("import", "--all", expected=0)
    run("tenants", expected=0)
    run("tenants", "--format", "json", expected=0)
    run("plan", run.file_of(districts()[3]).stem, expected=0)
    _credentials(run)
    for district in districts():
        path = run.file_of(district)
        path.write_text(path.read_text().replace("    name: ", "    name: New ", 1))
    names = [run.file_of(district).stem for district in districts()[:3]]
    saved = str(run.root / "plan.json")
    run("plan", *names, "--out", saved, expected=0)
    run("plan", *names, "--format", "markdown", expected=0)
    run("show", saved, expected=0)
    run("apply", "--plan", saved, "--yes", expected=0)
    run("drift", *names, "--format", "json", expected=0)
    assert len(tapped.tokens) > 12
    _check(run.left(), [VENDOR, *ALL, *tapped.tokens], but=run.root / "project/filed.txt")


def _quotes(secret: str, status: int, **when: Any) -> dict[str, Any]:
    """A server that quotes in its refusals what it was sent."""
    error = {"message": f"no {secret} here", "details": [secret]}
    return {"when": when, "do": {"answer": {"status": status, "json": {"error": error}}}}


def test_fault_39_nothing_is_left_when_the_server_quotes_it(run: Run, tapped: Tapped) -> None:
    run("import", "--all", expected=0)
    _credentials(run)
    first, second, third, _ = (district.id for district in districts())
    quoting = [
        _quotes(FILED, 400, tenant=first, operation="list"),
        _quotes(NAMED, 401, tenant=second, operation="token"),
        _quotes(COMMANDED, 400, tenant=third, operation="list"),
        _quotes(VENDOR, 400, operation=["list-tenants", "find-tenant"]),
    ]
    tapped.faulty.use(read_script({"faults": quoting}))
    for form in ("text", "json", "markdown"):
        run("plan", "--format", form, "--out", str(run.root / f"plan-{form}.json"), expected=6)
    run("tenants", "--format", "json", expected=6)
    run("drift", expected=6)
    run("apply", "--yes", expected=6)
    assert len(tapped.faulty.struck) > 12
    _check(run.left(), [VENDOR, *ALL, *tapped.tokens], but=run.root / "project/filed.txt")


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("secret", [VENDOR, FILED])
def test_fault_39_nothing_is_left_by_a_crash(tmp_path: Path, form: str, secret: str) -> None:
    environ = {"PATH": Environment.of_process().variables["PATH"], "CANARY": secret}
    program = [sys.executable, "-c", CRASH, "-vv", "crash", "--format", form]
    done = subprocess.run(program, capture_output=True, check=False, env=environ, cwd=tmp_path)
    assert done.returncode == 1
    said = done.stdout + done.stderr
    assert b"RuntimeError" in said
    assert b"Traceback" in done.stderr
    assert b"KeyError" in done.stderr
    assert b"***" in said
    _check({"output": said}, [secret])
    assert not list(tmp_path.iterdir())
