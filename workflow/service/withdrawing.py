"""Withdrawing personal or secret texts and files from the record, wherever they were handed in."""

from __future__ import annotations

from dataclasses import replace

from workflow import audit, messages
from workflow.decide.situation import require_own_login
from workflow.decide.withdrawing import WHAT, Withdrawal, contents_of, nobody_may, withdrawal, withdrawn_in
from workflow.errors import InvalidInput
from workflow.messages import WORKSPACE_CHAIN, Event, Fact, FreeText
from workflow.people.rights import Rights
from workflow.service.changes import kept_form
from workflow.service.keeping import Keeping
from workflow.views.plans import Withdrawn, Write


class Withdrawing(Keeping):
    """What leaves the record for good, by an act that stays in it."""

    def withdraw(self, plan: str, asked: Withdrawal, write: Write) -> Withdrawn:
        """Withdraw contents of one event; a file is withdrawn from every plan in which it was handed in.

        Args:
            plan: The plan, or `@workspace`.

        Raises:
            InvalidInput: If there is no such event, text or file.
            NotPermitted: If the register does not name the actor under `withdrawers:`.
            Refused: If all of it was withdrawn before.
        """
        if not asked.reason.strip():
            raise InvalidInput("a reason is needed", code="no-reason", hint="give --reason")
        if plan == WORKSPACE_CHAIN:
            return self._withdraw_from_workspace(asked, write)
        row = self.require_plan(plan)
        found = withdrawal(self._events(row), asked)
        elsewhere = [
            (other, part) for sha256 in found.files for other, part in self._elsewhere(sha256, row.id, asked.reason)
        ]
        if elsewhere and (write.expect is not None or write.request_id is not None):
            raise InvalidInput(
                "--expect and --request-id belong to one plan, and the file was handed in elsewhere too",
                code="one-plan",
            )
        # Judged everywhere before it is done anywhere; the plan that was named comes last, so that whoever was
        # interrupted can give the same command again.
        for other, part in elsewhere:
            self._change(other, part, "withdraw", replace(write, dry_run=True))
        self._change_on_trial(row.id, asked, "withdraw", write)
        for other, part in elsewhere:
            self._change(other, part, "withdraw", write)
        self._change(row.id, asked, "withdraw", write)
        others = tuple(dict.fromkeys((other, part.seq) for other, part in elsewhere))
        return Withdrawn(len(found.texts), len(found.files), others, dry_run=write.dry_run)

    def _elsewhere(self, sha256: str, named: str, reason: str) -> list[tuple[str, Withdrawal]]:
        """The other plans to which a file belongs and from which it was not withdrawn yet, with one event of each."""
        found: dict[str, Withdrawal] = {}
        for event in self._handed_in(sha256):
            if event.plan == named or event.plan in found:
                continue
            if sha256 not in withdrawn_in(self._events(self.require_plan(event.plan)))[1]:
                number = [file["sha256"] for file in event.data["attachments"]].index(sha256) + 1
                found[event.plan] = Withdrawal(event.seq, reason, files=(number,))
        return list(found.items())

    def _withdraw_from_workspace(self, asked: Withdrawal, write: Write) -> Withdrawn:
        write = kept_form(write)
        actor = self._require_person(write)
        events = [audit.event_of(row.body) for row in self.store.events(WORKSPACE_CHAIN)]
        found = withdrawal(events, asked)
        with self._refusals_recorded(WORKSPACE_CHAIN, "withdraw", write):
            require_own_login(self.register, actor, self.login)
            if not self.register.withdrawers:
                raise nobody_may(actor)
            Rights(self.register, actor, self.today()).require(self.register.withdrawers, WHAT)
        data = {"seq": found.seq, "texts": list(found.texts), "documents": [], "reason": FreeText(found.reason)}
        if not write.dry_run:
            gone = [(key, "text") for key in found.texts]
            self._append_workspace(Fact(messages.CONTENT_WITHDRAWN, data), write, withdrawn=gone)
        return Withdrawn(len(found.texts), 0, (), dry_run=write.dry_run)

    def withdrawable(self, plan: str, seq: int) -> tuple[tuple[tuple[str, str | None], ...], tuple[str | None, ...]]:
        """What event *seq* refers to: each text's place with the text, and each file's name; None where it is gone."""
        row = self.store.event(plan if plan == WORKSPACE_CHAIN else self.require_plan(plan).id, seq)
        if row is None:
            raise InvalidInput("the plan has no event {seq}", code="unknown-event", seq=seq)
        event: Event = audit.event_of(row.body)
        contents = contents_of(event)
        texts = self.store.texts(list(contents.texts.values()))
        shown = tuple((place, texts.get(key)) for place, key in contents.texts.items())
        names = [file["name"]["text"] for file in event.data.get("attachments", ())]
        return shown, tuple(texts.get(name) for name in names)
