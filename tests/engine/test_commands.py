"""What every command obeys: revisions, request ids, dry runs, refusals in the trail, texts outside it, logins."""

from __future__ import annotations

from pathlib import Path

import pytest
from engine.kit import DAY, Point, begun, events, hooked, plugin, registry, stages_of, state, to
from engine_kit import OFFICER_AT, service_with

from workflow.errors import Conflict, InvalidInput, NotPermitted, Refused
from workflow.hookspecs import Effect
from workflow.service.service import Service
from workflow.steps.step_type import Act
from workflow.views.plans import Write

TASK = {"uses": "task"}
STAGES = {
    "a": {"steps": {"work": TASK}, "transitions": {"go": to("b")}},
    "b": {"transitions": {"end": to("c")}},
    "c": {},
}


def everything(service: Service) -> tuple[object, ...]:
    """Return all that a command could have changed."""
    store = service.store
    chains = store.chains()
    rows = [list(store.events(chain)) for chain, _, _ in chains]
    return chains, rows, store.plans(), store.work_items("p"), store.effects(), store.documents("p")


def test_a_writer_who_has_not_seen_the_last_change_is_told_who_made_it():
    """`--expect` with a revision that is gone is a conflict naming act, person and time; nothing changes."""
    service = begun(STAGES)
    service.act("p", "work", "complete", {}, OFFICER_AT(DAY, actor="other"))
    before = everything(service)

    with pytest.raises(Conflict) as conflict:
        service.advance("p", "go", OFFICER_AT(DAY, expect=2))

    assert 5 == conflict.value.exit_code
    assert "#3 complete (other, 2026-" in str(conflict.value)
    assert before == everything(service)


def test_a_writer_who_has_seen_the_last_change_goes_on():
    """`--expect` with the revision that `show` printed lets the command through."""
    service = begun(STAGES)
    revision = service.plan("p").summary.revision

    service.act("p", "work", "complete", {}, OFFICER_AT(DAY, expect=revision))

    assert revision + 1 == service.plan("p").summary.revision


def test_of_two_that_decide_at_once_one_wins():
    """A change that comes between reading and writing makes the later writer lose, and nothing is doubled."""
    rivals: list[Service] = []

    def rival(plan: object, transition: object, events: object) -> list[Effect]:
        if rivals:
            rivals.pop().advance("p", "go", OFFICER_AT(DAY, actor="other"))
        return []

    service = begun({"a": {"transitions": {"go": to("b")}}, "b": {}}, hooked(after_transition=rival))
    rivals.append(service)

    with pytest.raises(Conflict) as conflict:
        service.advance("p", "go", OFFICER_AT(DAY))

    assert "(other, " in str(conflict.value)
    fired = [event.actor for event in events(service) if event.type == "transition_fired"]
    assert ["other"] == fired
    assert () == service.record.verify().findings


def test_a_request_sent_twice_is_done_once():
    """The same request id with the same content gives the first answer again."""
    service = begun(STAGES)

    first = service.act("p", "work", "complete", {}, OFFICER_AT(DAY, request_id="r-1"))
    again = service.act("p", "work", "complete", {}, OFFICER_AT(DAY, request_id="r-1"))

    assert (False, True) == (first.repeated, again.repeated)
    assert first.events == again.events
    assert 3 == state(service).revision


def test_a_creation_sent_twice_is_done_once():
    """Also where the first one pinned the definition on its way."""
    service = service_with(stages_of(STAGES))

    service.create("d", "p", OFFICER_AT(DAY, request_id="r-1"))
    again = service.create("d", "p", OFFICER_AT(DAY, request_id="r-1"))

    assert again.repeated
    assert 1 == len(service.plans())


@pytest.mark.parametrize("change", ["plan", "action", "note", "actor", "behalf"])
def test_a_request_id_means_one_thing(change: str):
    """A known request id with other content is bad input, never a silent no."""
    service = begun({"a": {"steps": {"work": TASK, "rest": TASK}}, "b": {}})
    service.create("d", "q", OFFICER_AT(DAY))
    service.act("p", "work", "hand-in", {}, OFFICER_AT(DAY, request_id="r-1"))
    more = {"note": {"note": "khác"}, "actor": {"actor": "other"}, "behalf": {"behalf": "dept-a"}}.get(change, {})

    with pytest.raises(InvalidInput) as bad:
        plan = "q" if change == "plan" else "p"
        action = "complete" if change == "action" else "hand-in"
        service.act(plan, "work", action, {}, OFFICER_AT(DAY, request_id="r-1", **more))

    assert "request-reused" == bad.value.code


def test_a_refused_request_can_be_sent_again():
    """A refusal changed nothing, so the same request id goes through once the reason is gone."""
    service = begun(STAGES)
    with pytest.raises(Refused):
        service.advance("p", "go", OFFICER_AT(DAY, request_id="r-1"))
    service.act("p", "work", "complete", {}, OFFICER_AT(DAY))

    done = service.advance("p", "go", OFFICER_AT(DAY, request_id="r-1"))

    assert not done.repeated
    assert "b" == state(service).stage


def test_a_request_id_is_kept_in_nfc():
    """Typed apart or composed, it is the same request."""
    service = begun(STAGES)

    service.act("p", "work", "complete", {}, OFFICER_AT(DAY, request_id="Hue\u0301"))
    again = service.act("p", "work", "complete", {}, OFFICER_AT(DAY, request_id="Hu\u00e9"))

    assert again.repeated


@pytest.mark.parametrize("request_id", ["", "x" * 201, "a\x00b", "a\ud800"])
def test_a_request_id_that_cannot_be_kept_is_bad_input(request_id: str):
    """Empty, over 200 characters, or with characters that cannot be stored."""
    service = begun(STAGES)

    with pytest.raises(InvalidInput):
        service.act("p", "work", "complete", {}, OFFICER_AT(DAY, request_id=request_id))


def test_a_dry_run_tells_everything_and_writes_nothing(tmp_path: Path):
    """It gives the plan as it would be; no event, text, file, definition or effect is kept."""
    letter = tmp_path / "cv.pdf"
    letter.write_bytes(b"%PDF")
    service = begun(STAGES, hooked(events_recorded=lambda plan, events: [Effect("mail", {})]))
    before = everything(service)

    would = service.act("p", "work", "complete", {}, OFFICER_AT(DAY, dry_run=True, note="thử", attach=(letter,)))
    created = service.create("d", "q", OFFICER_AT(DAY, dry_run=True))

    assert would.dry_run and would.plan.steps["a/work"].current.complete
    assert "a" == created.plan.stage
    assert before == everything(service)


def test_a_refused_dry_run_leaves_no_trace():
    """What is only tried is not an attempt."""
    service = begun(STAGES)
    before = everything(service)

    with pytest.raises(Refused):
        service.advance("p", "go", OFFICER_AT(DAY, dry_run=True))
    with pytest.raises(NotPermitted):
        service.advance("p", "go", OFFICER_AT(DAY, actor="stranger", dry_run=True))

    assert before == everything(service)


def test_a_dry_run_sees_a_plugin_fail():
    """What would be refused at the writing is refused in a dry run too."""

    def broken(plan: object, events: object) -> list[Effect]:
        raise RuntimeError("no printer")

    armed: list[bool] = []
    service = begun(
        STAGES, hooked("mailer", events_recorded=lambda plan, events: broken(plan, events) if armed else [])
    )
    armed.append(True)

    with pytest.raises(Refused, match="mailer"):
        service.act("p", "work", "complete", {}, OFFICER_AT(DAY, dry_run=True))


def test_refused_and_forbidden_attempts_are_recorded():
    """They stand in the workspace's chain with plan, command, person, codes and exit code."""
    service = begun(STAGES)

    with pytest.raises(Refused):
        service.advance("p", "go", OFFICER_AT(DAY))
    with pytest.raises(NotPermitted):
        service.advance("p", "go", OFFICER_AT(DAY, actor="stranger"))

    refused, forbidden = events(service, "@workspace")[-2:]
    assert ("officer", "attempt_refused", 3) == (refused.actor, refused.type, refused.data["exit"])
    assert ("p", "advance", "refused") == tuple(refused.data[key] for key in ("plan", "command", "code"))
    assert {"step-open", "not-done"} == set(refused.data["reasons"])
    assert ("stranger", 4, "not-permitted") == (forbidden.actor, forbidden.data["exit"], forbidden.data["code"])
    assert () == service.record.verify().findings


def test_bad_input_is_no_attempt():
    """What could not be understood (exit 2) and conflicts (exit 5) leave no record."""
    service = begun(STAGES)
    before = everything(service)

    for write in (Write(actor="ghost"), Write(actor=None), OFFICER_AT(service.today().replace(year=2030))):
        with pytest.raises(InvalidInput):
            service.advance("p", "go", write)

    assert before == everything(service)


def test_an_unknown_person_is_bad_input_whatever_the_plan_is():
    """Also on a suspended plan, and no unknown name enters the trail."""
    service = begun(STAGES)
    service.suspend("p", OFFICER_AT(DAY), reason="r")
    before = everything(service)

    for actor in ("ghost", "a\ud800"):
        with pytest.raises(InvalidInput):
            service.advance("p", "go", OFFICER_AT(DAY, actor=actor))

    assert before == everything(service)


def test_texts_never_enter_the_hashed_bytes(tmp_path: Path):
    """Title, note, reasons, cited document, file name and an act's prose lie in `content` alone."""
    letter = tmp_path / "thu-cua-ba-Nguyen.pdf"
    letter.write_bytes(b"%PDF")
    service = service_with(stages_of({"a": {"steps": {"work": TASK, "rest": TASK}}, "b": {}}))
    service.create("d", "p", OFFICER_AT(DAY, note="ghi chú mở"), title="Kế hoạch riêng")
    service.act("p", "work", "complete", {"result": "kết quả riêng"}, OFFICER_AT(DAY, attach=(letter,)))
    service.suspend("p", OFFICER_AT(DAY), reason="lý do riêng", document="văn bản riêng")
    with pytest.raises(Refused):
        service.advance("p", None, OFFICER_AT(DAY, note="ghi chú bị từ chối"))

    private = [
        *("ghi chú mở", "Kế hoạch riêng", "kết quả riêng", "thu-cua-ba-Nguyen"),
        *("lý do riêng", "văn bản riêng", "ghi chú bị từ chối"),
    ]
    bodies = b"".join(row.body for chain in ("p", "@workspace") for row in service.store.events(chain))
    assert [] == [text for text in private if text.encode() in bodies]
    entries = [entry for chain in ("p", "@workspace") for entry in service.record.audit(chain)]
    told = {text for entry in entries for text in entry.texts.values()}
    assert {*private, letter.name} - {"thu-cua-ba-Nguyen"} == told
    assert () == service.record.verify().findings


def test_the_same_text_twice_cannot_be_recognised():
    """Each text has a salt of its own, so equal texts have unequal keys."""
    service = begun({"a": {"steps": {"work": TASK, "rest": TASK}}, "b": {}})
    for step in ("work", "rest"):
        service.act("p", step, "complete", {"result": "như nhau"}, OFFICER_AT(DAY))

    keys = {event.data["data"]["result"]["text"] for event in events(service) if event.type == "step_acted"}

    assert 2 == len(keys)


def test_a_person_acts_under_their_own_login():
    """Where the register names an account, another one is exit 4 and is recorded with that login."""
    service = begun(STAGES, login={"account": "nguoi-la", "host": "may-1"})

    with pytest.raises(NotPermitted) as forbidden:
        service.act("p", "work", "complete", {}, OFFICER_AT(DAY, actor="bound"))

    assert "login-mismatch" == forbidden.value.code
    assert {"account": "nguoi-la", "host": "may-1"} == events(service, "@workspace")[-1].authority["login"]


def test_a_matching_login_stands_in_the_event():
    """Account and host are part of every event."""
    login = {"account": "someone-else", "host": "may-1"}
    service = begun(STAGES, login=login)

    service.act("p", "work", "complete", {}, OFFICER_AT(DAY, actor="bound"))

    assert login == events(service)[-1].authority["login"]


def test_an_act_can_be_entered_on_behalf_of_a_body():
    """Source body and recorder stand apart; an unknown body is bad input."""
    service = begun(STAGES)

    with pytest.raises(InvalidInput) as bad:
        service.act("p", "work", "complete", {}, OFFICER_AT(DAY, behalf="nobody"))
    service.act("p", "work", "complete", {}, OFFICER_AT(DAY, behalf="dept-b"))

    assert "unknown-unit" == bad.value.code
    assert ("officer", "dept-b") == (events(service)[-1].actor, events(service)[-1].on_behalf)


def test_what_became_due_by_itself_takes_nothing_from_the_command(tmp_path: Path):
    """A tick recorded first has neither the actor nor the note, files or request of the command."""
    from engine.kit import Verdict

    class Ticking(Verdict):
        name = "ticking"

        def tick(self, view: object, context: object) -> Act | None:
            return Act() if view.state.remarks == 0 else None

        def evolve(self, state: object, action: str, data: object) -> object:
            return self.State(remarks=0 if state is None else state.remarks + (action == "tick"))

    letter = tmp_path / "cv.pdf"
    letter.write_bytes(b"%PDF")
    service = begun(
        {"a": {"steps": {"clock": {"uses": "ticking"}, "work": TASK}}, "b": {}},
        registry(Point("ticking", plugin(step_types=lambda: (Ticking(),)))),
    )

    service.act("p", "work", "complete", {}, OFFICER_AT(DAY, note="ghi", attach=(letter,), request_id="r-1"))
    again = service.act("p", "work", "complete", {}, OFFICER_AT(DAY, note="ghi", attach=(letter,), request_id="r-1"))

    ticked, acted = events(service)[-2:]
    assert ("tick", None, service.today()) == (ticked.data["action"], ticked.actor, ticked.occurred_on)
    assert {"note", "attachments", "request"} <= set(acted.data)
    assert not {"note", "attachments", "request"} & set(ticked.data)
    assert again.repeated
    assert () == service.record.verify().findings
