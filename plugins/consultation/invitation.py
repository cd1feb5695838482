"""Who is asked, by when, about which revision; who is pressed; who is asked in another's place."""

from __future__ import annotations

from datetime import date
from typing import Any

from trinh_plugins._opinions import unkept
from trinh_plugins.consultation.options import Minutes, Remind, Replace
from trinh_plugins.consultation.rules import lead, refused
from trinh_plugins.consultation.state import Asked
from workflow import Act, Phrase, Reason, Sent, StepView, prose


def opened(view: StepView, context: Any) -> Act:
    """Resolve who is asked on this day, by when, and send them the newest revision."""
    options = view.options
    mandatory = context.units(options.mandatory)
    units = context.units((*options.invite, *options.mandatory))
    due = _first_due(view, context)
    data: dict[str, Any] = {"asked": [{"unit": unit, "due": due, "mandatory": unit in mandatory} for unit in units]}
    if options.quorum is not None:
        data["veto"] = [unit for unit in context.units(options.quorum.veto) if unit in units]
        data["groups"] = [
            {
                "group": each.group,
                "units": [unit for unit in context.units((each.group,)) if unit in units],
                "agree": each.agree,
            }
            for each in options.quorum.groups
        ]
    reasons = [*_nobody(view, context, units), *_impossible(view, data), *_no_deadline(view, due)]
    if reasons:
        raise refused("the round cannot be opened", "không thể mở đợt lấy ý kiến", *reasons)
    # Without a revision the round opens and says what is missing: the plan may have begun outside.
    sends = (Sent(options.document, to=units, required=False),) if options.document else ()
    return Act(data=data, sends=sends)


def received(view: StepView, units: tuple[str, ...], context: Any) -> Act:
    """Record that units received the papers on this day, from which their terms count."""
    units = named(context, units)
    reasons = [*_not_asked(view, units)]
    if reasons:
        raise refused("the receipt cannot be recorded", "không thể ghi ngày nhận", *reasons)
    days = view.options.answer_days
    again = None if days is None else context.working_days_after(context.on, days).isoformat()
    return Act({"received": [{"unit": unit, "due": again or view.state.asked_unit(unit).due} for unit in units]})


def reminded(view: StepView, parameters: Remind, context: Any) -> Act:
    """Record who is pressed for an answer on this day."""
    silent = tuple(asked.unit for asked in view.state.silent)
    units = named(context, parameters.units) or silent
    reasons = [*_not_asked(view, units), *unkept({"text": parameters.text})]
    for unit in units:
        if unit not in silent and view.state.asked_unit(unit) is not None:
            phrase = Phrase("{unit} has answered", {"unit": unit}, vi="{unit} đã có ý kiến")
            reasons.append(Reason("not-silent", phrase))
    if not units:
        phrase = Phrase("everybody has answered", vi="không còn đơn vị nào chưa có ý kiến")
        reasons.append(Reason("not-silent", phrase))
    if reasons:
        raise refused("there is nobody to remind", "không thể ghi việc đôn đốc", *reasons)
    return Act({"units": list(units), "text": prose(parameters.text)})


def sent_again(view: StepView, units: tuple[str, ...], context: Any) -> Act:
    """Send the newest revision to those asked, who can then answer about it."""
    document = view.options.document
    units = named(context, units) or tuple(asked.unit for asked in view.state.awaited)
    reasons = [*_not_asked(view, units)]
    newest = view.plan.latest_revision(document) if document else None
    if document is None:
        phrase = Phrase(
            "`{step}` is about no document", {"step": view.address}, vi="`{step}` không gắn với văn bản nào"
        )
        reasons.append(Reason("no-document", phrase))
    elif newest is not None and all(newest.name in view.state.sent_to(unit) for unit in units):
        phrase = Phrase(
            "they all have revision {name} of `{document}`, the newest, already",
            {"name": newest.name, "document": document},
            vi="các đơn vị đều đã có bản {name} của `{document}`, là bản mới nhất",
        )
        reasons.append(Reason("sent-already", phrase, lead(view)))
    if reasons or document is None:
        raise refused("nothing is sent", "không có gì để gửi", *reasons)
    return Act(sends=(Sent(document, to=units),))


def replaced(view: StepView, parameters: Replace, context: Any) -> Act:
    """Ask another unit in place of one that exists no longer."""
    unit, successor = parameters.unit, parameters.successor
    asked = view.state.asked_unit(unit)
    reasons = [*_not_asked(view, (unit,)), *_not_replaceable(view, asked, successor, context)]
    if asked is None or reasons:
        raise refused("the unit cannot be replaced", "không thể thay cơ quan được lấy ý kiến", *reasons)
    new = {"unit": successor, "due": _first_due(view, context), "mandatory": asked.mandatory}
    if view.options.answer_days is None and view.options.answer_by is None:
        new["due"] = asked.due
    document = view.options.document
    sends = (Sent(document, to=(successor,), required=False),) if document else ()
    return Act({"unit": unit, "successor": successor, "asked": new}, sends=sends)


def met(view: StepView, parameters: Minutes, context: Any) -> Act:
    """Record a meeting: its day, who took part, its minutes."""
    held_on = parameters.held_on or context.on
    attended = named(context, parameters.attended)
    reasons = [*_not_asked(view, attended), *unkept({"text": parameters.text})]
    if view.options.form != "meeting":
        phrase = Phrase(
            "`{step}` is a round by letter (form: written)",
            {"step": view.address},
            vi="`{step}` lấy ý kiến bằng văn bản, không phải cuộc họp",
        )
        reasons.append(Reason("no-meeting", phrase))
    if not context.attachments:
        phrase = Phrase("attach the minutes", vi="phải đính kèm biên bản")
        reasons.append(Reason("minutes-not-attached", phrase, lead(view)))
    if not date.fromisoformat(view.opened_on) <= held_on <= context.on:
        phrase = Phrase(
            "the meeting cannot have been on {held}: the round was opened on {opened}, and today is {on}",
            {"held": held_on.isoformat(), "opened": view.opened_on, "on": context.on.isoformat()},
            vi="cuộc họp không thể diễn ra ngày {held}: mở ngày {opened}, hôm nay {on}",
        )
        reasons.append(Reason("not-that-day", phrase))
    if reasons:
        raise refused("the meeting cannot be recorded", "không thể ghi cuộc họp", *reasons)
    data = {"held_on": held_on.isoformat(), "attended": list(attended), "text": prose(parameters.text)}
    return Act({**data, "files": [file.sha256 for file in context.attachments]})


def ceased(view: StepView, context: Any) -> Act | None:
    """Notice silent units that exist no longer, and such as do again."""
    silent = view.state.silent
    found = [a.unit for a in silent if a.ceased is None and not context.unit_exists(a.unit)]
    back = [a.unit for a in silent if a.ceased is not None and context.unit_exists(a.unit)]
    return Act({"ceased": found, "back": back}) if found or back else None


def named(context: Any, references: tuple[str, ...]) -> tuple[str, ...]:
    """Return the units named, groups resolved; a unit that exists no longer stays, to be refused by its name."""
    units = [unit for ref in references for unit in (context.units((ref,)) if ref.startswith("@") else (ref,))]
    return tuple(dict.fromkeys(units))


def _first_due(view: StepView, context: Any) -> str | None:
    options = view.options
    if options.answer_by is not None:
        return options.answer_by.isoformat()
    if options.answer_days is not None:
        # Until the receipt is recorded, the day of sending stands for it.
        return context.working_days_after(context.on, options.answer_days).isoformat()
    return view.due_on


def _nobody(view: StepView, context: Any, units: tuple[str, ...]) -> tuple[Reason, ...]:
    if units:
        return ()
    phrase = Phrase(
        "none of {invited} is a unit valid on {on}",
        {"invited": ", ".join(view.options.invite), "on": context.on.isoformat()},
        vi="không có đơn vị nào trong {invited} còn hiệu lực ngày {on}",
    )
    return (Reason("nobody", phrase),)


def _impossible(view: StepView, data: dict[str, Any]) -> tuple[Reason, ...]:
    rule = view.options.quorum
    if rule is None:
        return ()
    wanted = [("quorum", max(rule.agree, rule.turnout), len(data["asked"]))]
    wanted += [(group["group"], group["agree"], len(group["units"])) for group in data["groups"]]
    return tuple(
        Reason(
            "quorum-impossible",
            Phrase(
                "{what}: {wanted} are needed, but only {asked} are asked",
                {"what": what, "wanted": least, "asked": asked},
                vi="{what}: cần {wanted} nhưng chỉ hỏi {asked} đơn vị",
            ),
        )
        for what, least, asked in wanted
        if least > asked
    )


def _no_deadline(view: StepView, due: str | None) -> tuple[Reason, ...]:
    if view.options.close != "deadline" or due is not None:
        return ()
    phrase = Phrase(
        "`{step}` closes with its deadline, but has none: give answer_days, answer_by or a day of the step",
        {"step": view.address},
        vi="`{step}` kết thúc theo thời hạn nhưng chưa có thời hạn",
    )
    return (Reason("no-deadline", phrase),)


def _not_asked(view: StepView, units: tuple[str, ...]) -> tuple[Reason, ...]:
    return tuple(
        Reason(
            "not-invited",
            Phrase(
                "{unit} was not invited to `{step}`",
                {"unit": unit, "step": view.address},
                vi="{unit} không được lấy ý kiến ở `{step}`",
            ),
        )
        for unit in units
        if view.state.asked_unit(unit) is None
    )


def _not_replaceable(view: StepView, asked: Asked | None, successor: str, context: Any) -> tuple[Reason, ...]:
    reasons = []
    if asked is not None and asked.successor is not None:
        phrase = Phrase(
            "{unit} was replaced by {successor} already",
            {"unit": asked.unit, "successor": asked.successor},
            vi="{unit} đã được thay bằng {successor}",
        )
        reasons.append(Reason("replaced", phrase))
    if asked is not None and asked.ceased is None and context.unit_exists(asked.unit):
        phrase = Phrase(
            "{unit} still exists on {on}, so its answer is awaited",
            {"unit": asked.unit, "on": context.on.isoformat()},
            vi="ngày {on} {unit} vẫn còn tồn tại nên vẫn phải có ý kiến",
        )
        reasons.append(Reason("unit-exists", phrase, (asked.unit,)))
    known = view.state.asked_unit(successor)
    if not context.unit_exists(successor) or (known is not None and known.successor is not None):
        phrase = Phrase(
            "{unit} is no unit valid on {on}",
            {"unit": successor, "on": context.on.isoformat()},
            vi="{unit} không phải đơn vị còn hiệu lực ngày {on}",
        )
        reasons.append(Reason("no-unit", phrase))
    return tuple(reasons)
