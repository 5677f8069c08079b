from __future__ import annotations

import inspect

import pytest

from scopesync.environment import ACTORS, GITHUB_RUN, JOB_URLS, VARIABLES, Environment

PROPERTIES = [name for name, _ in inspect.getmembers(Environment, lambda one: isinstance(one, property))]


class Noting(dict[str, str]):
    """Variables that all have the value "1", and a note of which were asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[str] = set()

    def get(self, name: str, _default: object = None) -> str:
        self.asked.add(name)
        return "1"


def test_every_declared_variable_is_read_and_no_other() -> None:
    variables = Noting()
    for name in PROPERTIES:
        getattr(Environment(variables), name)
    asked = variables.asked
    for group in (ACTORS, JOB_URLS):  # of these the first that is set is enough
        assert getattr(Environment({group[-1].name: "last"}), "actor" if group is ACTORS else "job_url") == "last"
        asked |= {variable.name for variable in group}
    assert asked == {variable.name for variable in VARIABLES}


def test_no_value_shows_in_a_repr() -> None:
    assert "canary" not in repr(Environment({"SPRINGFIELD_SECRET": "canary"}))


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, None),
        ({"USER": "lisa"}, "lisa"),
        ({"USER": "runner", "SUDO_USER": "lisa", "GITHUB_ACTOR": ""}, "lisa"),
        ({"USER": "runner", "GITLAB_USER_LOGIN": "bart", "GITHUB_ACTOR": "lisa"}, "lisa"),
    ],
)
def test_whoever_started_a_job_comes_before_the_account(variables: dict[str, str], expected: str | None) -> None:
    assert Environment(variables).actor == expected


def test_a_page_of_a_github_job_is_made_of_three_variables_or_not_at_all() -> None:
    whole = {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "a/b", "GITHUB_RUN_ID": "7"}
    assert {variable.name for variable in GITHUB_RUN} == set(whole)
    assert Environment(whole).job_url == "https://github.com/a/b/actions/runs/7"
    assert Environment(whole | {"GITHUB_RUN_ID": ""}).job_url is None


@pytest.mark.parametrize(("text", "columns"), [("80", 80), ("0", None), ("", None), ("wide", None), ("-1", None)])
def test_a_width_is_a_positive_number(text: str, columns: int | None) -> None:
    assert Environment({"COLUMNS": text}).columns == columns


def test_a_variable_that_a_file_names_may_be_empty_and_is_then_not_unset() -> None:
    environment = Environment({"EMPTY": ""})
    assert (environment.named("EMPTY"), environment.named("UNSET")) == ("", None)


def test_the_process_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCOPESYNC_LEDGER_URL", "postgresql://one")
    environment = Environment.of_process()
    monkeypatch.setenv("SCOPESYNC_LEDGER_URL", "postgresql://two")
    assert environment.ledger_url == "postgresql://one"
