"""What an act does to documents: numbers new revisions, freezes what is sent, checks what is approved."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from workflow.errors import N_, Conflict, Phrase, PluginFailed, Reason, Refused
from workflow.plan.acting import Act, Approved, MadeRevision, Sent
from workflow.plan.documents import revision_name
from workflow.plan.state import PlanState


def of_act(plan: PlanState, act: Act, lead: str | None) -> dict[str, Any]:
    """Return what an event records of an act's documents: `revisions`, `sent`, `approved`, where there are any.

    Args:
        lead: Who could hand in what is missing.

    Raises:
        Conflict: If a revision goes on from one that is no longer the newest.
        Refused: If something is to be sent of which there is no revision.
        PluginFailed: If the act approves a revision that does not exist.
    """
    found: dict[str, Any] = {}
    if act.revisions:
        found["revisions"] = list(_numbered(plan, act.revisions))
    if act.sends:
        frozen = list(_frozen(plan, act.sends, lead, found.get("revisions", [])))
        if frozen:
            found["sent"] = frozen
    if act.approves:
        found["approved"] = [_existing(plan, approved) for approved in act.approves]
    return found


def _numbered(plan: PlanState, made: tuple[MadeRevision, ...]) -> Iterator[dict[str, Any]]:
    newest: dict[str, str] = {}
    counts: dict[tuple[str, int], int] = {}
    for revision in plan.revisions:
        newest[revision.document] = revision.name
        key = (revision.document, revision.number)
        counts[key] = counts.get(key, 0) + 1
    for each in made:
        last = newest.get(each.document)
        if each.based_on is not None and each.based_on != last:
            raise _overtaken(plan, each, last)
        key = (each.document, each.number)
        counts[key] = counts.get(key, 0) + 1
        newest[each.document] = revision_name(each.number, counts[key])
        yield {
            "document": each.document,
            "number": each.number,
            "revision": counts[key],
            "files": list(each.files),
            "based_on": last,
        }


def _overtaken(plan: PlanState, made: MadeRevision, last: str | None) -> Conflict:
    newest = plan.latest_revision(made.document)
    return Conflict(
        "revision {based_on} of `{document}` is not the newest: {newest} was handed in by {author} on {on}",
        code="revision-overtaken",
        hint="compare with `workflow draft diff {plan} {document} {based_on} {newest}`, then go on from {newest}",
        plan=plan.id,
        document=made.document,
        based_on=made.based_on,
        newest=last or "-",
        author=(newest.author if newest else None) or "-",
        on=newest.made_on if newest else "-",
    )


def _frozen(
    plan: PlanState, sends: tuple[Sent, ...], lead: str | None, made: list[dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    lacking = []
    for sent in sends:
        # What the same act hands in goes out with it.
        own = next((each for each in reversed(made) if each["document"] == sent.document), None)
        newest = plan.latest_revision(sent.document)
        if own is not None:
            revision = {name: own[name] for name in ("document", "number", "revision", "files")}
        elif newest is not None:
            revision = {
                "document": newest.document,
                "number": newest.number,
                "revision": newest.revision,
                "files": list(newest.files),
            }
        else:
            if sent.required:
                lacking.append(sent.document)
            continue
        yield {**revision, "to": list(sent.to)}
    if lacking:
        raise Refused(
            "nothing can be sent",
            code="nothing-to-send",
            reasons=tuple(
                Reason(
                    "no-revision",
                    Phrase(N_("there is no revision of `{document}` to send"), {"document": document}),
                    (lead,) if lead else (),
                )
                for document in lacking
            ),
        )


def _existing(plan: PlanState, approved: Approved) -> dict[str, Any]:
    key = (approved.document, approved.number, approved.revision)
    if key not in {(made.document, made.number, made.revision) for made in plan.revisions}:
        raise PluginFailed(
            "a step type approves revision {name} of `{document}`, which does not exist",
            hint="report it to the plugin's author; the plan is unchanged",
            name=revision_name(approved.number, approved.revision),
            document=approved.document,
        )
    return {"document": approved.document, "number": approved.number, "revision": approved.revision}
