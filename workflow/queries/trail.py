"""The trail as a reviewer reads it: events filtered, and the whole record verified."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cache, partial
from itertools import islice

from workflow import audit
from workflow.clock import LOCAL
from workflow.errors import IntegrityBroken, InvalidInput, NotFound
from workflow.language.definition import Text
from workflow.messages import ATTEMPT_REFUSED, PLAN_EVENTS, WORKSPACE_CHAIN, WORKSPACE_EVENTS, text_references
from workflow.names import bare_letters
from workflow.queries.losses import losses
from workflow.queries.verifying import Verifying
from workflow.queries.walks import Together, Walk, meeting
from workflow.store.interface import EventRow
from workflow.store.trails import BEGINNING, DOCUMENT, END, PLAN, UNDOING, UNIT, Along, Key, subjects_of
from workflow.views.recording import AuditEntry

_PAGE = 500
_MOST_NEAR = 5
_LEAST_HEAD = 6
"""So many digits of a file's hash are enough to name it."""


@dataclass(frozen=True)
class _Filter:
    """What is asked for: subjects of which an event has one, for each of several questions; bounds as instants."""

    since: str = ""
    until: str = END
    by: str | None = None
    type: str | None = None
    subjects: tuple[tuple[str, ...], ...] = ()

    def fits(self, row: EventRow) -> bool:
        if not self.since <= row.recorded_at <= self.until:
            return False
        if self.by not in (None, row.actor) or self.type not in (None, row.type):
            return False
        if not self.subjects:
            return True
        has = set(subjects_of(row.body))
        return all(has.intersection(wanted) for wanted in self.subjects)

    def walks(self) -> list[list[tuple[Along, str]]]:
        """What to walk along for each filter, several where one of several values will do."""
        found: list[list[tuple[Along, str]]] = [[("subject", each) for each in wanted] for wanted in self.subjects]
        if self.by is not None:
            found.append([("actor", self.by)])
        if self.type is not None:
            found.append([("type", self.type)])
        return found


class Trail(Verifying):
    """Questions about events."""

    def audit(
        self,
        plan: str | None = None,
        *,
        since: date | None = None,
        until: date | None = None,
        by: str | None = None,
        unit: str | None = None,
        document: str | None = None,
        type: str | None = None,
        after: str = "",
        limit: int | None = None,
    ) -> Iterator[AuditEntry]:
        """Events in the order of their recording: of one plan with what was refused on it, or of all chains.

        Read page by page as far as it is asked for.

        Args:
            since: First day of recording.
            by: The person who recorded it.
            unit: For this unit, its divisions and their offices; or an office or role.
            document: A document's id in its definition, or the SHA-256 of a file, of which the head is enough.
            after: `PLAN#SEQ` of the event behind which to begin; of one plan the bare seq is enough.

        Raises:
            NotFound: If there is no such plan, type, person, unit or document.
            InvalidInput: If *after* is no event, *document* the head of several hashes, or *since* behind *until*.
        """
        if since is not None and until is not None and since > until:
            raise InvalidInput(
                "{since} lies behind {until}: there is no such time",
                code="since-after-until",
                hint="--since gives the first day, --until the last one",
                since=since.isoformat(),
                until=until.isoformat(),
            )
        if plan is not None and plan != WORKSPACE_CHAIN:
            plan = self.require_plan(plan).id
        if type is not None and type not in (*PLAN_EVENTS, *WORKSPACE_EVENTS):
            raise NotFound(
                "there is no event type `{type}`",
                code="unknown-type",
                hint="there are: {known}",
                type=type[:120],
                known=", ".join((*PLAN_EVENTS, *WORKSPACE_EVENTS)),
            )
        subjects = [self._subjects_of_unit(unit)] if unit is not None else []
        subjects += [(self._subject_of_document(document),)] if document is not None else []
        wanted = _Filter(_start(since), _end(until), by, type, tuple(subjects))
        behind = self._place(plan, after) if after else None
        rows = self._everything(wanted, behind) if plan is None else self._of_plan(plan, wanted, behind)
        undone, lost = cache(self.undone), cache(partial(losses, self.store))
        count = 0
        for row in islice(rows, limit):
            count += 1
            entry = self.entry(row)
            yield replace(entry, undone_by=undone(row.plan).get(row.seq), gone=lost(row.plan).of(entry.event))
        for reference in (by, unit):
            # Whoever left the register stays in the trail: only who stands in neither is a slip of the pen.
            if count == 0 and not after and reference is not None and not self.register.known(reference):
                raise self._nobody(reference, people=reference == by)

    def _everything(self, wanted: _Filter, behind: EventRow | None) -> Iterator[EventRow]:
        after = max((wanted.since, "", 0), _key(behind) if behind else BEGINNING)
        walks = wanted.walks() or [[("", "")]]
        if len(walks) == len(walks[0]) == 1:
            along, value = walks[0][0]
            while page := self.store.trail(along, value, after=after, until=wanted.until, limit=_PAGE):
                yield from page
                after = _key(page[-1])
            return
        sent = [Together([Walk(self.store, *each, wanted.until) for each in walk]) for walk in walks]
        for _, plan, seq in meeting(sent, after):
            if (row := self.store.event(plan, seq)) is not None:
                yield row

    def _of_plan(self, plan: str, wanted: _Filter, behind: EventRow | None) -> Iterator[EventRow]:
        """The plan's chain in its own order, with each refused attempt before what was recorded after it."""
        chain, refused = self._chain(plan, behind), self._refused(plan, behind)
        waiting = next(refused, None)
        for row in chain:
            while waiting is not None and waiting.recorded_at < row.recorded_at:
                if wanted.fits(waiting):
                    yield waiting
                waiting = next(refused, None)
            if wanted.fits(row):
                yield row
        while waiting is not None:
            if wanted.fits(waiting):
                yield waiting
            waiting = next(refused, None)

    def _chain(self, plan: str, behind: EventRow | None) -> Iterator[EventRow]:
        if behind is None or behind.plan == plan:
            yield from self.store.events(plan, after=behind.seq if behind else 0)
            return
        passed = False
        for row in self.store.events(plan):
            passed = passed or row.recorded_at > behind.recorded_at
            if passed:
                yield row

    def _refused(self, plan: str, behind: EventRow | None) -> Iterator[EventRow]:
        if plan == WORKSPACE_CHAIN:
            return
        after = BEGINNING
        if behind is not None:
            after = _key(behind) if behind.plan == WORKSPACE_CHAIN else (behind.recorded_at, "", 0)
        while page := self.store.trail("subject", PLAN + plan, after=after, limit=_PAGE):
            yield from page
            after = _key(page[-1])

    def undone(self, plan: str) -> dict[int, int]:
        """Which events of a plan were undone, and by which."""
        found, after = {}, BEGINNING
        while page := self.store.trail("subject", UNDOING + plan, after=after, limit=_PAGE):
            found.update((self.entry(row).event.data["seq"], row.seq) for row in page)
            after = _key(page[-1])
        return found

    def entry(self, row: EventRow) -> AuditEntry:
        """An event for people.

        Raises:
            IntegrityBroken: If its bytes cannot be read.
        """
        try:
            event = audit.event_of(row.body)
        except ValueError as error:
            raise IntegrityBroken(
                "event {seq} of {plan} cannot be read",
                hint="`workflow audit verify {plan}` tells what differs",
                seq=row.seq,
                plan=row.plan,
            ) from error
        return AuditEntry(
            event, row.hash.hex(), row.previous.hex(), self.store.texts(list(text_references(event.data)))
        )

    # what is asked for

    def _nobody(self, reference: str, *, people: bool) -> NotFound:
        register = self.register
        known = register.persons if people else (*register.units, *register.offices, *register.roles)
        near = _near(reference, {id_: register.name(id_) for id_ in known})
        return NotFound(
            "the people register has no `{ref}`",
            code="unknown-reference",
            hint="did you mean {near}?" if near else None,
            ref=reference[:120],
            near=near,
        )

    def _documents(self) -> dict[str, Text | None]:
        """The documents of every definition that was taken in."""
        found: dict[str, Text | None] = {}
        for row in self.store.definitions():
            if row.intact:
                documents = self.processes.definition_of_row(row).documents
                found |= {id_: document.title for id_, document in documents.items()}
        return found

    def _place(self, plan: str | None, after: str) -> EventRow | None:
        chain, mark, seq = unicodedata.normalize("NFC", after).rpartition("#")
        if not mark:
            chain = plan or ""
        row = None
        if seq.isascii() and seq.isdigit() and len(seq) < 10:
            if plan is not None and chain == plan and int(seq) == 0:
                return None
            row = self.store.event(chain, int(seq))
        of_this_plan = row is not None and (
            plan is None or row.plan == plan or PLAN + plan in subjects_of(row.body) and row.type == ATTEMPT_REFUSED
        )
        if not of_this_plan:
            raise InvalidInput(
                "`{cursor}` is no place in this trail",
                code="bad-cursor",
                hint="give `next` of the page before: PLAN#SEQ",
                cursor=after[:120].encode("utf-8", "replace").decode(),
            )
        return row

    def _subjects_of_unit(self, unit: str) -> tuple[str, ...]:
        register = self.register
        units = [unit]
        for each in units:
            units += [id_ for id_, other in register.units.items() if other.parent == each and id_ not in units]
        offices = [id_ for id_, office in register.offices.items() if office.unit in units]
        return tuple(dict.fromkeys(UNIT + name for name in (*units, *offices)))

    def _subject_of_document(self, document: str) -> str:
        subject = DOCUMENT + unicodedata.normalize("NFC", document)
        found = [subject] if next(iter(self.store.trail_keys("subject", subject, limit=1)), None) else []
        head = document.lower()
        if not found and len(head) >= _LEAST_HEAD and set(head) <= set("0123456789abcdef"):
            found = list(self.store.subjects(DOCUMENT + head))
        if not found:
            near = _near(document, self._documents())
            raise NotFound(
                "no event names a document `{document}`",
                code="unknown-document",
                hint="did you mean {near}?"
                if near
                else "give its id in the definition, or the beginning of a file's SHA-256",
                document=document[:120],
                near=near,
            )
        if len(found) > 1:
            raise InvalidInput(
                "`{document}` is the beginning of several: {found}",
                code="ambiguous-document",
                hint="give more of it",
                document=document,
                found=", ".join(each.removeprefix(DOCUMENT) for each in found),
            )
        return found[0]


def _near(name: str, known: Mapping[str, Text | None]) -> str:
    """Return the ids that the name may have been meant for: alike themselves, or with it in what they are called."""
    wanted = bare_letters(name[:200]).replace("-", " ")
    called = {
        id_: [bare_letters(id_).replace("-", " "), *(bare_letters(each) for each in (title.vi, title.en) if each)]
        if title is not None
        else [bare_letters(id_).replace("-", " ")]
        for id_, title in known.items()
    }
    parts = [id_ for id_, names in called.items() if len(wanted) > 2 and any(wanted in each for each in names)]
    alike = difflib.get_close_matches(wanted, [names[0] for names in called.values()], n=3, cutoff=0.6)
    parts += [id_ for id_, names in called.items() if names[0] in alike]
    return " / ".join(list(dict.fromkeys(parts))[:_MOST_NEAR])


def _key(row: EventRow) -> Key:
    return row.recorded_at, row.plan, row.seq


def _start(day: date | None) -> str:
    if day is None or day.year == 1:
        return ""
    return audit.instant(datetime.combine(day, time(), LOCAL))


def _end(day: date | None) -> str:
    """The last microsecond of a local day."""
    if day is None or day == date.max:
        return END
    return audit.instant(datetime.combine(day + timedelta(days=1), time(), LOCAL) - timedelta(microseconds=1))
