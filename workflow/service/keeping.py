"""Who may change what binds every plan, and who may take out of the house what is confidential."""

from __future__ import annotations

from datetime import date

from workflow.clock import local_day
from workflow.decide.situation import require_own_login
from workflow.errors import InvalidInput, NotPermitted, Phrase
from workflow.messages import WORKSPACE_CHAIN, Fact
from workflow.people import Register
from workflow.people.rights import Rights
from workflow.service.changes import Changes
from workflow.views.plans import Write


class Keeping(Changes):
    """The right to change the workspace itself, where `keepers:` of the register in force says who has it."""

    def _require_person(self, write: Write) -> str:
        """Return who acts.

        Raises:
            InvalidInput: If that is nobody of the register.
        """
        if write.actor is None or self.register.kind(write.actor) != "person":
            raise InvalidInput(
                "there is no person `{actor}` in the people register",
                code="unknown-actor",
                hint="`workflow people list` shows the ids",
                actor=write.actor or "-",
            )
        return write.actor

    def _require_keeper(self, write: Write, what: Phrase, command: str) -> None:
        """Refuse, and record, the attempt of anybody but a keeper; without keepers everybody may.

        Raises:
            InvalidInput: If nobody is named as acting.
            NotPermitted: If the actor is no keeper today.
        """
        register: Register = self.register
        if not register.keepers:
            return
        actor = self._require_person(write)
        today: date = local_day(self.clock.now())
        with self._refusals_recorded(WORKSPACE_CHAIN, command, write):
            require_own_login(register, actor, self.login)
            Rights(register, actor, today).require(register.keepers, what)

    def _require_confidant(self, write: Write, what: Phrase, command: str) -> None:
        """Refuse, and record, the attempt of anybody whom the register does not name under `confidential:`.

        Raises:
            InvalidInput: If nobody is named as acting.
            NotPermitted: If the actor is none of those today; also where nobody is named.
        """
        register: Register = self.register
        actor = self._require_person(write)
        today: date = local_day(self.clock.now())
        with self._refusals_recorded(WORKSPACE_CHAIN, command, write):
            require_own_login(register, actor, self.login)
            if not register.confidential:
                raise NotPermitted(
                    "the people register names nobody who may {what}",
                    code="no-confidant",
                    hint="name them in people.yaml under `confidential:`, and run `workflow people load`",
                    what=what,
                )
            Rights(register, actor, today).require(register.confidential, what)

    def _record_leaving(self, fact: Fact, write: Write) -> None:
        """Record in `@workspace` that something leaves the house; without the record nothing may.

        Args:
            fact: One flat object of texts, whole numbers, truth values and lists of texts; no free text.

        Raises:
            StorageUnusable: If it cannot be recorded.
        """
        if write.actor is not None:
            require_own_login(self.register, self._require_person(write), self.login)
        self._append_workspace(fact, write, leaving=True)
