"""A tenant's credential from a program: the one that SCOPESYNC_CREDENTIAL_COMMAND names.

Belongs here: running it and reading what it prints. Does not belong here: where the command comes from (the environment
alone: a file of the project never names one, because a pull request could change it), whether it is asked at all
(`credentials`).

It is run without a shell, in `/`: no file of the project's folder is taken for a program or a library. It finds in its
environment, besides ours, SCOPESYNC_TENANT_ID, SCOPESYNC_TENANT_NAME and SCOPESYNC_CONNECTION, and prints
`{"client_id": "…", "client_secret": "…"}`. Its stderr is discarded, for it may hold a secret.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import time
from contextlib import contextmanager, suppress
from threading import Thread
from typing import IO, TYPE_CHECKING

from scopesync.environment import CREDENTIAL_COMMAND
from scopesync.errors import AnswerError, CredentialError
from scopesync.live.answer_shape import json_object

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from scopesync.model import Tenant

VARIABLE = CREDENTIAL_COMMAND.name
TIMEOUT_S = 30.0
MOST_OUTPUT = 64 * 1024
"""Bytes; a pair is far shorter."""


def asked_command(
    command: str, tenant: Tenant, connection: str, environ: Mapping[str, str], *, timeout_s: float = TIMEOUT_S
) -> tuple[str, str]:
    """The client id and secret that the command prints for this tenant, unchecked. Raises CredentialError.

    Nothing that it printed is in an error: a failure may well be a secret in the wrong place.
    """
    variables = {
        "SCOPESYNC_TENANT_ID": tenant.id,
        "SCOPESYNC_TENANT_NAME": tenant.name,
        "SCOPESYNC_CONNECTION": connection,
    }
    output = _output(_words(command), {**environ, **variables}, tenant, timeout_s)
    try:
        content = json_object(output, VARIABLE)
    except AnswerError as error:
        raise _failed(tenant, "did not print one JSON object") from error
    client_id = content.get("client_id")
    secret = content.get("client_secret")
    are_texts = isinstance(client_id, str) and isinstance(secret, str)
    if not are_texts or not client_id or not secret:
        raise _failed(tenant, "did not print a text under both client_id and client_secret")
    return client_id, secret


def _words(command: str) -> list[str]:
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise CredentialError(f"{VARIABLE} cannot be split into words: {error}", hint="close every quote") from error
    if not words:
        raise CredentialError(f"{VARIABLE} names no program", hint="unset it, or name one by its absolute path")
    return words


def _output(words: list[str], environ: Mapping[str, str], tenant: Tenant, timeout_s: float) -> bytes:
    ends_at = time.monotonic() + timeout_s
    with _running(words, environ, tenant) as process:
        assert process.stdout is not None
        output = _read(process.stdout, ends_at, tenant)
        try:
            code = process.wait(max(0.0, ends_at - time.monotonic()))
        except subprocess.TimeoutExpired as error:
            raise _failed(tenant, "took too long") from error
    if code != 0:
        raise _failed(tenant, f"ended with {code}")
    return output


@contextmanager
def _running(words: list[str], environ: Mapping[str, str], tenant: Tenant) -> Iterator[subprocess.Popen[bytes]]:
    """The program; if the block fails, it and all that it started are ended."""
    try:
        process = subprocess.Popen(  # noqa: S603 - that it is run is what the person who set the variable asked for
            words,
            cwd="/",
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "a NUL in its words or in the environment"
        raise _failed(tenant, f"cannot be run: {reason}") from error
    with process:
        try:
            yield process
        except BaseException:
            _end(process)
            raise


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the program and all that it started: its session, or its descendants where there are no sessions."""
    if hasattr(os, "killpg") and hasattr(signal, "SIGKILL"):
        with suppress(ProcessLookupError):  # it has ended by itself meanwhile
            os.killpg(process.pid, signal.SIGKILL)
        return
    import psutil  # noqa: PLC0415 - needed where POSIX is not

    with suppress(psutil.NoSuchProcess):
        for started in psutil.Process(process.pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                started.kill()
    process.kill()


def _read(stream: IO[bytes], ends_at: float, tenant: Tenant) -> bytes:
    """All that the program prints, within the time and the size that are allowed.

    A thread reads, for Windows cannot wait for a pipe. It reads from a descriptor of its own: where something that the
    program left behind keeps the other end open, the thread outlives this call, and the stream's own descriptor is
    closed and its number given to another pipe.
    """
    output = bytearray()
    own = os.dup(stream.fileno())

    def read() -> None:
        with os.fdopen(own, "rb", buffering=0) as pipe:
            while len(output) <= MOST_OUTPUT and (piece := pipe.read(MOST_OUTPUT)):
                output.extend(piece)

    reader = Thread(target=read, name="credential command", daemon=True)
    reader.start()
    reader.join(max(0.0, ends_at - time.monotonic()))
    if len(output) > MOST_OUTPUT:
        raise _failed(tenant, f"printed more than {MOST_OUTPUT} bytes")
    if reader.is_alive():
        raise _failed(tenant, "took too long")
    return bytes(output)


def _failed(tenant: Tenant, what: str) -> CredentialError:
    return CredentialError(
        f"tenant {tenant.name}: the command of {VARIABLE} {what}",
        hint=f"run it by hand, in /, with SCOPESYNC_TENANT_ID={tenant.id} and SCOPESYNC_TENANT_NAME={tenant.name}",
    )
