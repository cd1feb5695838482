"""E-mail: letters to whoever has to know, through a real mail server on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from engine.test_timers import NOBODY, at, started
from integration_kit import Integration

from trinh_plugins import email
from workflow import EffectCall, Undeliverable
from workflow.audit import from_stored
from workflow.registry import Registry


class _Controller(Controller):
    """One that takes a free port: it asks whether it answers only when it knows which it got."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


class Server:
    """A mail server that keeps what it was sent, or refuses with *reply*."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.reply: str | None = None
        self._controller = _Controller(self, hostname="127.0.0.1", port=0)
        self._controller.start()
        self.port = self._controller.port

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.reply is not None or address.startswith("unknown"):
            return self.reply or "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.letters.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"

    def close(self) -> None:
        self._controller.stop()


@pytest.fixture
def server() -> Iterator[Server]:
    """A mail server of our own."""
    made = Server()
    yield made
    made.close()


def settings(server: Server, **more: object) -> dict[str, object]:
    return {
        "server": "127.0.0.1",
        "port": server.port,
        "security": "none",
        "sender": "trinh@so.example",
        "addresses": {"phong-qlcn": "qlcn@so.example"},
        **more,
    }


def call(server: Server, *, to: tuple[str, ...] = ("phong-qlcn",), **more: object) -> EffectCall:
    payload = {"about": "step_opened", "plan": "KH-1", "step": "first/write", "to": list(to), "due": "2019-04-15"}
    return EffectCall("KH-1:3:1", "ab12:KH-1:3:1", "email", payload, "KH-1", 1, settings(server, **more))


def table(server: Server, addresses: str) -> str:
    return (
        f'[plugins.email]\nserver = "127.0.0.1"\nport = {server.port}\nsecurity = "none"\n'
        f'sender = "trinh@so.example"\n[plugins.email.addresses]\n{addresses}\n'
    )


def test_the_lead_of_a_step_that_opens_gets_a_letter(tmp_path: Path, server: Server):
    """From the outbox, by the worker: Vietnamese, with plan and step, and done in the trail."""
    office = Integration(tmp_path / "office", table(server, ""))
    office.create()
    effects = office.effects()
    assert {("email", "waiting", "step_opened")} == {(kind, state, told["about"]) for kind, state, told in effects}
    leads = {name for _, _, told in effects for name in told["to"]}
    settings_file = tmp_path / "office" / "workflow.toml"
    addresses = "".join(f'{name} = "{name}@so.example"\n' for name in leads)
    settings_file.write_text(settings_file.read_text("utf-8") + addresses, encoding="utf-8")

    office.work()

    assert len(effects) == len(server.letters)
    assert {"done"} == {state for _, state, _ in office.effects()}
    assert {f"{name}@so.example" for name in leads} == {letter["To"] for letter in server.letters}
    letter = server.letters[0]
    assert letter["Subject"].startswith("P1: bước ")
    assert "Kế hoạch: P1" in letter.get_content()


def test_a_letter_tells_plan_step_and_day_in_the_language_that_was_set(server: Server):
    """Days as people write them; the language is a setting."""
    email.send(call(server))
    email.send(call(server, language="en"))

    first, second = server.letters
    assert "KH-1: bước first/write bắt đầu" == first["Subject"]
    assert "Thời hạn: 15/04/2019" in first.get_content()
    assert "Due: 2019-04-15" in second.get_content()


def test_every_try_of_a_letter_has_one_message_id(server: Server):
    """Made of the idempotency key: who gets it twice sees it once."""
    email.send(call(server))
    email.send(call(server))

    assert 1 == len({letter["Message-ID"] for letter in server.letters})
    assert server.letters[0]["Message-ID"].endswith("@so.example>")


def test_a_letter_without_an_address_is_not_tried_again(tmp_path: Path, server: Server):
    """The effect is parked, and says whose address is missing."""
    office = Integration(tmp_path / "office", table(server, 'somebody = "x@so.example"'))
    office.create()
    office.work()

    assert {"parked"} == {state for _, state, _ in office.effects()}
    assert all("no address for" in reason for reason in office.reasons())
    assert [] == server.letters


def test_a_server_that_refuses_for_good_is_not_asked_again(server: Server):
    """A mailbox that there is not: 5xx."""
    server.reply = "550 no such mailbox"
    with pytest.raises(Undeliverable, match="550"):
        email.send(call(server))


def test_a_server_that_cannot_now_is_asked_again(server: Server):
    """A full mailbox: 4xx, so any error but `Undeliverable`."""
    server.reply = "450 mailbox busy"
    with pytest.raises(Exception, match="450") as failed:
        email.send(call(server))
    assert not isinstance(failed.value, Undeliverable)


def test_what_some_recipients_refuse_is_told_and_not_sent_to_the_others_again(server: Server):
    """One has the letter; the effect is parked with how many have not."""
    addresses = {"a": "a@so.example", "b": "unknown@so.example"}
    with pytest.raises(Undeliverable, match="1 of 2"):
        email.send(call(server, to=("a", "b"), addresses=addresses))
    assert 1 == len(server.letters)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"sender": "nobody"}, "sender"),
        ({"security": "maybe"}, "security"),
        ({"addresses": {"a": "x"}}, "addresses.a"),
        ({"password_from": "NOT_SET_ANYWHERE"}, "NOT_SET_ANYWHERE"),
        ({"pasword": "x"}, "pasword"),
    ],
)
def test_settings_that_cannot_work_are_named(server: Server, wrong: dict[str, object], said: str):
    """Before anything is sent, and by `doctor`."""
    (reason,) = email.unready(settings(server, **wrong))

    assert said in str(reason)
    with pytest.raises(Undeliverable, match=said):
        email.send(call(server, **wrong))


def test_no_letters_are_written_where_none_are_set_up(tmp_path: Path):
    """Without `[plugins.email]` the plugin is not even loaded; `plugin list` says that it is off."""
    office = Integration(tmp_path / "office", "")
    office.create()

    assert [] == office.effects()
    assert {"email", "webhook"} == {plugin.name for plugin in Registry().plugins if plugin.off}


def test_who_is_reminded_and_who_is_told_of_lateness_get_letters(server: Server):
    """The unit that owes it before, the director and the clerk afterwards; with the day it is owed."""
    service = started(plugins=Registry(set_up={"email"}))
    for day in ("2026-03-17", "2026-04-06"):
        list(at(service, day).tick_plans(NOBODY))
    told = [from_stored(row.payload) for row in service.store.effects() if row.kind == "email"]
    told = [payload for payload in told if payload["about"] != "step_opened"]
    assert ["reminded", "escalated"] == [payload["about"] for payload in told]
    assert {"2026-03-27"} == {payload["due"] for payload in told} and ["dept-a"] == told[0]["to"]

    for payload in told:
        addresses = {name: f"{name}@so.example" for name in payload["to"]}
        email.send(EffectCall("p:9:1", "k", "email", payload, "p", 1, settings(server, addresses=addresses)))

    assert ["p: nhắc việc, bước a/work", "p: báo cáo việc quá hạn, bước a/work"] == [
        letter["Subject"] for letter in server.letters
    ]
    assert "Thời hạn: 27/03/2026" in server.letters[1].get_content()
