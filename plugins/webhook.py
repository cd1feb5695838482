"""A signed message to another program after each change of a plan, as Standard Webhooks has it.

    [plugins.webhook]
    url = "https://hooks.example.vn/trinh"
    secret_from = "TRINH_WEBHOOK_SECRET"     # the environment variable that holds it

The body tells which plan changed and how, by ids and days; texts and names stay at home. The receiver checks
`webhook-signature` over `webhook-id.webhook-timestamp.body` and takes a known `webhook-id` once.

Source: the Standard Webhooks specification, version 1 (symmetric signatures, `v1`).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import os
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from workflow import Effect, EffectCall, EffectHandler, Phrase, Reason, Text, Undeliverable, hookimpl

KIND: Final = "webhook"
SECONDS: Final = 20
"""How long a receiver may take to answer."""
_SHORTEST_SECRET: Final = 24
"""Bytes that a secret has at least, as the specification asks."""
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_LATER = (408, 425, 429)
"""Refusals that mean: not now."""


class Settings(BaseModel):
    """`[plugins.webhook]` of workflow.toml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(min_length=1, max_length=2000)
    secret_from: str = Field(min_length=1)
    events: tuple[str, ...] = ()

    @property
    def secret(self) -> bytes | None:
        """The key, from the environment variable named: base64 behind `whsec_`; None if it cannot be used."""
        written = os.environ.get(self.secret_from, "")
        try:
            key = base64.b64decode(written.removeprefix("whsec_"), validate=True)
        except (binascii.Error, ValueError):
            return None
        return key if len(key) >= _SHORTEST_SECRET else None


@hookimpl
def after_transition(plan: Any, transition: Any, events: Sequence[Any]) -> tuple[Effect, ...]:
    """Tell of the transition and of what came with it."""
    moved = {"trigger": transition.trigger, "from": transition.source, "to": transition.to, "on": transition.on}
    return (Effect(KIND, {**_about(plan, events), "transition": moved}),)


@hookimpl
def events_recorded(plan: Any, events: Sequence[Any]) -> tuple[Effect, ...]:
    """Tell of any other change."""
    return (Effect(KIND, _about(plan, events)),)


@hookimpl
def effect_handlers() -> tuple[EffectHandler, ...]:
    """Send messages over HTTP."""
    return (EffectHandler(KIND, Text(vi="Báo cho hệ thống khác", en="Tell another program"), deliver, unready),)


def _about(plan: Any, events: Sequence[Any]) -> dict[str, Any]:
    steps = list(dict.fromkeys(fact.data["step"] for fact in events if "step" in fact.data))
    return {
        "plan": plan.id,
        "definition": plan.definition_id,
        "stage": plan.stage,
        "status": plan.status,
        "revision": plan.revision,
        "events": [fact.type for fact in events],
        "steps": steps,
    }


def unready(settings: Mapping[str, Any]) -> tuple[Reason, ...]:
    """Say what is missing or wrong in the settings."""
    try:
        known = Settings.model_validate(settings)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        name = ".".join(map(str, fault["loc"]))
        phrase = Phrase(
            "[plugins.webhook] {name}: {fault}",
            {"name": name, "fault": fault["msg"]},
            vi="[plugins.webhook] {name}: không hợp lệ ({fault})",
        )
        return (Reason("webhook-settings", phrase),)
    reasons = []
    parts = urlsplit(known.url)
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)):
        phrase = Phrase(
            "[plugins.webhook] url must begin with https:// (http:// for this machine only)",
            vi="[plugins.webhook] url phải bắt đầu bằng https:// (http:// chỉ dùng cho chính máy này)",
        )
        reasons.append(Reason("webhook-url", phrase))
    if known.secret is None:
        phrase = Phrase(
            "the environment variable {name} holds no secret: whsec_ and at least 24 bytes in base64",
            {"name": known.secret_from},
            vi="biến môi trường {name} chưa có khóa: whsec_ và ít nhất 24 byte dạng base64",
        )
        reasons.append(Reason("webhook-secret", phrase))
    return tuple(reasons)


def signature(secret: bytes, id: str, timestamp: int, body: bytes) -> str:
    """Return the value of `webhook-signature`."""
    signed = f"{id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()


def deliver(call: EffectCall) -> None:
    """Send one message; a receiver that answers 2xx has it.

    Raises:
        Undeliverable: If the settings do not do, or the receiver refuses for good (3xx, 4xx).
        RuntimeError: If it answers that it cannot now.
    """
    for reason in unready(call.settings):
        raise Undeliverable(reason.phrase)
    settings = Settings.model_validate(call.settings)
    secret = settings.secret
    if secret is None or (settings.events and not set(settings.events) & set(call.payload["events"])):
        return
    import httpx

    body = json.dumps(call.payload, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    now = int(time.time())
    headers = {
        "content-type": "application/json",
        "webhook-id": call.key,
        "webhook-timestamp": str(now),
        "webhook-signature": signature(secret, call.key, now, body),
    }
    # A receiver that moved is set anew by a person: a redirect would take the message where nobody looked.
    answer = httpx.post(settings.url, content=body, headers=headers, timeout=SECONDS, follow_redirects=False)
    if answer.is_success:
        return
    if answer.status_code >= 500 or answer.status_code in _LATER:
        raise RuntimeError(f"the receiver answered {answer.status_code}")
    raise Undeliverable(
        Phrase(
            "the receiver refuses it: {code}",
            {"code": answer.status_code},
            vi="bên nhận từ chối: mã {code}",
        )
    )
