"""The applications of a fund: how far each has come, who holds it until when, and the balance they make."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from trinh_plugins._opinions import TextRef
from workflow import State

Phase = Literal[
    "received",
    "incomplete",
    "checked",
    "appraised",
    "failed",
    "put",
    "supported",
    "refused",
    "withdrawn",
    "paid",
]
UNDECIDED = ("received", "incomplete", "checked", "appraised", "failed", "put")
OPEN = (*UNDECIDED, "supported")
AWAITING: Mapping[str, tuple[Phase, ...]] = {
    "check": ("received",),
    "supplement": ("incomplete",),
    "appraise": ("checked",),
    "put": ("appraised", "failed"),
    "decide": ("put",),
    "pay": ("supported",),
    "withdraw": OPEN,
}
"""What an application is when an act on it is possible."""


class Application(State):
    """An application and how far it has come.

    Attributes:
        applicant: Where its name stands beside the chain.
        since: Day since which it waits for what it waits for.
        due: Last good day for that, where an option counts it.
        answer_due: Last good day for the decision; None while the applicant supplements, and without such a term.
        answer_left: Working days that were left of that term when it was stopped.
        alike: Short digest of applicant and head, by which duplicates are found.
        like: Numbers of earlier applications with the same digest.
        appraised_by: Person who appraised it, and so does not decide it.
    """

    number: int
    phase: Phase
    applicant: TextRef | None = None
    received_on: str
    head: str | None = None
    asked: int | None = None
    alike: str | None = None
    like: tuple[int, ...] = ()
    since: str | None = None
    due: str | None = None
    answer_due: str | None = None
    answer_left: int | None = None
    appraised_by: str | None = None
    passed: bool | None = None
    decided_on: str | None = None
    closed_on: str | None = None
    reserved: int = 0
    paid: int = 0

    @property
    def open(self) -> bool:
        """True until it is paid, refused or withdrawn."""
        return self.phase in OPEN

    @property
    def owed_by(self) -> str | None:
        """Last good day of whoever holds it."""
        days = [day for day in (self.due, self.answer_due) if day is not None]
        return min(days, default=None)


class FundState(State):
    """The applications in order of receipt, and the fund's balance."""

    applications: tuple[Application, ...] = ()
    reserved: int = 0
    paid: int = 0
    closed_on: str | None = None

    def with_application(self, data: Mapping[str, Any]) -> FundState:
        """Return the state with one more, received.

        Raises:
            ValueError: If its number is not the next one: an earlier receipt was taken away under it.
        """
        if data["application"] != len(self.applications) + 1:
            raise ValueError(f"application {data['application']} does not follow {len(self.applications)} others")
        received = Application(
            number=data["application"],
            phase="received",
            applicant=data.get("applicant"),
            received_on=data["on"],
            since=data["on"],
            head=data.get("head"),
            asked=data.get("asked"),
            alike=data.get("alike"),
            like=tuple(data.get("like", ())),
            due=data.get("due"),
            answer_due=data.get("answer_due"),
        )
        return self.model_copy(update={"applications": (*self.applications, received)})

    def with_act(self, action: str, data: Mapping[str, Any]) -> FundState:
        """Return the state after an act on one application; the balance follows it.

        Raises:
            ValueError: If the application does not wait for that act, or the ceiling would be exceeded. No act is
                recorded so; a correction that would leave such a state is refused by this.
        """
        at = data["application"] - 1
        before = self.applications[at]
        if before.phase not in AWAITING[action]:
            raise ValueError(f"application {before.number} is {before.phase}: no {action} follows")
        if self.reserved + self.paid + data.get("amount", 0) > data.get("ceiling", float("inf")):
            raise ValueError(f"the decision on application {before.number} exceeds the ceiling")
        changes = {"since": data["on"], "due": data.get("due"), **_CHANGES[action](before, data)}
        after = before.model_copy(update=changes)
        return self.model_copy(
            update={
                "applications": (*self.applications[:at], after, *self.applications[at + 1 :]),
                "reserved": self.reserved + after.reserved - before.reserved,
                "paid": self.paid + after.paid - before.paid,
            }
        )


def _checked(before: Application, data: Mapping[str, Any]) -> dict[str, Any]:
    if data["complete"]:
        return {"phase": "checked"}
    return {"phase": "incomplete", "answer_due": None, "answer_left": data.get("answer_left")}


def _supplemented(before: Application, data: Mapping[str, Any]) -> dict[str, Any]:
    return {"phase": "received", "answer_due": data.get("answer_due"), "answer_left": None}


def _appraised(before: Application, data: Mapping[str, Any]) -> dict[str, Any]:
    phase = "appraised" if data["passed"] else "failed"
    return {"phase": phase, "passed": data["passed"], "appraised_by": data.get("by")}


def _put(before: Application, data: Mapping[str, Any]) -> dict[str, Any]:
    return {"phase": "put"}


def _decided(before: Application, data: Mapping[str, Any]) -> dict[str, Any]:
    decided = {"decided_on": data["on"], "answer_due": None}
    if data["supported"]:
        return {**decided, "phase": "supported", "reserved": data["amount"]}
    return {**decided, "phase": "refused", "closed_on": data["on"]}


def _withdrawn(before: Application, data: Mapping[str, Any]) -> dict[str, Any]:
    return {"phase": "withdrawn", "reserved": 0, "answer_due": None, "closed_on": data["on"]}


def _paid(before: Application, data: Mapping[str, Any]) -> dict[str, Any]:
    return {"phase": "paid", "reserved": 0, "paid": data["amount"], "closed_on": data["on"]}


_CHANGES: Mapping[str, Callable[[Application, Mapping[str, Any]], dict[str, Any]]] = {
    "check": _checked,
    "supplement": _supplemented,
    "appraise": _appraised,
    "put": _put,
    "decide": _decided,
    "withdraw": _withdrawn,
    "pay": _paid,
}
