"""Who may change what binds every plan: the register of people and the calendar."""

from __future__ import annotations

from datetime import date

from workflow.clock import local_day
from workflow.decide.situation import require_own_login
from workflow.errors import InvalidInput, Phrase
from workflow.messages import WORKSPACE_CHAIN
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
