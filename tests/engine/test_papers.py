"""Papers at a gate: missing, outdated, and confidential ones; through the service."""

from __future__ import annotations

from datetime import timedelta

import pytest
from engine.kit import DAY, Point, begun, codes, plugin, registry, state, to
from engine_kit import OFFICER_AT

from workflow.errors import InvalidInput, Refused
from workflow.steps.step_type import DocumentRef, Options, StepType

DOCUMENTS = {
    "decision": {"title": "Dự thảo Quyết định", "numbered": True},
    "submission": {"title": "Tờ trình", "follows": "decision"},
}
STAGES = {
    "a": {
        "lead": "dept-a",
        "steps": {
            "write": {"uses": "draft", "with": {"document": "decision", "number": 4}},
            "dossier": {"uses": "dossier", "lead": "dept-b", "with": {"papers": ["submission"]}},
        },
        "transitions": {"go": to("b", needs=["decision", "submission"])},
    },
    "b": {},
}


class ShownOptions(Options):
    """The document that is shown."""

    document: DocumentRef | None = None


class Shown(StepType):
    """`uses: shown`: shows a document to the public."""

    name = "shown"
    title = {"vi": "Đăng", "en": "Show"}
    states = {"open": {"vi": "Mở", "en": "Open"}, "done": {"vi": "Xong", "en": "Done"}}
    complete_states = ("done",)
    Options = ShownOptions

    def publishes(self, options: ShownOptions) -> bool:
        return True


PUBLISHING = registry(Point("shown", plugin(step_types=lambda: (Shown(),))))
SHOWING = {
    "a": {"transitions": {"go": to("b")}},
    "b": {"steps": {"show": {"uses": "shown"}}, "transitions": {}},
    "c": {},
}


@pytest.fixture
def paper(tmp_path):
    """Makes a file to attach."""

    def make(text: str):
        path = tmp_path / "a.txt"
        path.write_text(text, encoding="utf-8")
        return path

    return make


def hand_in(service, step: str, action: str, path, day=DAY, **values):
    """Attach a file to an action."""
    service.act("p", step, action, values, OFFICER_AT(day, attach=(path,)))


def test_a_gate_names_each_missing_paper_with_who_could_hand_it_in(paper):
    """Those whom the definition lets act on the step that brings it about, for each paper its own."""
    service = begun(STAGES, documents=DOCUMENTS)
    with pytest.raises(Refused) as refused:
        service.advance("p", "go", OFFICER_AT(DAY))

    who = {
        reason.phrase.params["document"]: reason.who
        for reason in refused.value.reasons
        if reason.code == "paper-missing" and "document" in reason.phrase.params
    }
    assert {"decision": ("drafter",), "submission": ("drafter",)} == who


def test_a_paper_is_outdated_once_what_it_follows_has_changed(paper):
    """The gate names the outdated paper, the revision it does not know, and who could renew it."""
    service, later = begun(STAGES, documents=DOCUMENTS), DAY + timedelta(days=5)
    hand_in(service, "write", "submit", paper("một"))
    hand_in(service, "dossier", "file", paper("tờ trình"), paper="submission")
    assert not service.next("p").moves[0].reasons

    hand_in(service, "write", "submit", paper("hai"), later)
    (reason,) = service.next("p").moves[0].reasons
    assert ("paper-outdated", ("drafter",)) == (reason.code, reason.who)
    assert f"`decision` 4.2 came after it on {later}" in str(reason)
    with pytest.raises(Refused) as refused:
        service.advance("p", "go", OFFICER_AT(later))
    assert {"paper-outdated"} == codes(refused.value)

    hand_in(service, "dossier", "file", paper("tờ trình mới"), later, paper="submission")
    service.advance("p", "go", OFFICER_AT(later))
    assert "b" == state(service).stage


def test_a_dossier_that_finds_all_papers_opens_as_complete(paper):
    """What an earlier stage brought about need not be handed in again."""
    early = {
        "a": {**STAGES["a"], "steps": {"write": STAGES["a"]["steps"]["write"]}, "transitions": {"go": to("b")}},
        "b": {
            "steps": {"dossier": {"uses": "dossier", "with": {"papers": ["decision"]}}},
            "transitions": {"on": to("c")},
        },
        "c": {},
    }
    service = begun(early, documents=DOCUMENTS)
    hand_in(service, "write", "submit", paper("một"))
    service.advance("p", "go", OFFICER_AT(DAY))

    assert state(service).steps["b/dossier"].current.complete
    service.advance("p", "on", OFFICER_AT(DAY))
    assert not service.record.verify().findings


@pytest.mark.parametrize(
    "secret",
    [
        {"confidential": True},
        {"documents": {"decision": {"title": "Mật", "confidential": True}}, "with": {"document": "decision"}},
        {"step": {"confidential": True}},
    ],
)
def test_nothing_confidential_is_opened_for_publishing(secret):
    """A confidential plan, document or step: the transition into the stage is refused, and `next` says so before."""
    show = {"uses": "shown", "with": secret.pop("with", {}), **secret.pop("step", {})}
    stages = {**SHOWING, "b": {"steps": {"show": show}, "transitions": {"end": to("c")}}}
    service = begun(stages, PUBLISHING, **secret)

    assert {"confidential"} == {reason.code for reason in service.next("p").moves[0].reasons}
    with pytest.raises(Refused) as refused:
        service.advance("p", "go", OFFICER_AT(DAY))
    assert {"confidential"} == codes(refused.value)
    assert "a" == state(service).stage


def test_a_confidential_plan_with_a_publishing_step_does_not_start():
    """Where the first stage would publish, `create` is refused and no plan is there."""
    stages = {"a": {"steps": {"show": {"uses": "shown"}}, "transitions": {"go": to("b")}}, "b": {}}
    with pytest.raises((Refused, InvalidInput)):
        begun(stages, PUBLISHING, confidential=True)


def test_what_is_not_confidential_is_published(paper):
    """Another document's confidence does not hold up this one."""
    documents = {"decision": {"title": "Công khai"}, "secret": {"title": "Mật", "confidential": True}}
    show = {"uses": "shown", "with": {"document": "decision"}}
    stages = {**SHOWING, "b": {"steps": {"show": show}, "transitions": {"end": to("c")}}}
    service = begun(stages, PUBLISHING, documents=documents)
    service.advance("p", "go", OFFICER_AT(DAY))

    assert "b" == state(service).stage
