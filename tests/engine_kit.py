"""A service over a store in memory, for tests of the engine: one office, a few people, simple types."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from workflow.audit import canonical_json
from workflow.clock import SimulatedClock
from workflow.language.conditions import evaluate
from workflow.language.definition import Definition
from workflow.people import Register
from workflow.processes import Source
from workflow.registry import Registry
from workflow.service.service import Service
from workflow.store.interface import Store
from workflow.store.memory import MemoryStore
from workflow.views.plans import Write

PEOPLE = {
    "people": 1,
    "units": {"office": {"name": "Phòng"}, "dept-a": {"name": "Sở A"}, "dept-b": {"name": "Sở B"}},
    "persons": {
        "officer": {"name": "Cán bộ", "unit": "office"},
        "other": {"name": "Người khác", "unit": "office"},
        "boss": {"name": "Giám đốc", "unit": "office"},
        "deputy": {"name": "Phó Giám đốc", "unit": "office"},
        "stranger": {"name": "Người ngoài", "unit": "dept-a"},
        "bound": {"name": "Có đăng nhập", "unit": "office", "login": "someone-else"},
    },
    "offices": {
        "director": {
            "title": "Giám đốc",
            "unit": "office",
            "holders": [
                {"person": "officer", "from": "2020-01-01", "until": "2025-12-31"},
                {"person": "boss", "from": "2026-01-01"},
            ],
            "deputies": [{"person": "deputy", "from": "2026-01-01"}],
        }
    },
    "roles": {
        "drafter": {"title": "Soạn thảo", "holders": ["officer", "other", "bound"]},
        "clerk": {"title": "Văn thư", "holders": ["officer"], "records_for": ["dept-a", "dept-b"]},
    },
}

_REGISTRY = Registry()


def definition_of(shape: Mapping[str, Any]) -> Definition:
    """Return a definition `d` with the keys of *shape* over simple defaults."""
    base = {"workflow": 1, "id": "d", "version": 1, "title": "Thử nghiệm", "by": "drafter"}
    return Definition.model_validate({**base, **shape})


def source_of(definition: Definition) -> Source:
    """Return *definition* as if read from a file."""
    body = canonical_json(definition.as_data())
    return Source(definition, body, hashlib.sha256(body).hexdigest(), "d.yaml")


def register_of(text: bytes, name: str) -> tuple[Register, bytes]:
    """Read a register from canonical JSON."""
    return Register.model_validate_json(text), text


def service_with(
    *definitions: Definition,
    store: Store | None = None,
    registry: Registry | None = None,
    login: Mapping[str, str] | None = None,
) -> Service:
    """Return a service with *definitions* on file and `PEOPLE` loaded; its clock stands in June 2026."""
    sources = {definition.id: source_of(definition) for definition in definitions}
    chosen = registry or _REGISTRY
    service = Service(
        store or MemoryStore(),
        lambda: chosen,
        SimulatedClock(datetime(2026, 6, 1, 2, tzinfo=UTC)),
        sources=lambda: sources,
        read_register=register_of,
        condition=evaluate,
        login=login,
    )
    service.load_people(canonical_json(PEOPLE), "people.yaml", Write(actor=None))
    return service


def OFFICER_AT(day: date, actor: str = "officer", **more: Any) -> Write:  # noqa: N802 - reads as a constant
    """Return the options of a write by the drafting officer, for something that happened on *day*."""
    return Write(actor=actor, on=day, **more)
