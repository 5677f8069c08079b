from __future__ import annotations

from typing import Any

from rich.cells import cell_len

from scopesync.report.tenants_text import tenants_text

ID = "7b0e0c0e-6d8b-4d9e-9a52-0f6f6b3f5a11"


def _tenant(name: str | None, **known: Any) -> dict[str, Any]:
    tenant = {"id": ID, "name": name, "connection": "us2", "license": {"status": "active"}, "file": "tenants/a.yaml"}
    return {**tenant, "status": {"op_state": "running", "last_sync_at": "2025-05-25T20:25:49Z"}, **known}


TENANTS = {"tenants": [_tenant("Springfield"), _tenant("日本語学校", file=None, license={"status": None})]}


def test_where_it_fits_tenants_are_a_table_of_cells() -> None:
    assert tenants_text(TENANTS, width=130).splitlines() == [
        "name         id                                    connection  license  state    last sync             file",
        f"Springfield  {ID}  us2         active   running  2025-05-25T20:25:49Z  tenants/a.yaml",
        f"日本語学校   {ID}  us2         -        running  2025-05-25T20:25:49Z  -",
    ]


def test_where_a_table_does_not_fit_each_tenant_says_what_it_has() -> None:
    assert tenants_text(TENANTS, width=80).splitlines() == [
        "Springfield",
        f"  id {ID}, connection us2",
        "  license active, state running, last sync 2025-05-25T20:25:49Z",
        "  file tenants/a.yaml",
        "日本語学校",
        f"  id {ID}, connection us2",
        "  license -, state running, last sync 2025-05-25T20:25:49Z",
        "  file -",
    ]


def test_no_name_is_too_long_and_none_acts_on_a_terminal() -> None:
    text = tenants_text({"tenants": [_tenant("長い" * 60 + "\x1b[2J"), _tenant(None)]}, width=80)
    assert max(cell_len(line) for line in text.splitlines()) <= 80
    assert "\x1b" not in text
    assert "".join(text.split()).startswith("長い" * 60 + r"\x1b[2J")
