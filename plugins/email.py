"""Letters by e-mail: to the lead of a step that opens, to whom a reminder or an escalation is meant for.

The outbox holds ids and days only. Addresses stand in workflow.toml, and the letter is written in the worker:

    [plugins.email]
    server = "mail.example.vn"      # port, security, user, password_from, sender, language: see plugins/email.md
    sender = "trinh@example.vn"

    [plugins.email.addresses]
    phong-qlcn = "qlcn@example.vn"
"""

from __future__ import annotations

import os
import re
import smtplib
import ssl
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from email.message import EmailMessage
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from workflow import Effect, EffectCall, EffectHandler, Phrase, Reason, Text, Undeliverable, hookimpl

KIND: Final = "email"
SECONDS: Final = 20
"""How long a server may take for one answer."""
_PERMANENT = range(500, 600)
"""Replies of a server that mean: never again (RFC 5321, section 4.2.1)."""
_ADDRESS = re.compile(r"[^\s@<>,;:\"]+@[^\s@<>,;:\"]+")

_SUBJECTS: Mapping[str, tuple[str, str]] = {
    "step_opened": ("{plan}: bước {step} bắt đầu", "{plan}: step {step} has opened"),
    "reminded": ("{plan}: nhắc việc, bước {step}", "{plan}: reminder, step {step}"),
    "escalated": ("{plan}: báo cáo việc quá hạn, bước {step}", "{plan}: overdue, step {step}"),
}
_BODIES: Mapping[str, tuple[str, str]] = {
    "plan": ("Kế hoạch: {value}", "Plan: {value}"),
    "step": ("Bước: {value}", "Step: {value}"),
    "item": ("Việc: {value}", "Work item: {value}"),
    "due": ("Thời hạn: {value}", "Due: {value}"),
    "owner": ("Nơi thực hiện: {value}", "Owed by: {value}"),
}
_CLOSING = ("Xem chi tiết: workflow show {plan}", "Details: workflow show {plan}")


class Settings(BaseModel):
    """`[plugins.email]` of workflow.toml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    server: str = Field(min_length=1)
    port: int | None = Field(None, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password_from: str | None = None
    sender: str = Field(pattern=_ADDRESS.pattern)
    language: Literal["vi", "en"] = "vi"
    addresses: Mapping[str, str] = {}

    @property
    def password(self) -> str | None:
        """The password, from the environment variable that `password_from` names; it stands in no file."""
        return os.environ.get(self.password_from) if self.password_from else None


@hookimpl
def after_transition(plan: Any, transition: Any, events: Sequence[Any]) -> tuple[Effect, ...]:
    """Write to the leads of the steps that the transition opened."""
    return tuple(_letters(plan, events))


@hookimpl
def events_recorded(plan: Any, events: Sequence[Any]) -> tuple[Effect, ...]:
    """Write what reminds, what escalates, and to the leads of steps that opened."""
    return tuple(_letters(plan, events))


@hookimpl
def effect_handlers() -> tuple[EffectHandler, ...]:
    """Send letters over SMTP."""
    return (EffectHandler(KIND, Text(vi="Gửi thư điện tử", en="Send an e-mail"), send, unready),)


def _letters(plan: Any, events: Iterable[Any]) -> Iterator[Effect]:
    for fact in events:
        if fact.type not in _SUBJECTS:
            continue
        data = fact.data
        to = data.get("to") if fact.type != "step_opened" else data.get("lead")
        names = [to] if isinstance(to, str) else list(to or ())
        if names:
            due = data.get("due")
            day = due.get("on") if isinstance(due, Mapping) else due
            told = {"step": data.get("step"), "item": data.get("key"), "due": day, "owner": data.get("owner")}
            said = {name: str(value) for name, value in told.items() if value}
            yield Effect(KIND, {"about": fact.type, "plan": plan.id, "to": names, **said})


def unready(settings: Mapping[str, Any]) -> tuple[Reason, ...]:
    """Say what is missing or wrong in the settings."""
    try:
        known = Settings.model_validate(settings)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        return (Reason("email-settings", _setting(".".join(map(str, fault["loc"])), fault["msg"])),)
    wrong = [name for name, address in known.addresses.items() if not _ADDRESS.fullmatch(address)]
    reasons = [Reason("email-address", _setting(f"addresses.{name}", "is no e-mail address")) for name in wrong]
    if known.password_from is not None and known.password is None:
        phrase = Phrase(
            "the environment variable {name} holds no password",
            {"name": known.password_from},
            vi="biến môi trường {name} chưa có mật khẩu",
        )
        reasons.append(Reason("email-password", phrase))
    return tuple(reasons)


def _setting(name: str, fault: str) -> Phrase:
    return Phrase(
        "[plugins.email] {name}: {fault}",
        {"name": name, "fault": fault},
        vi="[plugins.email] {name}: không hợp lệ ({fault})",
    )


def send(call: EffectCall) -> None:
    """Send one letter to everybody who has an address.

    Raises:
        Undeliverable: If nobody has one, or the server refuses for good.
    """
    for reason in unready(call.settings):
        raise Undeliverable(reason.phrase)
    settings = Settings.model_validate(call.settings)
    to = [settings.addresses[name] for name in call.payload["to"] if name in settings.addresses]
    if not to:
        names = ", ".join(call.payload["to"])
        phrase = Phrase(
            "no address for {names} in [plugins.email.addresses]",
            {"names": names},
            vi="chưa có địa chỉ của {names} trong [plugins.email.addresses]",
        )
        raise Undeliverable(phrase)
    try:
        with _connected(settings) as server:
            refused = server.send_message(_message(call, settings, to))
    except smtplib.SMTPRecipientsRefused as error:
        raise _refused([code for code, _ in error.recipients.values()], error) from error
    except smtplib.SMTPResponseException as error:
        raise _refused([error.smtp_code], error) from error
    if refused:
        # Some have it: the others are told of, and nobody gets it twice.
        phrase = Phrase(
            "the server refused {count} of {all} recipients",
            {"count": len(refused), "all": len(to)},
            vi="máy chủ từ chối {count} trong {all} người nhận",
        )
        raise Undeliverable(phrase)


def _refused(codes: Sequence[int], error: Exception) -> Exception:
    if not all(code in _PERMANENT for code in codes):
        return error
    shown = {"codes": ", ".join(map(str, sorted(set(codes))))}
    return Undeliverable(
        Phrase("the mail server refuses it: {codes}", shown, vi="máy chủ thư từ chối nhận: mã {codes}")
    )


def _connected(settings: Settings) -> smtplib.SMTP:
    context = ssl.create_default_context()
    port = settings.port or {"tls": 465, "starttls": 587, "none": 25}[settings.security]
    if settings.security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(settings.server, port, timeout=SECONDS, context=context)
    else:
        server = smtplib.SMTP(settings.server, port, timeout=SECONDS)
    try:
        if settings.security == "starttls":
            server.starttls(context=context)
        if settings.user is not None:
            server.login(settings.user, settings.password or "")
    except BaseException:
        server.close()
        raise
    return server


def _message(call: EffectCall, settings: Settings, to: Sequence[str]) -> EmailMessage:
    at = 0 if settings.language == "vi" else 1
    said = {**call.payload, "plan": call.plan}
    if "due" in said:
        said["due"] = _day(said["due"], settings.language)
    message = EmailMessage()
    message["From"] = settings.sender
    message["To"] = ", ".join(to)
    message["Subject"] = _SUBJECTS[said["about"]][at].format(plan=call.plan, step=said.get("step", ""))
    # The same at every try: mail programs show what has one Message-ID once.
    message["Message-ID"] = f"<{re.sub(r'[^A-Za-z0-9.-]', '.', call.key)}@{settings.sender.rsplit('@', 1)[1]}>"
    message["Auto-Submitted"] = "auto-generated"
    lines = [words[at].format(value=said[name]) for name, words in _BODIES.items() if said.get(name)]
    message.set_content("\n".join([*lines, "", _CLOSING[at].format(plan=call.plan)]) + "\n")
    return message


def _day(day: str, language: str) -> str:
    try:
        read = date.fromisoformat(day)
    except ValueError:
        return day
    return f"{read:%d/%m/%Y}" if language == "vi" else day
