"""Webhooks: signed messages to another program, through a real web server on this machine."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from integration_kit import Integration

from trinh_plugins import webhook
from workflow import EffectCall, Undeliverable

KEY = bytes(range(32))
SECRET = "whsec_" + base64.b64encode(KEY).decode()


class Receiver:
    """A web server that keeps what it was sent, and answers with *status*."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.status = 204
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(receiver.status)
                self.send_header("location", "/elsewhere")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        self._thread = Thread(target=self._server.serve_forever)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A web server of our own."""
    monkeypatch.setenv("HOOK_SECRET", SECRET)
    made = Receiver()
    yield made
    made.close()


def call(receiver: Receiver, **more: object) -> EffectCall:
    payload = {"plan": "KH-1", "events": ["plan_created"], "stage": "Xây dựng"}
    settings = {"url": receiver.url, "secret_from": "HOOK_SECRET", **more}
    return EffectCall("KH-1:1:1", "ab12.KH-1.1.1", "webhook", payload, "KH-1", 1, settings)


def test_each_change_of_a_plan_is_told_and_signed(tmp_path: Path, receiver: Receiver):
    """From the outbox, by the worker; the receiver can check who sent it, and when."""
    tables = f'[plugins.webhook]\nurl = "{receiver.url}"\nsecret_from = "HOOK_SECRET"\n'
    office = Integration(tmp_path / "office", tables)
    office.create()
    office.work(HOOK_SECRET=SECRET)

    ((headers, body),) = receiver.got
    told = json.loads(body)
    assert ("P1", "plan_created") == (told["plan"], told["events"][0])
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
    assert f"v1,{expected}" == headers["webhook-signature"]
    assert ["done"] == [state for _, state, _ in office.effects()]


def test_the_signature_is_that_of_the_specification():
    """The example of Standard Webhooks' own libraries."""
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")

    made = webhook.signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')

    assert "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" == made


def test_every_try_has_one_id(receiver: Receiver):
    """The effect's key, so that a receiver takes it once."""
    webhook.deliver(call(receiver))
    webhook.deliver(call(receiver))

    assert {"ab12.KH-1.1.1"} == {headers["webhook-id"] for headers, _ in receiver.got}


@pytest.mark.parametrize("status", [500, 503, 429, 408])
def test_a_receiver_that_cannot_now_is_told_again(receiver: Receiver, status: int):
    """Any error but `Undeliverable` is tried again."""
    receiver.status = status
    with pytest.raises(RuntimeError, match=str(status)):
        webhook.deliver(call(receiver))


@pytest.mark.parametrize("status", [301, 400, 404, 410])
def test_a_receiver_that_refuses_for_good_is_not_told_again(receiver: Receiver, status: int):
    """Nor is a redirect followed: the message would go where nobody looked."""
    receiver.status = status
    with pytest.raises(Undeliverable, match=str(status)):
        webhook.deliver(call(receiver))
    assert 1 == len(receiver.got)


def test_only_the_events_that_were_asked_for_are_told(receiver: Receiver):
    """`events` in the settings; the effect is done all the same."""
    webhook.deliver(call(receiver, events=("plan_finished",)))
    assert [] == receiver.got

    webhook.deliver(call(receiver, events=("plan_created", "plan_finished")))
    assert 1 == len(receiver.got)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"url": "http://hooks.example/x"}, "https"),
        ({"url": "ftp://127.0.0.1/"}, "https"),
        ({"secret_from": "NOT_SET_ANYWHERE"}, "NOT_SET_ANYWHERE"),
        ({"uri": "x"}, "uri"),
    ],
)
def test_settings_that_cannot_work_are_named(receiver: Receiver, wrong: dict[str, object], said: str):
    """A message never goes out in the open, nor unsigned."""
    with pytest.raises(Undeliverable, match=said):
        webhook.deliver(call(receiver, **wrong))
    assert [] == receiver.got


def test_a_secret_that_is_too_short_is_none(receiver: Receiver, monkeypatch: pytest.MonkeyPatch):
    """At least 24 bytes."""
    monkeypatch.setenv("HOOK_SECRET", "whsec_" + base64.b64encode(b"short").decode())
    with pytest.raises(Undeliverable, match="24 bytes"):
        webhook.deliver(call(receiver))
