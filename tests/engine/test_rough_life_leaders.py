"""The rough life of plan 25/KH-KHCN of 2019, second part: the leaders, the session, the end, the trail.

It goes on where `test_rough_life` ends.
"""

from __future__ import annotations

import json

from engine import test_rough_life
from engine.rough_life import PLAN, Office, chapter

from workflow import audit
from workflow.bootstrap import open_workspace
from workflow.plan.state import fold

DRAFTERS, VICE_CHAIRMAN, COMMITTEE = test_rough_life.DRAFTERS, "vice-chairman-in-charge", "ubnd-tinh"
REPORT, REVISE = "vice-chairman/report", "vice-chairman/revise-4"
MEMBERS = ("--members", "29")


@chapter
def test_draft_4_passes_the_director_and_the_office(office: Office):
    """Draft 4 is brought about in step 7, revised in step 8; the submission paper has to speak of the newest."""
    office.day("2019-06-28")
    office.act("cv-qlcn", "leadership-review/report", "send")
    office.act("nguyen-thanh-binh", "leadership-review/report", "conclude", "--outcome", "approved", "--text", "Gửi.")
    assert "4.1" == office.hands_in("cv-qlcn", "write-4", "Dự thảo lần 4.")
    office.stands(stage="leadership-review", waiting={"director": "2019-06-28"}, moves=("send-to-office",))
    office.moves("nguyen-thanh-binh", "send-to-office")
    office.day("2019-07-05")
    office.hands_in("cv-qlcn", "submission-paper", "Tờ trình.")
    office.act("cv-qlcn", "office", "send")
    office.stands(
        stage="verification",
        waiting={"van-phong-ubnd-tinh": "2019-07-05"},
        blocked=("step-open", "not-concluded", "step-not-open", "outcome-differs"),
        draft="4.1",
    )
    office.day("2019-07-22")
    office.act("van-thu", "office", "conclude", "--outcome", "verified", "--text", "Rà soát căn cứ.")
    assert "4.2" == office.hands_in("cv-qlcn", "verification/revise-4", "Dự thảo lần 4, sau thẩm tra.")
    office.stands(stage="verification", waiting={DRAFTERS: "2019-07-22"}, blocked=("paper-outdated",), draft="4.2")
    office.hands_in("cv-qlcn", "submission-paper", "Tờ trình, sau thẩm tra.")
    office.moves("cv-qlcn", "report-to-vice-chairman")


@chapter
def test_the_vice_chairman_asks_for_changes(office: Office):
    """He got 4.2; his two conclusions are settled, one taken in, one answered, before 4.3 goes up."""
    office.day("2019-08-05")
    office.act("cv-qlcn", REPORT, "send")
    sent = ("step-open", "no-conclusion", "step-not-open", "outcome-differs")
    office.stands(stage="vice-chairman", waiting={VICE_CHAIRMAN: "2019-08-05"}, blocked=sent)
    office.day("2019-08-12")
    asked = ("--conclusion", "Làm rõ đối tượng.", "--conclusion", "Bổ sung hỗ trợ lãi suất.")
    office.act("duong-van-thai", REPORT, "conclude", "--outcome", "changes-requested", *asked)
    office.stands(
        stage="vice-chairman",
        waiting={DRAFTERS: "2019-08-12"},
        blocked=("step-open", "draft-missing", "conclusions-open", "not-approved", "outcome-differs"),
        draft="4.2",
    )
    assert VICE_CHAIRMAN in office.sent_to("4.2")
    office.day("2019-08-14")
    assert "4.3" == office.hands_in("cv-qlcn", REVISE, "Dự thảo lần 4, làm rõ đối tượng.")
    office.act("cv-qlcn", REPORT, "take-in", "--conclusion", "1-1", "--text", "Điều 2")
    refused = office.refused("cv-qlcn", "advance", PLAN, "report-again")
    assert "1-2" in str(refused["reasons"]) and "1-1" not in str(refused["reasons"])
    office.act("cv-qlcn", REPORT, "answer", "--conclusion", "1-2", "--text", "Thuộc quy định khác.")
    office.moves("cv-qlcn", "report-again")
    office.act("cv-qlcn", REPORT, "send")

    office.stands(
        stage="vice-chairman",
        waiting={VICE_CHAIRMAN: "2019-08-14"},
        blocked=("step-open", "no-conclusion", "outcome-differs"),
        draft="4.3",
    )


@chapter
def test_he_is_replaced_and_the_old_one_is_refused(office: Office):
    """A new holder is loaded from 16 August on; the gate belongs to the office, so the work stays."""
    people = office.root / "people.yaml"
    before = people.read_text(encoding="utf-8")
    old = "until: 2020-01-31}\n      - {person: le-anh-duong, from: 2020-02-01,"
    new = "until: 2019-08-15}\n      - {person: le-anh-duong, from: 2019-08-16,"
    assert 1 == before.count(old)
    people.write_text(before.replace(old, new), encoding="utf-8")
    office.does("van-thu", "people", "load")
    office.day("2019-08-19")

    refused = office.refused("duong-van-thai", "act", PLAN, REPORT, "conclude", "--outcome", "approved", exit_code=4)
    assert any("2019-08-15" in reason["message"] for reason in refused["reasons"])
    assert "le-anh-duong" in str(refused) and "cv-qlcn" not in str(refused)
    assert {"duong-van-thai": False, "le-anh-duong": True, "cv-qlcn": False} == {
        who: _may_conclude(office, who) for who in ("duong-van-thai", "le-anh-duong", "cv-qlcn")
    }
    office.stands(
        stage="vice-chairman",
        waiting={VICE_CHAIRMAN: "2019-08-14"},
        blocked=("step-open", "no-conclusion", "outcome-differs"),
    )


@chapter
def test_the_new_one_asks_for_changes_too_then_approves(office: Office):
    """He got 4.3, his second round; 4.4 is approved, and the trail says who concluded for the office each time."""
    asked = ("--conclusion", "Rút gọn hồ sơ.")
    office.act("le-anh-duong", REPORT, "conclude", "--outcome", "changes-requested", *asked)
    office.stands(
        stage="vice-chairman",
        waiting={DRAFTERS: "2019-08-19"},
        blocked=("conclusions-open", "not-approved", "outcome-differs"),
        draft="4.3",
    )
    office.day("2019-08-21")
    assert "4.4" == office.hands_in("cv-qlcn", REVISE, "Dự thảo lần 4, hồ sơ rút gọn.")
    office.act("cv-qlcn", REPORT, "take-in", "--conclusion", "2-1", "--text", "Điều 5")
    office.moves("cv-qlcn", "report-again")
    office.act("cv-qlcn", REPORT, "send")
    office.day("2019-08-26")
    office.act("le-anh-duong", REPORT, "conclude", "--outcome", "approved", "--text", "Đồng ý trình.")

    office.stands(
        stage="vice-chairman",
        waiting={DRAFTERS: "2019-08-26", "clerk": "2019-08-26"},
        moves=("prepare-session",),
        draft="4.4",
    )
    assert [(VICE_CHAIRMAN, True)] == [(each["by"], each["covers"]) for each in office.draft("4.4")["approvals"]]
    concluded = [
        (event["actor"], event["authority"]["ref"], event["data"]["to"])
        for event in office.asked("audit", "show", PLAN, "--since", "2019-08-01")["events"]
        if event["type"] == "step_acted" and "conclude" == event["data"]["action"]
    ]
    assert [
        ("duong-van-thai", VICE_CHAIRMAN, "changes-requested"),
        ("le-anh-duong", VICE_CHAIRMAN, "changes-requested"),
        ("le-anh-duong", VICE_CHAIRMAN, "approved"),
    ] == concluded


@chapter
def test_an_edit_leaves_the_approval_behind_until_he_extends_it(office: Office):
    """4.5 mends the layout: the approval of 4.4 visibly does not cover it, and its approver alone extends it."""
    office.day("2019-08-28")
    assert "4.5" == office.hands_in("cv-qlcn", REVISE, "Dự thảo lần 4, sửa lỗi trình bày.")
    office.stands(
        stage="vice-chairman",
        waiting={VICE_CHAIRMAN: "2019-08-28"},
        blocked=("approval-outdated", "outcome-differs"),
        draft="4.5",
        uncovered=(f"4.4 by {VICE_CHAIRMAN}",),
    )
    assert "The approval of decision 4.4" in office.read("show", PLAN)
    office.refused("cv-qlcn", "advance", PLAN, "prepare-session")
    for other in ("duong-van-thai", "cv-qlcn"):
        office.refused(other, "act", PLAN, REPORT, "extend", exit_code=4)
    office.act("le-anh-duong", REPORT, "extend", "--text", "Chỉ sửa kỹ thuật trình bày.")

    office.stands(
        stage="vice-chairman",
        waiting={DRAFTERS: "2019-08-28", "clerk": "2019-08-28"},
        moves=("prepare-session",),
        draft="4.5",
    )
    assert [[False], [True]] == [
        [each["covers"] for each in office.draft(name)["approvals"]] for name in ("4.4", "4.5")
    ]


@chapter
def test_the_session_is_postponed(office: Office):
    """Set for the 10th and put off to the 22nd: the papers' day moves along, and nothing is decided before."""
    office.moves("cv-qlcn", "prepare-session")
    office.stands(stage="buffer", waiting={DRAFTERS: "2019-08-28"}, blocked=("paper-outdated",))
    office.day("2019-09-25")
    paper = office.paper("to-trinh.txt", "Tờ trình, theo dự thảo 4.5.")
    office.act("cv-qlcn", "dossier", "file", "--paper", "submission-paper", "--attach", paper)
    assert 5 == office.asked("show", PLAN)["buffers"][0]["left"]
    office.moves("nguyen-thanh-binh", "submit-to-session")
    office.day("2019-10-01")
    office.act("cv-qlcn", "vote", "submit")
    scheduled = office.act("van-thu", "vote", "schedule", "--session", "2019-10-10")["events"][0]["data"]["data"]
    open_ = ("step-open", "not-decided", "outcome-differs")
    office.stands(stage="session", waiting={COMMITTEE: "2019-10-01"}, blocked=open_, draft="4.5")
    office.day("2019-10-09")
    moved = ("--reason", "Bão, hoãn phiên họp.", "--to", "2019-10-22")
    postponed = office.act("van-thu", "vote", "postpone", *moved)["events"][0]["data"]["data"]
    assert ["2019-10-07", "2019-10-17"] == [each["papers_due"] for each in (scheduled, postponed)]
    office.day("2019-10-11")
    votes = ("--votes-for", "27", "--votes-against", "2", *MEMBERS)
    early = office.refused("van-thu", "act", PLAN, "vote", "decide", "--outcome", "passed", *votes)

    assert ["2019-10-22"] == [reason["from"] for reason in early["reasons"]]
    office.stands(stage="session", waiting={COMMITTEE: "2019-10-01"}, blocked=open_, draft="4.5")
    assert "postponed" == office.step("session/vote")["state"]
    assert COMMITTEE in office.sent_to("4.5")


@chapter
def test_the_session_sends_the_text_back(office: Office):
    """Nine of 29 are in favour; the text goes back to step 9, where the approval of 4.5 does not cover 4.6."""
    office.day("2019-10-22")
    for_nine = ("--votes-for", "9", "--votes-against", "15", "--abstained", "5", *MEMBERS)
    office.refused("van-thu", "act", PLAN, "vote", "decide", "--outcome", "passed", *for_nine)
    many = ("--votes-for", "20", "--votes-against", "15", *MEMBERS)
    office.refused("van-thu", "act", PLAN, "vote", "decide", "--outcome", "sent-back", *many)
    office.act("van-thu", "vote", "decide", "--outcome", "sent-back", *for_nine, "--text", "Giảm mức hỗ trợ.")
    office.stands(stage="session", waiting={DRAFTERS: "2019-10-22"}, blocked=("outcome-differs",))
    office.moves("cv-qlcn", "send-back")
    office.day("2019-10-24")
    assert "4.6" == office.hands_in("cv-qlcn", REVISE, "Dự thảo lần 4, giảm mức hỗ trợ.")

    office.stands(
        stage="vice-chairman",
        waiting={VICE_CHAIRMAN: "2019-10-24"},
        late={DRAFTERS: 55},
        blocked=("approval-outdated", "outcome-differs"),
        draft="4.6",
        uncovered=(f"4.5 by {VICE_CHAIRMAN}",),
    )


@chapter
def test_the_second_session_passes_it(office: Office):
    """The Vice-Chairman approves 4.6, the session of 5 November passes it; the days past October are the session's."""
    office.day("2019-10-25")
    office.act("cv-qlcn", REPORT, "send")
    office.act("le-anh-duong", REPORT, "conclude", "--outcome", "approved", "--text", "Đồng ý.")
    office.moves("cv-qlcn", "prepare-session")
    paper = office.paper("to-trinh-2.txt", "Tờ trình, theo dự thảo 4.6.")
    office.act("cv-qlcn", "dossier", "file", "--paper", "submission-paper", "--attach", paper)
    office.moves("nguyen-thanh-binh", "submit-to-session")
    office.act("cv-qlcn", "vote", "submit")
    office.act("van-thu", "vote", "schedule", "--session", "2019-11-05")
    office.day("2019-11-05")
    votes = ("--votes-for", "27", "--votes-against", "0", "--abstained", "2", *MEMBERS)
    office.act("van-thu", "vote", "decide", "--outcome", "passed", *votes)

    office.stands(
        stage="session",
        waiting={DRAFTERS: "2019-11-05", "clerk": "2019-11-05"},
        late={COMMITTEE: 5},
        moves=("promulgate",),
        draft="4.6",
    )
    assert ["sent-back", "passed"] == [office.step("session/vote", number)["state"] for number in (1, 2)]
    office.moves("cv-qlcn", "promulgate")


@chapter
def test_the_end_is_told_and_the_trail_holds(office: Office):
    """Nothing is open or late any more; the chains verify, and the events make the very state that is stored."""
    shown = office.asked("show", PLAN)
    assert ("finished", [], [], []) == (shown["state"], shown["waiting_on"], shown["lateness"], shown["blocked"])
    assert [] == office.asked("overview")["plans"]
    assert "What blocks it" not in office.read("show", PLAN)
    attempts = [
        event["actor"]
        for event in office.asked("audit", "show", "@workspace")["events"]
        if event["type"] == "attempt_refused"
    ]
    assert {"duong-van-thai", "cv-qlcn", "van-thu", "nguyen-thanh-binh"} == set(attempts)

    verified = office.asked("audit", "verify")

    assert (2, []) == (verified["chains"], verified["findings"])
    workspace = open_workspace(office.root, clock=office.clock, create_db=False)
    service = workspace.service
    row = service.require_plan(PLAN)
    events = [audit.event_of(stored.body) for stored in service.store.events(PLAN)]
    again = fold(events, service.process_of(row.definition).evolve_step)
    workspace.close()
    assert audit.from_stored(row.state) == json.loads(json.dumps(again.as_data()))


def _may_conclude(office: Office, who: str) -> bool | None:
    actions = office.asked("next", PLAN, "--as", who)["actions"]
    (found,) = (each for each in actions if each["step"] == REPORT and "conclude" == each["action"])
    return found["permitted"]
