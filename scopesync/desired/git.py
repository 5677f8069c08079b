"""Git, asked in such a way that nothing in a checkout is run.

Belongs here: every git process of the package, and which repository is believed. Does not belong here: what a file of a
commit means (revision, project), whether files differ from a commit (source).

A pull request can write every file of a checkout but those below a folder named `.git`: git refuses that name in a
commit. So it can write `.gitattributes`, which choose among the filters that a person has configured. And it can write
a folder with `HEAD`, `objects`, `refs` and a `config` of its own, which git takes for a bare repository. Therefore:

1. Git is started only in a folder that has a `.git`, and its answer is believed only when it speaks of that one.
2. Only commands are used that read objects, names and the index. None of them converts the content of a file, so no
   filter and no textconv runs. Files are compared by their hash (`is_same`).
3. What a configuration could have run all the same is switched off (`_SETTINGS`, `_ENVIRONMENT`).

Git's own check of a repository's owner stays: neither `safe.directory` nor `GIT_DIR` is ever set, and the system's and
the person's configuration are read, for their exceptions to that check are there.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, NamedTuple

from scopesync.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

TIMEOUT_S = 60

LINK = "120000"
SUBMODULE = "160000"
"""Modes of a commit's entries: a symbolic link, and the commit of another repository."""

SPARSE = "S"
"""The tag of a file that a sparse checkout leaves out (`git ls-files -t`)."""

_SETTINGS = {
    "safe.bareRepository": "explicit",  # a second lock: git before 2.38 does not know it
    "core.fsmonitor": "false",  # else a command of the configuration is asked which files have changed
    "core.hooksPath": os.devnull,
    "core.attributesFile": os.devnull,
    "submodule.recurse": "false",
}
_ENVIRONMENT = {
    "LC_ALL": "C",  # `_FOREIGN` is looked for in what git says
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ALLOW_PROTOCOL": "",  # nothing is fetched: no ssh, no credential helper, no remote helper
    "GIT_NO_LAZY_FETCH": "1",  # the same for the missing objects of a partial clone
}
_PASSED_ON = ("PATH", "HOME")
_FOREIGN = ("dubious ownership", "unsafe repository")
_SHA1_DIGITS = 40
_PARTIAL = "a partial clone lacks files of older commits: clone without --filter"


class Entry(NamedTuple):
    """What a commit holds under one name: a file, a link, or the commit of a submodule."""

    mode: str
    id: str


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository, and the folder in it that is asked about.

    `top` is where its files are. `folder` is relative to it, with `/` at its end; "" for `top` itself. Names that are
    taken and given are relative to that folder.
    """

    top: Path
    folder: str

    def path(self, name: str) -> Path:
        """Where the file of that name is."""
        return self.top / self.folder / name

    def commit(self, ref: str) -> str | None:
        """The full id of the commit that `ref` names; None where it is not here."""
        return self._one("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")

    def merge_base(self, one: str, other: str) -> str | None:
        """The last commit that both come from; None where they have none, or a shallow clone lacks it."""
        return self._one("merge-base", one, other)

    def tree(self, commit: str) -> Mapping[str, Entry]:
        """Every file, link and submodule below the folder at that commit, by name; none without such a folder."""
        folder = [self.folder] if self.folder else []
        found = {}
        for record in self._records("ls-tree", "-r", "-z", "--full-tree", commit, *folder):
            about, _, name = record.partition("\t")
            mode, _, object_id = about.split(" ")
            found[name.removeprefix(self.folder)] = Entry(mode, object_id)
        return found

    def present(self) -> Mapping[str, str]:
        """The names in the index and of files that are not ignored, each with its tag of `git ls-files -t`."""
        found = {}
        for record in self._records(
            "ls-files", "-t", "-z", "--cached", "--others", "--exclude-standard", "--", self.folder or "."
        ):
            tag, _, name = record.partition(" ")
            found[name.removeprefix(self.folder)] = tag
        return found

    def contents(self, ids: Iterable[str]) -> Iterator[bytes]:
        """What those files and links hold, in that order, as git keeps it.

        Raises UsageError for one that is not here.
        """
        asked = "".join(f"{one}\n" for one in ids)
        with TemporaryFile() as answer:
            done = _run(self.top, "cat-file", "--batch", stdin=asked.encode(), stdout=answer)
            if done.returncode:
                raise UsageError(f"git cat-file failed: {_words(done)}", hint=_PARTIAL)
            answer.seek(0)
            while heading := answer.readline():
                yield _content(heading.decode().split(), answer)

    def submodule(self, name: str) -> Repository | None:
        """The repository of the submodule in that folder; None where it is not checked out."""
        place = self.path(name)
        return Repository(place, "") if _is_repository(place) else None

    def _one(self, *arguments: str) -> str | None:
        """The one line of an answer, None for no."""
        done = _run(self.top, *arguments)
        return None if done.returncode else os.fsdecode(done.stdout).strip()

    def _records(self, *arguments: str) -> list[str]:
        done = _run(self.top, *arguments)
        if done.returncode:
            raise UsageError(f"git {arguments[0]} failed: {_words(done)}")
        return [os.fsdecode(record) for record in done.stdout.split(b"\0") if record]


def repository_of(folder: Path) -> Repository:
    """The repository that the folder is in: the nearest `.git` above or in it that git takes for one.

    Raises UsageError when there is none, when it is another user's, and when git cannot be run.
    """
    asked = folder.resolve()
    for place in (asked, *asked.parents):
        if _is_repository(place):
            below = asked.relative_to(place).as_posix()
            return Repository(place, "" if below == "." else f"{below}/")
    raise UsageError(f"{folder} is not in a git repository")


def is_same(path: Path, entry: Entry) -> bool:
    """Whether the file or link is what the commit holds; line ends as Windows writes them count as the same."""
    content = _content_of(path, link=entry.mode == LINK)
    if content is None:
        return False
    return entry.id in (_blob_id(content, like=entry.id), _blob_id(plain_line_ends(content), like=entry.id))


def plain_line_ends(content: bytes) -> bytes:
    """The content as git keeps it where it converts line ends at a checkout (`core.autocrlf`, `eol=crlf`)."""
    return content.replace(b"\r\n", b"\n")


def _is_repository(place: Path) -> bool:
    """Whether the folder is the top of a repository that may be believed. Raises UsageError for another user's.

    Git reads the `.git` of the folder that it is started in before anything else there.
    """
    if not os.path.lexists(place / ".git"):
        return False
    done = _run(place, "rev-parse", "--show-cdup", "--absolute-git-dir")
    if any(words in _words(done) for words in _FOREIGN):
        hint = f"if you trust it: git config --global --add safe.directory {place}"
        raise UsageError(f"git does not read {place}: it belongs to another user", hint=hint)
    # The way up to the top comes first. It is an empty line here: else git has found something else, further up.
    if done.returncode or not done.stdout.startswith(b"\n"):
        return False
    git_folder = Path(os.fsdecode(done.stdout[1:].removesuffix(b"\n"))).resolve()
    return ".git" in git_folder.parts or not _in_checkout(git_folder, place)


def _in_checkout(git_folder: Path, place: Path) -> bool:
    """Whether a `.git` file in `place` names a folder where a pull request could have put it.

    A worktree of a bare repository names one outside, which is fine. No commit can hold a `.git` file, but an archive
    that was unpacked in a checkout can.
    """
    if git_folder.is_relative_to(place):
        return True
    try:
        around = repository_of(place.parent)
    except UsageError:
        return False
    return git_folder.is_relative_to(around.top)


def _run(
    folder: Path, *arguments: str, stdin: bytes = b"", stdout: int | IO[bytes] = subprocess.PIPE
) -> subprocess.CompletedProcess[bytes]:
    """A git command that has ended, well or not. Raises UsageError where it cannot be run."""
    environ = _environ()
    program = shutil.which("git", path=environ.get("PATH", ""))
    if program is None:
        raise UsageError("git cannot be asked: there is no program of that name on the PATH")
    settings = [word for name, value in _SETTINGS.items() for word in ("-c", f"{name}={value}")]
    command = [program, "--no-pager", "--no-optional-locks", "--literal-pathspecs", *settings, *arguments]
    try:
        return subprocess.run(  # noqa: S603 - no shell; a ref can be no option (--end-of-options)
            command,
            cwd=folder,
            env=environ,
            input=stdin,
            stdout=stdout,
            stderr=subprocess.PIPE,
            check=False,
            timeout=TIMEOUT_S,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise UsageError(f"git cannot be asked: {error}") from error


def _environ() -> dict[str, str]:
    """PATH and HOME, and what keeps git quiet. GIT_DIR, which git sets for hooks, is not passed on, nor any of its kin.

    A relative folder of the PATH would be looked for in the checkout.
    """
    own = os.environ  # noqa: TID251 - nothing is decided by it here: git gets the PATH and HOME that we have
    environ = {name: own[name] for name in _PASSED_ON if name in own}
    folders = environ.get("PATH", "").split(os.pathsep)
    environ["PATH"] = os.pathsep.join(folder for folder in folders if Path(folder).is_absolute())
    return environ | _ENVIRONMENT


def _words(done: subprocess.CompletedProcess[bytes]) -> str:
    return done.stderr.decode("utf-8", "replace").strip()


def _content(heading: list[str], answer: IO[bytes]) -> bytes:
    """One object of a batch: its heading (id, type, size) has been read, a line end follows it."""
    if heading[-1] == "missing":
        raise UsageError(f"git does not have the object {heading[0]} here", hint=_PARTIAL)
    content = answer.read(int(heading[-1]))
    answer.read(1)
    return content


def _content_of(path: Path, *, link: bool) -> bytes | None:
    """What the file holds, or where the link leads; None where it is no such thing. Nothing else is opened."""
    try:
        mode = path.lstat().st_mode
        if link:
            return os.fsencode(path.readlink()) if stat.S_ISLNK(mode) else None
        return path.read_bytes() if stat.S_ISREG(mode) else None
    except OSError:
        return None


def _blob_id(content: bytes, *, like: str) -> str:
    """The id that git gives to a file of that content, by the hash of the repository (SHA-1, or SHA-256).

    By hand, for `git hash-object` takes no name with a line break, and runs filters if it is asked in the wrong way.
    """
    algorithm = "sha1" if len(like) == _SHA1_DIGITS else "sha256"
    found = hashlib.new(algorithm, b"blob %d\0" % len(content), usedforsecurity=False)
    found.update(content)
    return found.hexdigest()
