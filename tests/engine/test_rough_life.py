"""The rough life of plan 25/KH-KHCN of 2019, first part: from the drafting group to the second appraisal.

A story in chapters, told in order. Each says what happened, and then what everybody who asks is told. Its second part,
with the leaders and the session, is `test_rough_life_leaders`.
"""

from __future__ import annotations

from typing import Any

from engine.rough_life import PLAN, Office, chapter

DRAFTERS, JUSTICE = "phong-qlcn", "so-tu-phap"
UNITS = {
    "van-phong-so": "cv-van-phong",
    "phong-qlkh": "cv-qlkh",
    "phong-qlcn": "cv-qlcn",
    "phong-qlkhcn-co-so": "cv-co-so",
    "phong-ql-chuyen-nganh": "cv-chuyen-nganh",
    "chi-cuc-tdc": "cv-tdc",
    "tt-ung-dung-khcn": "cv-trung-tam",
}
IN_TIME = """so-tu-phap so-ke-hoach-va-dau-tu so-cong-thuong so-nong-nghiep so-tai-nguyen-moi-truong so-xay-dung
so-thong-tin-truyen-thong so-y-te ban-quan-ly-kcn ubnd-tp-bac-giang ubnd-hiep-hoa ubnd-lang-giang ubnd-luc-nam
ubnd-tan-yen ubnd-viet-yen ubnd-yen-dung ubnd-yen-the""".split()
GROUNDS = ("Mức hỗ trợ trái thẩm quyền.", "Thiếu nguồn kinh phí.", "Điều 3 trùng quy định khác.", "Sai thể thức.")


@chapter
def test_the_group_is_founded_and_two_people_collide(office: Office):
    """While the officer moves the plan on, the clerk does too: one of them is told who was there before."""
    office.day("2019-02-25")
    office.type("people", "load", "--as", "van-thu")
    office.does("cv-qlcn", "create", "support-technology-renewal-2019", "--id", PLAN, "--start", "2019-02-25")
    office.stands(
        stage="setting-up",
        waiting={"director": "2019-02-25", DRAFTERS: "2019-02-25"},
        blocked=("step-open", "not-done"),
    )
    office.day("2019-03-04")
    office.act("nguyen-thanh-binh", "found-group", "complete", "--attach", office.paper("qd.txt", "Thành lập Tổ"))
    office.day("2019-03-27")
    office.act("cv-qlcn", "collect", "complete", "--result", "Quy định của Trung ương và 12 tỉnh.")

    seen = office.stands(
        stage="setting-up", waiting={DRAFTERS: "2019-03-27", "clerk": "2019-03-27"}, moves=("start-drafting",)
    )["revision"]
    office.moves("cv-qlcn", "start-drafting", "--expect", str(seen))
    collision = office.type("advance", PLAN, "start-drafting", "--expect", str(seen), "--as", "van-thu")

    assert 5 == collision.exit_code
    assert "somebody acted" in collision.stderr and "cv-qlcn" in collision.stderr
    assert ["transition_fired", "step_opened"] == [event["type"] for event in office.newest(2)]
    office.stands(stage="first-draft", waiting={DRAFTERS: "2019-03-27"}, blocked=("step-open", "draft-missing"))


@chapter
def test_an_opinion_entered_for_the_wrong_unit_is_corrected(office: Office):
    """The clerk takes a no for the Inspectorate's; undone, the round waits for the Inspectorate as before."""
    office.day("2019-04-12")
    assert "1.1" == office.hands_in("cv-qlcn", "write-1", "Dự thảo Quyết định, lần 1.")
    office.moves("cv-qlcn", "ask-units")
    office.day("2019-04-17")
    for unit, person in UNITS.items():
        office.act(person, "units", "respond", "--unit", unit, "--position", "agree")
    text = ("--position", "agree-with-comments", "--text", "Bổ sung căn cứ bố trí kinh phí.")
    office.act("cv-khtc", "units", "respond", "--unit", "phong-khtc", *text)
    awaited = {
        "stage": "internal-opinions",
        "waiting": {"thanh-tra-so": "2019-04-12"},
        "blocked": ("step-open", "silent", "step-not-open", "outcome-differs"),
        "draft": "1.1",
    }
    office.stands(**awaited)

    wrong = ("--unit", "thanh-tra-so", "--position", "disagree", "--text", "Không cần quy định riêng.")
    entered = office.act("van-thu", "units", "respond", *wrong)["events"][0]
    assert "thanh-tra-so" == entered["on_behalf"]
    assert "closed" == office.step("internal-opinions/units")["state"]
    office.day("2019-04-18")
    office.does("van-thu", "correct", PLAN, str(entered["seq"]), "--reason", "Ghi nhầm đơn vị")

    office.stands(**awaited)
    assert ("event_corrected", entered["seq"]) == (office.newest()[0]["type"], office.newest()[0]["data"]["seq"])
    assert f"undone by event {office.newest()[0]['seq']}" in office.read("audit", "show", PLAN)
    refused = office.refused("van-thu", "correct", PLAN, str(entered["seq"]), "--reason", "Ghi nhầm lần nữa")
    assert "not-reversible" == refused["code"]


@chapter
def test_the_director_gives_his_direction_on_draft_1(office: Office):
    """What was sent to him is draft 1.1, and the trail says that he concluded."""
    office.day("2019-04-22")
    office.act("cv-thanh-tra", "units", "respond", "--unit", "thanh-tra-so", "--position", "agree")
    office.stands(
        stage="internal-opinions",
        waiting={DRAFTERS: "2019-04-22"},
        blocked=("step-open", "opinion-unanswered", "step-not-open", "outcome-differs"),
    )
    office.act("cv-qlcn", "units", "answer", "--unit", "phong-khtc", "--verdict", "accepted")
    office.act("cv-qlcn", "units", "synthesise")
    office.day("2019-04-23")
    office.act("cv-qlcn", "direction", "send")
    office.stands(
        stage="internal-opinions",
        waiting={"director": "2019-04-23"},
        blocked=("step-open", "no-conclusion", "outcome-differs"),
    )
    office.day("2019-04-26")
    office.act("nguyen-thanh-binh", "direction", "conclude", "--outcome", "approved", "--text", "Đồng ý chủ trương.")

    office.stands(
        stage="internal-opinions", waiting={DRAFTERS: "2019-04-26", "clerk": "2019-04-26"}, moves=("ask-departments",)
    )
    assert {"director", "chi-cuc-tdc"} <= office.sent_to("1.1")


@chapter
def test_the_posting_is_interrupted_for_three_days(office: Office):
    """Posted a day late for May and taken down from the 14th to the 17th, the draft stands until 4 June."""
    office.moves("cv-qlcn", "ask-departments")
    office.day("2019-05-02")
    office.act("cv-qlcn", "portal", "post")
    assert "2019-06-01" in office.reasons("submit-for-appraisal")["minimum-running"]["message"]
    office.day("2019-05-08")
    minutes = office.paper("bien-ban.txt", "Biên bản họp lấy ý kiến.")
    office.act("cv-qlcn", "meeting", "minutes", "--attended", JUSTICE, "--attach", minutes)
    office.day("2019-05-14")
    office.act("cv-qlcn", "portal", "take-down", "--reason", "Cổng bảo trì")
    assert "taken-down" == office.step("departments-opinions/portal")["state"]
    assert "taken-down" in office.reasons("submit-for-appraisal")
    assert {DRAFTERS: "2019-05-14"}.items() <= {
        each["id"]: each["since"] for each in office.asked("show", PLAN)["waiting_on"]
    }.items()
    office.day("2019-05-17")
    office.act("cv-qlcn", "portal", "put-back")

    told = office.reasons("submit-for-appraisal")
    assert "2019-06-04" in told["minimum-running"]["message"]
    assert "after 2019-05-31" in told["does-not-fit"]["message"]
    assert DRAFTERS not in {each["id"] for each in office.asked("show", PLAN)["waiting_on"]}
    events = office.asked("audit", "show", PLAN, "--since", "2019-05-14")["events"]
    assert ["take-down", "put-back"] == [event["data"]["action"] for event in events]


@chapter
def test_one_district_is_silent_and_one_department_late(office: Office):
    """On 31 May the round does not close; on 3 June it does, over the silent district, with the late letter marked."""
    office.day("2019-05-20")
    for unit in IN_TIME:
        office.act("van-thu", "meeting", "respond", "--unit", unit, "--position", "agree", "--letter", "1/CV")
    for unit, text in (("so-tai-chinh", "Nêu rõ nguồn kinh phí."), ("ubnd-luc-ngan", "Ưu tiên chế biến nông sản.")):
        opinion = ("--unit", unit, "--position", "comments", "--text", text, "--letter", "2/CV")
        office.act("van-thu", "meeting", "respond", *opinion)
    office.day("2019-05-24")
    office.act("cv-qlcn", "meeting", "remind", "--units", "so-noi-vu", "--units", "ubnd-son-dong")
    office.stands(
        stage="departments-opinions",
        waiting={"so-noi-vu": "2019-04-26", "ubnd-son-dong": "2019-04-26"},
        blocked=("step-open", "silent", "step-not-open", "minimum-running", "does-not-fit", "paper-missing"),
    )
    office.day("2019-05-31")
    assert "silent" in {each["code"] for each in office.refused("cv-qlcn", "act", PLAN, "meeting", "close")["reasons"]}

    office.day("2019-06-03")
    silent = office.stands(
        stage="departments-opinions",
        waiting={"so-noi-vu": "2019-04-26", "ubnd-son-dong": "2019-04-26", DRAFTERS: "2019-06-01"},
        late={"so-noi-vu": 3, "ubnd-son-dong": 3, DRAFTERS: 3},
        blocked=("step-open", "silent", "step-not-open", "minimum-running", "does-not-fit", "paper-missing"),
    )
    assert all("reminded on 2019-05-24" in reason["message"] for reason in _of(silent, "silent"))
    office.act("van-thu", "meeting", "respond", "--unit", "so-noi-vu", "--position", "agree", "--letter", "512/SNV")
    assert office.newest()[0]["data"]["data"]["late"]
    closed = office.act("cv-qlcn", "meeting", "close")["events"][0]["data"]["data"]

    counts = {"asked": 21, "answered": 20, "agreed": 18, "silent": 1, "late": 1, "after_close": 0}
    assert counts == closed["counts"]
    assert DRAFTERS in {each["id"] for each in office.asked("show", PLAN)["waiting_on"]}
    assert "ubnd-son-dong" not in {each["id"] for each in office.asked("show", PLAN)["waiting_on"]}


@chapter
def test_every_opinion_is_answered_before_draft_2_goes_out(office: Office):
    """The Director cannot send it while one has no answer; with all there it is he who is waited for, and not late."""
    names = {each["message"] for each in _of(office.asked("show", PLAN), "opinion-unanswered")}
    assert 2 == len(names) and any("so-tai-chinh" in name for name in names)
    refused = office.refused("nguyen-thanh-binh", "advance", PLAN, "submit-for-appraisal")
    assert "opinion-unanswered" in {each["code"] for each in refused["reasons"]}
    office.act("cv-qlcn", "meeting", "answer", "--unit", "so-tai-chinh", "--verdict", "accepted")
    partly = ("--verdict", "partly", "--taken-in", "Thêm tiêu chí.", "--reason", "Hỗ trợ chung cho mọi ngành.")
    office.act("cv-qlcn", "meeting", "answer", "--unit", "ubnd-luc-ngan", *partly)
    office.act("cv-qlcn", "meeting", "synthesise")
    office.refused("cv-qlcn", "act", PLAN, "portal", "close")
    office.day("2019-06-04")
    office.act("cv-qlcn", "portal", "close")
    office.hands_in("cv-qlcn", "opinion-table", "Bảng tổng hợp, tiếp thu, giải trình.")
    assert "2.1" == office.hands_in("cv-qlcn", "write-2", "Dự thảo Quyết định, lần 2.")

    office.stands(
        stage="departments-opinions",
        waiting={"director": "2019-06-04"},
        late={DRAFTERS: 4},
        moves=("submit-for-appraisal",),
        draft="2.1",
    )


@chapter
def test_the_dossier_is_incomplete_and_the_clock_starts_with_the_full_one(office: Office):
    """While a paper is missing the drafters hold it; supplemented, Justice does, and its days past the 15th are its."""
    office.day("2019-06-05")
    office.moves("nguyen-thanh-binh", "submit-for-appraisal")
    office.act("cv-qlcn", "justice", "send")
    missing = ("step-open", "step-not-open", "outcome-differs")
    office.stands(stage="appraisal", waiting={JUSTICE: "2019-06-05"}, blocked=(*missing, "not-reported"))
    refused = office.refused(
        "cv-qlcn",
        "act",
        PLAN,
        "justice",
        "answer-ground",
        "--ground",
        "1-1",
        "--verdict",
        "accepted",
        "--text",
        "Không có.",
    )
    assert refused["code"]
    office.day("2019-06-07")
    office.act("van-thu", "justice", "ask-supplement", "--missing", "Thiếu báo cáo đánh giá tác động.")
    office.stands(stage="appraisal", waiting={DRAFTERS: "2019-06-07"}, blocked=(*missing, "supplement-missing"))
    office.day("2019-06-10")
    office.act("cv-qlcn", "justice", "supplement", "--attach", office.paper("tac-dong.txt", "Báo cáo đánh giá"))
    office.day("2019-06-11")
    office.act("van-thu", "justice", "accept-dossier")
    office.day("2019-06-20")

    office.stands(
        stage="appraisal",
        waiting={JUSTICE: "2019-06-10"},
        late={JUSTICE: 5},
        blocked=(*missing, "not-reported"),
        draft="2.1",
    )
    assert JUSTICE in office.sent_to("2.1")


@chapter
def test_not_eligible_on_four_grounds_goes_back_to_draft_2(office: Office):
    """The report's four grounds are the drafters' work from that day; the five days lost before stay Justice's."""
    grounds = [word for ground in GROUNDS for word in ("--grounds", ground)]
    office.act("van-thu", "justice", "report", "--outcome", "not-eligible", "--number", "21/BC-STP", *grounds)
    office.stands(
        stage="appraisal",
        waiting={DRAFTERS: "2019-06-20"},
        late={JUSTICE: 5},
        blocked=("step-open", "not-done", "draft-missing", "outcome-differs"),
    )
    assert "not-eligible" in office.reasons("accept")["outcome-differs"]["message"]
    office.refused("cv-qlcn", "advance", PLAN, "accept")
    office.moves("cv-qlcn", "return")
    office.day("2019-06-21")
    assert "2.2" == office.hands_in("cv-qlcn", "departments-opinions/write-2", "Dự thảo lần 2, sửa theo thẩm định.")
    office.moves("nguyen-thanh-binh", "submit-for-appraisal")

    refused = office.refused("cv-qlcn", "act", PLAN, "justice", "send")
    assert [f"ground 1-{number} " in reason["message"] for number, reason in enumerate(refused["reasons"], 1)] == [
        True
    ] * 4
    for number, verdict in enumerate(("accepted", "accepted", "partly", "explained"), 1):
        answer = ("--ground", f"1-{number}", "--verdict", verdict, "--text", "Đã sửa, giải trình tại báo cáo.")
        assert f"ground 1-{number}" in str(office.refused("cv-qlcn", "act", PLAN, "justice", "send")["reasons"])
        office.act("cv-qlcn", "justice", "answer-ground", *answer)
    office.act("cv-qlcn", "justice", "send")
    office.stands(
        stage="appraisal",
        waiting={JUSTICE: "2019-06-21"},
        late={DRAFTERS: 6},
        blocked=("step-open", "not-reported", "not-done", "draft-missing", "outcome-differs"),
        draft="2.2",
    )


@chapter
def test_the_second_appraisal_lets_it_pass_and_both_reports_stay(office: Office):
    """Sent were 2.1 and then 2.2; the plan goes on with draft 3, and both rounds can be read."""
    office.day("2019-06-24")
    office.act("van-thu", "justice", "accept-dossier")
    office.day("2019-06-27")
    office.act("van-thu", "justice", "report", "--outcome", "eligible", "--number", "24/BC-STP")
    office.act("cv-qlcn", "answer", "complete", "--result", "Đã giải trình, tiếp thu.")
    assert "3.1" == office.hands_in("cv-qlcn", "write-3", "Dự thảo lần 3.")

    office.stands(
        stage="appraisal",
        waiting={DRAFTERS: "2019-06-27", "clerk": "2019-06-27"},
        late={JUSTICE: 6, DRAFTERS: 6},
        moves=("accept",),
        draft="3.1",
    )
    reports = [
        event["data"]["data"]["report_number"]
        for event in office.asked("audit", "show", PLAN, "--since", "2019-06-20")["events"]
        if event["type"] == "step_acted" and event["data"]["action"] == "report"
    ]
    assert ["21/BC-STP", "24/BC-STP"] == reports
    assert ["not-eligible", "eligible"] == [office.step("appraisal/justice", n)["state"] for n in (1, 2)]
    for name in ("2.1", "2.2"):
        assert JUSTICE in office.sent_to(name)
    assert "sửa theo thẩm định" in office.read("draft", "diff", PLAN, "decision", "2.1", "2.2")
    office.moves("cv-qlcn", "accept")


def _of(shown: dict[str, Any], code: str) -> list[dict[str, Any]]:
    """The reasons with this code against the moves onward."""
    return [reason for move in shown["blocked"] for reason in move["reasons"] if code == reason["code"]]
