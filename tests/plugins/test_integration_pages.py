"""The pages of the integrations: every setting, what is really sent, and a check of the signature that works."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest

from trinh_plugins import email, webhook
from workflow import EffectCall
from workflow.loading.soundness import load_file
from workflow.messages import Fact

PAGES = Path(__file__).parents[2] / "plugins"
SECRET = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


def page(name: str) -> str:
    """The text of a page."""
    return (PAGES / f"{name}.md").read_text(encoding="utf-8")


def block(name: str, language: str) -> str:
    """The one fenced block of a language."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", page(name), re.M | re.S)
    return found


@pytest.mark.parametrize("plugin", [email, webhook])
def test_every_setting_stands_on_the_page_and_the_example_is_ready(plugin, monkeypatch):
    """The table has each setting; the example is accepted as it stands, with its secret in the environment."""
    name = plugin.__name__.rpartition(".")[2]
    for setting in plugin.Settings.model_fields:
        assert re.search(rf"^\|.*`{setting}`.*\|.*\|$", page(name), re.M), f"{name}: {setting} is missing"
    told = tomllib.loads(block(name, "toml"))["plugins"][name]
    monkeypatch.setenv(told.get("secret_from") or told["password_from"], SECRET)

    assert () == tuple(plugin.unready(told))


def test_the_message_on_the_page_is_what_is_sent():
    """Same keys, same kinds of values as the effect of a transition that finishes a plan."""
    plan = SimpleNamespace(id="1-KT", definition_id="inspection", stage="done", status="finished", revision=4)
    transition = SimpleNamespace(trigger="finish", source="inspecting", to="done", on="2026-03-02")
    facts = [Fact("transition_fired", {}), Fact("plan_finished", {})]

    (effect,) = webhook.after_transition(plan, transition, facts)

    assert json.loads(block("webhook", "json")) == effect.payload


def test_the_check_on_the_page_knows_a_genuine_message_from_another(monkeypatch, tmp_path):
    """The code of the page accepts what is really sent, and nothing that was changed or is old."""
    import httpx

    (tmp_path / "receiving.py").write_text(block("webhook", "python"), encoding="utf-8")
    is_genuine, sent = load_file(tmp_path / "receiving.py").is_genuine, {}

    def post(url, content, headers, **_):
        sent.update(headers=headers, body=content)
        return httpx.Response(204)

    monkeypatch.setattr(httpx, "post", post)
    monkeypatch.setenv("TRINH_WEBHOOK_SECRET", SECRET)
    settings = {**tomllib.loads(block("webhook", "toml"))["plugins"]["webhook"], "events": []}
    payload = {"events": ["plan_created"], "plan": "p", "note": "Công văn"}
    webhook.deliver(EffectCall("p:1:1", "key-1", "webhook", payload, "p", 1, settings))
    headers, body = sent["headers"], sent["body"]

    assert is_genuine(headers, body, SECRET)
    assert is_genuine({**headers, "webhook-signature": "v1,bm8= " + headers["webhook-signature"]}, body, SECRET)
    assert not is_genuine(headers, body + b" ", SECRET)
    assert not is_genuine({**headers, "webhook-id": "key-2"}, body, SECRET)
    assert not is_genuine({**headers, "webhook-timestamp": "1700000000"}, body, SECRET)
