"""What every command and question looks up: people, definitions, a plan's row and state."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Self

from workflow import audit, messages
from workflow.clock import Clock, local_day
from workflow.deadlines.calendars import NO_RULES, CalendarRules
from workflow.decide.amending import is_amended
from workflow.decide.situation import Process
from workflow.errors import IntegrityBroken, NotFound
from workflow.language.definition import Definition
from workflow.people import Register
from workflow.plan.state import PlanState
from workflow.processes import Processes, Source
from workflow.registry import Registry
from workflow.settings import WorkerSettings
from workflow.store.interface import DefinitionRow, PlanRow, Store
from workflow.views.plans import DefinitionSummary

_STATES_KEPT = 256
"""How many plans' states a process keeps: a batch of commands reads each plan's state once."""


class Lookup:
    """Reads of one workspace.

    Args:
        sources: The definitions on file here, by id; read only when one is started or listed.
        read_register: Parses a people register: (text, file name) -> (register, canonical bytes).
        login: OS account and host of this process, on a database server also the `session_user` that it let in.
        delivery: How effects are carried out.
    """

    def __init__(
        self,
        store: Store,
        registry: Callable[[], Registry],
        clock: Clock,
        *,
        sources: Callable[[], Mapping[str, Source]],
        read_register: Callable[[bytes, str], tuple[Register, bytes]],
        condition: Callable[[str, Mapping[str, Any]], bool],
        login: Mapping[str, str] | None = None,
        delivery: WorkerSettings | None = None,
    ) -> None:
        self.store = store
        self.clock = clock
        self.login = login
        self.delivery = delivery or WorkerSettings()
        self.sources = sources
        self.read_register = read_register
        self.condition = condition
        self._registry = registry
        self.processes = Processes(store, registry, condition, lambda: self.calendar_rules)
        self._people: tuple[Register, str] | None = None
        self._calendar: tuple[CalendarRules, str] | None = None
        self._states: dict[str, tuple[bytes, PlanState]] = {}

    @classmethod
    def sharing(cls, other: Lookup) -> Self:
        """Return one of this class that asks the same store and knows what *other* knows."""
        made = cls.__new__(cls)
        made.__dict__.update(other.__dict__)
        return made

    @property
    def registry(self) -> Registry:
        """The plugins; loaded when first needed."""
        return self._registry()

    # people

    @property
    def register(self) -> Register:
        """The people register in force."""
        return self._loaded_people()[0]

    @property
    def people_version(self) -> str:
        """The version of the people register in force; empty where none was loaded."""
        return self._loaded_people()[1]

    def forget_people(self) -> None:
        """Read the register anew when it is next needed."""
        self._people = None

    def _loaded_people(self) -> tuple[Register, str]:
        if self._people is None:
            row = self.store.latest_workspace_event(messages.PEOPLE_LOADED)
            if row is None:
                self._people = (Register.model_validate({"people": 1}), "")
            else:
                data = audit.event_of(row.body).data
                content = b"".join(self.store.file(data["sha256"]))
                if hashlib.sha256(content).hexdigest() != data["sha256"]:
                    raise IntegrityBroken("the people register in the database is not the one that was loaded")
                self._people = (Register.model_validate_json(content), data["version"])
        return self._people

    # the calendar

    @property
    def calendar_rules(self) -> CalendarRules:
        """The calendar file in force; one without a word where none was loaded."""
        return self._loaded_calendar()[0]

    @property
    def calendar_version(self) -> str:
        """The version of the calendar file in force; empty where none was loaded."""
        return self._loaded_calendar()[1]

    def forget_calendar(self) -> None:
        """Read the calendar file anew when it is next needed."""
        self._calendar = None
        self.processes.forget()

    def _loaded_calendar(self) -> tuple[CalendarRules, str]:
        if self._calendar is None:
            row = self.store.latest_workspace_event(messages.CALENDAR_LOADED)
            if row is None:
                self._calendar = (NO_RULES, "")
            else:
                data = audit.event_of(row.body).data
                content = b"".join(self.store.file(data["sha256"]))
                if hashlib.sha256(content).hexdigest() != data["sha256"]:
                    raise IntegrityBroken("the calendar file in the database is not the one that was loaded")
                self._calendar = (CalendarRules.model_validate_json(content), data["version"])
        return self._calendar

    # definitions

    def process(self, row: DefinitionRow) -> Process:
        """The process of a definition row."""
        return self.processes.of_row(row)

    def process_of(self, hash_: str) -> Process:
        """The process of a pinned definition."""
        return self.processes.pinned(hash_)

    def definition_to_start(self, reference: str) -> DefinitionRow:
        """The row of `id` (newest version on file, else the newest pinned) or `id@version`."""
        return self.processes.to_start(reference, self.sources())

    def definitions(self) -> tuple[DefinitionSummary, ...]:
        """Every definition on file or pinned, by id and version."""
        found: dict[tuple[str, int, str], DefinitionSummary] = {}
        pinned = {row.hash: row for row in self.store.definitions()}
        for source in self.sources().values():
            definition = source.definition
            found[definition.id, definition.version, source.hash] = DefinitionSummary(
                definition.id, definition.version, definition.title, source.hash, source.name, source.hash in pinned
            )
        for row in pinned.values():
            definition = self.processes.definition_of_row(row)
            key = (row.id, row.version, row.hash)
            source = "amendment" if is_amended(row.id) else "database"
            found.setdefault(key, DefinitionSummary(*key[:2], definition.title, row.hash, source, True))
        return tuple(found[key] for key in sorted(found))

    def definition(self, reference: str) -> tuple[Definition, str]:
        """The definition that *reference* (`id` or `id@version`) means, with its hash."""
        row = self.definition_to_start(reference)
        return Definition.model_validate_json(row.body), row.hash

    # plans

    def require_plan(self, plan: str) -> PlanRow:
        """The plan's row.

        Raises:
            NotFound: If there is no such plan.
        """
        row = self.store.plan(unicodedata.normalize("NFC", plan))
        if row is None:
            raise NotFound(
                "there is no plan `{plan}`",
                code="unknown-plan",
                hint="`workflow list` shows the plans",
                plan=plan[:120],
            )
        return row

    def state_of(self, row: PlanRow) -> PlanState:
        """The plan's state as stored.

        Raises:
            IntegrityBroken: If it cannot be read.
        """
        kept = self._states.get(row.id)
        if kept is not None and kept[0] == row.state:
            return kept[1]
        try:
            state = PlanState.from_data(audit.from_stored(row.state))
        except (ValueError, TypeError, KeyError) as error:
            raise IntegrityBroken(
                "the stored state of {plan} cannot be read",
                hint="`workflow audit verify {plan}` tells what differs",
                plan=row.id,
            ) from error
        self.keep_state(row, state)
        return state

    def keep_state(self, row: PlanRow, state: PlanState) -> None:
        """Keep what the row's bytes say; the same bytes say the same again."""
        if len(self._states) >= _STATES_KEPT and row.id not in self._states:
            self._states.pop(next(iter(self._states)), None)
        self._states[row.id] = (row.state, state)

    def today(self) -> date:
        """The local day."""
        return local_day(self.clock.now())
