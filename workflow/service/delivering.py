"""The outbox as people and workers use it: look, take in hand, tell what became of it, retry, drop.

Every fate of an effect is an event in the `@workspace` chain, written in one transaction with the
effect's row. The events hold the payload's hash, and a reason's words beside the chain: both may
have personal data. A try that failed and will be repeated changes the row alone.
"""

from __future__ import annotations

import hashlib
import json
import random
import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote

from workflow import audit, messages
from workflow.errors import N_, Conflict, InvalidInput, NotFound, Phrase, Reason, Refused
from workflow.messages import WORKSPACE_CHAIN, Event, Fact
from workflow.names import require_text
from workflow.people import Matter
from workflow.projection import event_rows
from workflow.service.changes import Changes, kept_form
from workflow.store.effects import EffectMoved, EffectRow, WorkerRow
from workflow.store.interface import RevisionLost, TextRow
from workflow.views.effects import Attempt, EffectDetail, EffectSummary, Errand, phrase_data, phrase_from
from workflow.views.plans import Write

WAITING: Final = "waiting"
DONE: Final = "done"
PARKED: Final = "parked"
DROPPED: Final = "dropped"
STATES: Final = (DONE, DROPPED, PARKED, WAITING)
"""In the order in which they are listed."""

_RETRIES = 20
"""How often a fate is told again when somebody else wrote to the workspace's chain first."""
_WORKER = Write(actor=None)
_AS_GIVEN = "{reason}"
AHEAD: Final = 4
"""So many effects a worker may have in hand for each that it can carry out at once."""


class Deliveries(Changes):
    """Commands and questions about effects."""

    # what people ask

    def effects(self, *, state: str | None = None, after: str = "", limit: int = 1000) -> tuple[EffectSummary, ...]:
        """Effects in one state, else those that are parked or waiting, the oldest first in each state.

        Args:
            state: One of `STATES`, or `all`.
            after: Cursor of the last one on the page before.

        Raises:
            InvalidInput: If the state or the cursor is none.
        """
        if state not in (None, "all", *STATES):
            raise InvalidInput("there is no state `{state}` of effects", code="unknown-state", state=str(state)[:60])
        key = _key(after) if after else ("" if state == "all" else PARKED if state is None else state, "", "")
        rows = self.store.effect_page(state=state if state in STATES else None, after=key, limit=limit)
        return tuple(map(_summary, rows))

    def effect(self, id: str) -> EffectDetail:
        """One effect with its payload.

        Raises:
            NotFound: If there is none of this id.
        """
        row = self._require_effect(id)
        caused = self._cause(row)
        return EffectDetail(
            _summary(row),
            audit.from_stored(row.payload),
            hashlib.sha256(row.payload).hexdigest(),
            self._idempotency_key(row),
            caused.actor,
            caused.occurred_on.isoformat(),
        )

    def retry_effect(self, id: str, write: Write) -> EffectSummary:
        """Let an effect be tried anew, at once and with all its tries; one that is done stays done.

        Raises:
            NotFound: If there is none of this id.
            NotPermitted: If the actor may not; `[worker] by` of the settings says who may.
            Refused: If it is done.
            Conflict: If a worker has it in hand.
        """

        def anew(row: EffectRow, now: str) -> EffectRow:
            _require_free(row, now, but=(DONE,))
            return replace(row, state=WAITING, at=now, spared=row.tries, worker=None)

        what = Phrase(N_("let effects be tried again"))
        return self._decide_fate(id, write, "effect retry", what, messages.EFFECT_RETRIED, anew)

    def drop_effect(self, id: str, write: Write, *, reason: str) -> EffectSummary:
        """Give an effect up: it will not be carried out.

        Raises:
            NotFound: If there is none of this id.
            NotPermitted: If the actor may not; `[worker] by` of the settings says who may.
            Refused: If it is done or was dropped before.
            Conflict: If a worker has it in hand.
        """
        words = require_text(reason, "--reason") or ""
        if not words.strip():
            raise InvalidInput("a reason is needed", code="no-reason", hint="give --reason")
        why = _reason("dropped", Phrase(_AS_GIVEN, {"reason": words}))

        def away(row: EffectRow, now: str) -> EffectRow:
            _require_free(row, now, but=(DONE, DROPPED))
            return replace(row, state=DROPPED, at=now, worker=None, reason=why)

        what = Phrase(N_("drop effects"))
        return self._decide_fate(id, write, "effect drop", what, messages.EFFECT_DROPPED, away)

    def _decide_fate(
        self,
        id: str,
        write: Write,
        command: str,
        what: Phrase,
        type_: str,
        change: Callable[[EffectRow, str], EffectRow],
    ) -> EffectSummary:
        write = kept_form(write)
        if write.expect is not None or write.attach or write.behalf or write.on:
            raise InvalidInput(
                "--on, --attach, --expect and --behalf belong to a plan, not to an effect", code="not-for-effects"
            )
        row = self._require_effect(id)
        if self._was_asked(row, write, type_):
            return _summary(row)
        with self._refusals_recorded(row.plan, command, write):
            plan = self.require_plan(row.plan)
            # Whoever drops what waits for a missing plugin must not need that plugin: no process is built.
            situation = self._situation(None, write, (), None)  # type: ignore[arg-type]
            matter = Matter(plan=plan.id, definition=plan.definition_id, stage=plan.stage)
            authority = situation.authorise(self.delivery.by, what, matter)
            after = change(row, self._now())
        if not write.dry_run:
            try:
                self._tell(row, after, type_, write, authority)
            except EffectMoved as moved:
                raise self._in_hand(row) from moved
        return _summary(after)

    def _was_asked(self, row: EffectRow, write: Write, type_: str) -> bool:
        """True if the same request was carried out before.

        Raises:
            InvalidInput: If the request's id was used for something else.
        """
        made = self.store.request(write.request_id) if write.request_id is not None else ()
        events = [audit.event_of(each.body) for each in made if each.type != messages.ATTEMPT_REFUSED]
        if not events:
            return False
        if [(event.type, event.data.get("effect")) for event in events] != [(type_, row.id)]:
            raise InvalidInput(
                "request `{id}` was used before for something else",
                code="request-reused",
                hint="choose a new --request-id",
                id=write.request_id,
            )
        return True

    # what a worker does

    def take_effects(self, worker: str, limit: int) -> tuple[EffectRow, ...]:
        """Take so many due effects in hand; what this worker does not tell about is due again after the lease."""
        now = self.clock.now()
        return tuple(self.store.take_effects(worker, audit.instant(now), audit.instant(now + self._lease), limit))

    def begin_effect(self, id: str, tries: int, worker: str) -> Errand | None:
        """Return what the try needs, and begin its lease; None if the effect is no longer in this try."""
        row = self.store.effect(id)
        if row is None or (row.state, row.tries) != (WAITING, tries):
            return None
        after = replace(row, worker=worker, at=audit.instant(self.clock.now() + self._lease))
        if not self.store.change_effect(row, after):
            return None
        payload = audit.from_stored(row.payload)
        return Errand(id, self._idempotency_key(row), row.kind, payload, row.plan, tries - row.spared, tries)

    def end_effect(self, id: str, tries: int, attempt: Attempt) -> str:
        """Keep how a try ended; returns the effect's state, or `superseded` if it is no longer in this try.

        A try that failed is repeated after a pause while any are left, else the effect is parked.
        """
        row = self.store.effect(id)
        if row is None or (row.state, row.tries) != (WAITING, tries):
            return "superseded"
        now, made = self.clock.now(), row.tries - row.spared
        try:
            if attempt.word == "done":
                done = replace(row, state=DONE, at=audit.instant(now), worker=None, reason=None)
                self._tell(row, done, messages.EFFECT_DONE, _WORKER)
                return DONE
            why = _reason(attempt.code, attempt.phrase)
            if attempt.word == "undeliverable" or made >= self.delivery.tries:
                parked = replace(row, state=PARKED, at=audit.instant(now), worker=None, reason=why)
                self._tell(row, parked, messages.EFFECT_PARKED, _WORKER)
                return PARKED
        except EffectMoved:
            return "superseded"
        pause = timedelta(seconds=self.delivery.pause_after(made, random.random()))
        later = replace(row, at=audit.instant(now + pause), worker=None, reason=why)
        return WAITING if self.store.change_effect(row, later) else "superseded"

    @property
    def _lease(self) -> timedelta:
        # Longer than any try and those before it: who does not end one in this time is gone, or as good as gone.
        return timedelta(seconds=AHEAD * self.delivery.time_limit + 60)

    def sign_of_life(self, worker: WorkerRow, *, ended: bool = False) -> WorkerRow:
        """Keep that a worker runs, or that it has ended in order."""
        now = self._now()
        row = replace(worker, seen_at=now, started_at=worker.started_at or now, ended_at=now if ended else None)
        self.store.beat(row)
        return row

    def take_over(self, worker: str, is_gone: Callable[[WorkerRow, datetime], bool]) -> int:
        """Free what workers that are gone had in hand; returns how many effects."""
        now = self.clock.now()
        gone = [row for row in self.store.workers() if row.id != worker and (row.ended_at or is_gone(row, now))]
        freed = 0
        for row in gone:
            freed += self.store.release_effects(row.id, audit.instant(now))
            self.store.forget_worker(row.id)
        return freed

    def release(self, worker: str) -> int:
        """Free what a worker has in hand and has not begun, when it ends."""
        return self.store.release_effects(worker, self._now())

    # both

    def _require_effect(self, id: str) -> EffectRow:
        row = self.store.effect(id)
        if row is None:
            raise NotFound(
                "there is no effect `{id}`",
                code="unknown-effect",
                hint="`workflow effect list` shows them",
                id=id[:120],
            )
        return row

    def _cause(self, row: EffectRow) -> Event:
        stored = self.store.event(row.plan, row.seq)
        if stored is None:
            raise NotFound("the event that caused effect `{id}` is missing", code="no-event", id=row.id)
        return audit.event_of(stored.body)

    def _idempotency_key(self, row: EffectRow) -> str:
        # The head of the hash of what caused it tells workspaces, and restored backups, apart.
        stored = self.store.event(row.plan, row.seq)
        head = stored.hash.hex()[:16] if stored else "0" * 16
        return f"{head}:{quote(row.id, safe=':')}"

    def _tell(
        self,
        before: EffectRow,
        after: EffectRow,
        type_: str,
        write: Write,
        authority: Mapping[str, Any] | None = None,
    ) -> None:
        """Write an effect's fate: its event and its row, or nothing.

        Raises:
            EffectMoved: If the effect is no longer as it was.
        """
        data, texts = self._fate(after)
        for attempt in range(_RETRIES):
            # Several workers end many tries at once: who has lost once waits for a turn.
            with self.store.turn(WORKSPACE_CHAIN) if attempt else nullcontext():
                head = self.store.workspace_head()
                event, noted = self._workspace_event(Fact(type_, data), write, head.seq + 1 if head else 1)
                if authority is not None:
                    event = replace(event, authority=authority)
                rows = event_rows([event], head.hash if head else audit.GENESIS)
                try:
                    self.store.append_workspace(rows, texts=[*texts, *noted], effects=[(before, after)])
                    return
                except RevisionLost:
                    continue
        raise Conflict("the workspace's own chain is too busy", hint="try again")

    @staticmethod
    def _fate(row: EffectRow) -> tuple[dict[str, Any], Sequence[TextRow]]:
        data: dict[str, Any] = {
            "effect": row.id,
            "plan": row.plan,
            "kind": row.kind,
            "payload": hashlib.sha256(row.payload).hexdigest(),
            "tries": row.tries - row.spared,
        }
        why = json.loads(row.reason) if row.reason else None
        if why is None or row.state in (DONE, WAITING):
            return data, ()
        data["code"] = why["code"]
        phrase = phrase_from(why["phrase"])
        if phrase is None:
            return data, ()
        salt = secrets.token_bytes(16)
        text = TextRow(audit.text_key(salt, str(phrase)), salt, str(phrase))
        return data | {"reason": {"text": text.key}}, (text,)

    def _now(self) -> str:
        return audit.instant(self.clock.now())

    @staticmethod
    def _in_hand(row: EffectRow) -> Conflict:
        return Conflict(
            "a worker has effect {id} in hand", code="effect-in-hand", hint="look at it again in a moment", id=row.id
        )


def _require_free(row: EffectRow, now: str, but: tuple[str, ...]) -> None:
    if row.state in but:
        phrase = Phrase(N_("it was carried out on {at}") if row.state == DONE else N_("it was dropped on {at}"))
        reason = Reason(f"effect-{row.state}", replace(phrase, params={"at": row.at[:10]}))
        raise Refused("effect {id} is settled", code="effect-settled", reasons=(reason,), id=row.id)
    if row.worker is not None and row.state == WAITING and row.at > now:
        raise Deliveries._in_hand(row)


def _key(cursor: str) -> tuple[str, str, str]:
    state, _, rest = cursor.partition("/")
    at, _, id_ = rest.partition("/")
    if state not in STATES or not id_:
        raise InvalidInput("`{id}` is no place in the list of effects", code="bad-cursor", id=cursor[:80])
    return state, at, id_


def _reason(code: str, phrase: Phrase | None) -> str:
    return audit.canonical_json({"code": code, "phrase": phrase_data(phrase)}).decode()


def _summary(row: EffectRow) -> EffectSummary:
    why = json.loads(row.reason) if row.reason else {"code": "", "phrase": None}
    return EffectSummary(
        row.id,
        row.plan,
        row.seq,
        row.kind,
        row.state,
        row.at,
        row.tries - row.spared,
        why["code"],
        phrase_from(why["phrase"]),
        row.worker is not None and row.state == WAITING,
    )
