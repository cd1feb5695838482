"""A workspace with effects and real workers: processes that can be killed, and a server that counts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from workflow import audit
from workflow.bootstrap import Workspace, init_workspace, open_workspace
from workflow.clock import Clock
from workflow.messages import WORKSPACE_CHAIN
from workflow.views.plans import Write

CLERK = Write(actor="van-thu")
DEFINITION = "provincial-normative-document-template"
PLUGIN = '''
"""Effects of every kind that a test needs: `PLAN` is named `KIND-HOWMANY-…`."""

import os, time, urllib.request
from pathlib import Path

from workflow import Effect, EffectHandler, Phrase, Reason, Text, Undeliverable, hookimpl


@hookimpl
def events_recorded(plan, events):
    if events[0].type != "plan_created":
        return ()
    kind, count, *_ = plan.id.split("-")
    return [Effect(kind, {"number": number}) for number in range(int(count))]


def append(call):
    time.sleep(call.settings.get("pause", 0))
    with open(call.settings["file"], "a", encoding="utf-8") as file:
        file.write(call.key + "\\n")


def post(call):
    asked = urllib.request.Request(call.settings["url"], b"{}", {"Idempotency-Key": call.key})
    with urllib.request.urlopen(asked, timeout=10):
        time.sleep(call.settings.get("pause", 0))


def printing(call):
    print("{noise")
    append(call)


def refusing(call):
    raise Undeliverable(Phrase("no address for {name}", {"name": "Sở A"}, vi="không có địa chỉ của {name}"))


def laying(call):
    (call.workspace / "laid").write_text(call.key)


def flaky(call):
    if call.attempt < 3:
        raise ConnectionError(f"attempt {call.attempt}")
    append(call)


KINDS = {
    "append": append,
    "post": post,
    "printing": printing,
    "refusing": refusing,
    "laying": laying,
    "flaky": flaky,
    "raising": lambda call: 1 / 0,
    "hanging": lambda call: time.sleep(600),
    "leaving": lambda call: exit(3),
    "crashing": lambda call: os._exit(4),
    "odd": lambda call: 7,
    "saying": lambda call: (_ for _ in ()).throw(Undeliverable("x\\x00\\ud800" * 900)),
}


def unready(settings):
    return () if "file" in settings else (Reason("no-file", Phrase("`file` is not set", vi="chưa đặt `file`")),)


@hookimpl
def effect_handlers():
    return [EffectHandler(kind, Text(vi=kind), handler, unready) for kind, handler in KINDS.items()]
'''


class Office:
    """A workspace, its workers, and what they did."""

    def __init__(self, root: Path, database: str | None = None) -> None:
        self.root = root
        self.database = database
        self.file = root / "carried-out.txt"
        self.settings: dict[str, Any] = {"pause": 0}
        self.worker: dict[str, Any] = {"pause": 0, "poll": 0.1, "time_limit": 20, "concurrency": 2}
        self._started: list[subprocess.Popen[str]] = []
        init_workspace(root)
        (root / "plugins" / "carrier.py").write_text(PLUGIN, encoding="utf-8")
        self.configure()
        with self.opened() as workspace:
            workspace.make_database()
            workspace.service.load_people((root / "people.yaml").read_bytes(), "people.yaml", CLERK)

    def configure(self, *, settings: Any = None, worker: Any = None) -> None:
        """Write workflow.toml."""
        self.settings |= {"file": str(self.file), **(settings or {})}
        self.worker |= worker or {}
        tables = {"worker": self.worker, "plugins.carrier": self.settings}
        text = "".join(
            f"[{name}]\n" + "".join(f"{key} = {value!r}\n" for key, value in table.items())
            for name, table in tables.items()
        )
        (self.root / "workflow.toml").write_text(text, encoding="utf-8")

    def opened(self, clock: Clock | None = None) -> Any:
        """The workspace in this process, closed at the end of the block."""
        from contextlib import contextmanager

        @contextmanager
        def block() -> Iterator[Workspace]:
            workspace = open_workspace(self.root, self.database, clock=clock)
            try:
                yield workspace
            finally:
                workspace.close()

        return block()

    def put(self, kind: str, count: int, name: str = "a", clock: Clock | None = None) -> list[str]:
        """Put so many effects into the outbox; returns their ids."""
        plan = f"{kind}-{count}-{name}"
        with self.opened(clock) as workspace:
            workspace.service.create(DEFINITION, plan, CLERK)
        return [f"{plan}:1:{number}" for number in range(1, count + 1)]

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start a worker that goes on until it is ended."""
        command = [sys.executable, "-m", "workflow", "--workspace", str(self.root), "worker", *words]
        if self.database is not None:
            command += ["--database", self.database]
        env = {**os.environ, "WORKFLOW_LANG": "en"}
        started = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env)
        self._started.append(started)
        return started

    def once(self, *words: str) -> str:
        """Let a worker do what is due; returns what it said."""
        done = self.start("--once", *words)
        said, talk = done.communicate(timeout=120)
        assert 0 == done.returncode, talk
        return said + talk

    def end(self) -> None:
        """Kill whatever still runs."""
        for process in self._started:
            if process.poll() is None:
                process.kill()
            process.communicate()

    @property
    def keys(self) -> list[str]:
        """The keys that the handler wrote, in order, whole lines alone."""
        text = self.file.read_text("utf-8") if self.file.exists() else ""
        return text.split("\n")[:-1]

    def states(self) -> dict[str, str]:
        """The state of each effect."""
        with self.opened() as workspace:
            return {row.id: row.state for row in workspace.store.effects()}

    def fates(self) -> list[tuple[str, str]]:
        """What the workspace's chain tells of effects: type and id."""
        with self.opened() as workspace:
            events = [audit.event_of(row.body) for row in workspace.store.events(WORKSPACE_CHAIN)]
        return [(event.type, event.data["effect"]) for event in events if event.type.startswith("effect_")]

    def findings(self) -> Any:
        """What `audit verify` finds."""
        with self.opened() as workspace:
            return workspace.service.record.verify().findings


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for something that other processes bring about."""
    last = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < last, "it did not come about"
        time.sleep(0.02)


def kill(process: subprocess.Popen[str]) -> None:
    """End a worker as a power cut would."""
    process.send_signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
    process.wait(30)


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """A workspace on SQLite."""
    for name in ("WORKFLOW_HOME", "WORKFLOW_DATABASE", "WORKFLOW_ACTOR"):
        monkeypatch.delenv(name, raising=False)
    made = Office(tmp_path / "office")
    yield made
    made.end()


@pytest.fixture(params=["sqlite", "postgres"])
def any_office(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """A workspace on each kind of database."""
    for name in ("WORKFLOW_HOME", "WORKFLOW_DATABASE", "WORKFLOW_ACTOR"):
        monkeypatch.delenv(name, raising=False)
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else None
    made = Office(tmp_path / "office", url)
    yield made
    made.end()


class Receiver:
    """A real web server that keeps the idempotency key of everything it was sent."""

    def __init__(self) -> None:
        keys = self.keys = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                keys.append(self.headers["Idempotency-Key"])
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        self._thread = Thread(target=self._server.serve_forever)
        self._thread.start()

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A web server of our own."""
    made = Receiver()
    yield made
    made.close()


class Standing:
    """A clock that stands some time away from now and goes on from there."""

    name = "simulated"

    def __init__(self, away: timedelta) -> None:
        self._away = away

    def now(self) -> datetime:
        """The shifted instant."""
        from datetime import UTC

        return datetime.now(UTC) + self._away
