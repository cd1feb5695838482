"""Settings in; store, plugins and service out. The only place where the parts meet."""

from __future__ import annotations

import getpass
import json
import os
import platform
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from importlib import resources
from pathlib import Path
from typing import Any

from workflow.clock import Clock, SystemClock
from workflow.errors import InvalidInput, Phrase, StorageUnusable, WorkflowError
from workflow.loading.choice import LOAD_PLUGINS, TRACE_PLUGINS, chosen
from workflow.people import Register, problems_of
from workflow.processes import Processes, Source
from workflow.registry import Registry
from workflow.service.service import Service
from workflow.settings import SealSettings, WorkerSettings, plugin_settings, seal_settings, worker_settings
from workflow.store.interface import Store

SETTINGS = "workflow.toml"
PEOPLE = "people.yaml"
SCHEMA = "definition.schema.json"
"""Beside the definitions, for editors: each definition's first line names it."""
_SETTINGS_TEXT = """\
# A Trình workspace. Paths are relative to this file, so a copied folder is a complete workspace.
database = "workflow.db"
definitions = "definitions"
people = "people.yaml"
papers = "papers"
"""


@dataclass(frozen=True)
class Settings:
    """What `workflow.toml` says, with paths made absolute; `database` is a URL."""

    root: Path
    database: str
    definitions: Path
    plugins: Path
    people: Path
    papers: Path
    worker: WorkerSettings = WorkerSettings()
    seals: SealSettings = SealSettings()
    plugin_settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


class Workspace:
    """A workspace that was opened: its settings, plugins and service."""

    def __init__(self, settings: Settings, clock: Clock, create_db: bool) -> None:
        self.settings = settings
        self.clock = clock
        self._create_db = create_db

    @property
    def root(self) -> Path:
        return self.settings.root

    @property
    def database(self) -> str:
        """The database's URL as it may be shown: without a password."""
        return without_password(self.settings.database)

    @cached_property
    def registry(self) -> Registry:
        return registry(self.root)

    @cached_property
    def store(self) -> Store:
        from workflow.store.sql import SqlStore

        return SqlStore(self.settings.database, create=self._create_db)

    @cached_property
    def service(self) -> Service:
        return Service(
            self.store,
            lambda: self.registry,
            self.clock,
            sources=lambda: self.filed,
            read_register=read_register,
            condition=_condition,
            login=_login(self.store.session_user()),
            delivery=self.settings.worker,
        )

    @property
    def reopened(self) -> Callable[[], tuple[Store, Processes]]:
        """Opens store and processes anew, in whatever process it is called."""
        return partial(_parts, self.root, self.settings.database)

    @property
    def register(self) -> Register:
        """The people register in force; what people.yaml says where none was taken in yet."""
        try:
            if self.service.people_version:
                return self.service.register
        except StorageUnusable as error:
            if error.code != "no-database":
                raise
        file = self.settings.people
        return read_register(file.read_bytes(), file.name)[0] if file.is_file() else Register(people=1)

    @cached_property
    def filed(self) -> Mapping[str, Source]:
        """The definitions on file: the workspace's own and those we ship."""
        return FiledDefinitions(self)

    def definition_files(self) -> Iterator[Path]:
        """The workspace's definition files, then ours where no file of the workspace has that name."""
        seen = set()
        for folder in (self.settings.definitions, shipped_definitions()):
            for path in sorted(folder.glob("*.yaml")) if folder.is_dir() else ():
                if not path.name.endswith(".scenario.yaml") and path.name not in seen:
                    seen.add(path.name)
                    yield path

    def make_database(self) -> None:
        """Make the database if there is none yet: a new workspace's, or by taking in people."""
        from workflow.store.sql import SqlStore

        SqlStore(self.settings.database).close()

    def upgrade_database(self) -> None:
        """Take the database to this program's schema; one that is there already stays as it is."""
        from workflow.store.sql import SqlStore

        SqlStore(self.settings.database, create=False, upgrade=True).close()
        self.service.fill_in()

    def close(self) -> None:
        """Close the database if it was opened."""
        if "store" in self.__dict__:
            self.store.close()


class FiledDefinitions(Mapping[str, Source]):
    """Definitions by id, read from their files when asked for.

    A file that cannot be read stands under its file name's stem, and looking it up raises what is
    wrong with it.
    """

    def __init__(self, workspace: Workspace) -> None:
        from workflow.language.loader import load_path

        self._workspace = workspace
        self._sources: dict[str, Source | WorkflowError] = {}
        for path in workspace.definition_files():
            try:
                loaded = load_path(path)
            except WorkflowError as error:
                self._sources.setdefault(path.stem, error)
                continue
            self._sources.setdefault(
                loaded.definition.id,
                Source(
                    loaded.definition,
                    loaded.canonical,
                    loaded.hash,
                    str(path),
                    lambda loaded=loaded: self._problem(loaded),
                    lambda path, loaded=loaded: loaded.positions.key(path)[0] if path else 1,
                ),
            )

    def _problem(self, loaded: Any) -> Phrase | None:
        from workflow.check import check

        found = check(
            loaded,
            self._workspace.registry.step_types,
            set(self._workspace.registry.guards),
            self._workspace.register,
            set(self._workspace.registry.calendars),
        )
        return next((problem.words for problem in found if problem.severity == "error"), None)

    def __getitem__(self, name: str) -> Source:
        source = self._sources[name]
        if isinstance(source, WorkflowError):
            raise source
        return source

    def __iter__(self) -> Iterator[str]:
        return (name for name, source in self._sources.items() if isinstance(source, Source))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _parts(root: Path, database: str) -> tuple[Store, Processes]:
    opened = open_workspace(root, database, create_db=False)
    return opened.store, opened.service.processes


def _condition(text: str, values: Mapping[str, Any]) -> bool:
    from workflow.language.conditions import evaluate

    return evaluate(text, values)


def read_register(text: bytes, name: str) -> tuple[Register, bytes]:
    """Parse a people register and return it with its canonical bytes.

    Raises:
        ProblemsFound: With every problem of the file.
    """
    from workflow.audit import canonical_json
    from workflow.language.loader import load_model
    from workflow.language.problems import DefinitionInvalid, Problem

    register, positions = load_model(text, name, Register)
    faults = list(problems_of(register))
    if faults:
        raise DefinitionInvalid(
            name,
            [Problem(name, *positions[path], "people", "error", phrase, None) for path, phrase in faults],
        )
    return register, canonical_json(register.model_dump(mode="json", by_alias=True, exclude_unset=True))


def _login(session_user: str | None) -> dict[str, str]:
    try:
        account = getpass.getuser()
    except (OSError, KeyError, ImportError):
        account = "-"
    login = {"account": account, "host": platform.node() or "-"}
    return login if session_user is None else {**login, "session_user": session_user}


def shipped_definitions() -> Path:
    """The folder of the definitions that travel with the program."""
    return Path(str(resources.files("trinh_definitions")))


def registry(root: Path | None) -> Registry:
    """Load the installed plugins and those of a workspace."""
    choice = chosen(os.environ.get(LOAD_PLUGINS))
    trace = _traced if os.environ.get(TRACE_PLUGINS) == "1" else None
    if root is None:
        return Registry(choice=choice, trace=trace)
    settings = settings_of(root)
    return Registry(settings.plugins, set_up=settings.plugin_settings, choice=choice, trace=trace)


def _traced(line: str) -> None:
    print(line, file=sys.stderr)


def find_workspace(directory: Path | None) -> Path:
    """Return *directory*, or this folder or the nearest parent that has a `workflow.toml`.

    Raises:
        InvalidInput: If there is none.
    """
    if directory is not None:
        if not (directory / SETTINGS).is_file():
            raise InvalidInput(
                "{directory} is no workspace: it has no workflow.toml",
                code="no-workspace",
                hint="`workflow init {directory}` makes one",
                directory=directory,
            )
        return directory.resolve()
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / SETTINGS).is_file():
            return folder
    raise InvalidInput(
        "there is no workspace here: no workflow.toml in this folder or above it",
        code="no-workspace",
        hint="`workflow init DIR` makes one; or name one with --workspace or WORKFLOW_HOME",
    )


def settings_of(root: Path, database: str | None = None) -> Settings:
    """Read a workspace's settings.

    Raises:
        InvalidInput: If `workflow.toml` cannot be read or has unknown keys.
    """
    path = root / SETTINGS
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidInput("{path}: {error}", code="bad-settings", path=path, error=error) from error
    folders = ("definitions", "plugins", "papers")
    known = {"database": "workflow.db", "people": PEOPLE, **{name: name for name in folders}}
    worker = worker_settings(values.pop("worker", {}), path)
    seals = seal_settings(values.pop("seals", {}), path)
    # `plugins` names a folder, or is the table above [plugins.NAME].
    told = values.pop("plugins") if isinstance(values.get("plugins"), dict) else {}
    unknown = sorted(set(values) - set(known))
    if unknown or not all(isinstance(value, str) for value in values.values()):
        raise InvalidInput(
            "{path}: {names} cannot be used",
            code="bad-settings",
            hint="it may have: {known}",
            path=path,
            names=", ".join(unknown) or "a value that is not text",
            known=", ".join((*known, "[worker]", "[seals]", "[plugins.NAME]")),
        )
    merged = {**known, **values}
    url = database or merged["database"]
    if "://" not in url:
        url = "sqlite:///" + str(Path(url) if database else root / url)
    paths = {name: root / merged[name] for name in (*folders, "people")}
    return Settings(root, url, **paths, worker=worker, seals=seals, plugin_settings=plugin_settings(told, path))


def open_workspace(
    directory: Path | None = None,
    database: str | None = None,
    *,
    clock: Clock | None = None,
    create_db: bool = True,
) -> Workspace:
    """Open the workspace in *directory*, or the nearest one above this folder."""
    root = find_workspace(directory)
    return Workspace(settings_of(root, database), clock or SystemClock(), create_db)


def init_workspace(directory: Path, database: str | None = None) -> Path:
    """Make a workspace: settings, a people register to start from, the definitions' schema, a database.

    Args:
        directory: The workspace's folder, which may be there.
        database: Its URL or the path of a file; `workflow.db` in the folder where not given.

    Raises:
        InvalidInput: If there is one already.
        StorageUnusable: If it cannot be written.
    """
    if (directory / SETTINGS).exists():
        raise InvalidInput("{directory} is a workspace already", code="workspace-exists", directory=directory)
    try:
        for name in ("definitions", "plugins"):
            (directory / name).mkdir(parents=True, exist_ok=True)
        if not (directory / PEOPLE).exists():
            sample = shipped_definitions() / "data" / PEOPLE
            (directory / PEOPLE).write_bytes(sample.read_bytes())
        (directory / "definitions" / SCHEMA).write_bytes((shipped_definitions() / SCHEMA).read_bytes())
        (directory / SETTINGS).write_text(_settings_text(directory, database), encoding="utf-8")
    except OSError as error:
        raise StorageUnusable(
            "{directory} cannot be written: {error}",
            code="not-writable",
            hint="choose a folder you may write to",
            directory=directory,
            error=error.strerror or error,
        ) from error
    made = directory.resolve()
    try:
        open_workspace(made, database).make_database()
    except StorageUnusable:
        # What names a database that cannot be used is no workspace yet; the next attempt may name another.
        (made / SETTINGS).unlink()
        raise
    return made


def _settings_text(directory: Path, database: str | None) -> str:
    if database is None:
        return _SETTINGS_TEXT
    # A password has no place in a file that is copied and mailed: it comes from PGPASSWORD or ~/.pgpass.
    kept = without_password(database) if "://" in database else str(Path(database).absolute())
    return _SETTINGS_TEXT.replace('"workflow.db"', json.dumps(kept, ensure_ascii=False))


def require_unused(root: Path, database: str) -> None:
    """Look whether a database may be filled with samples.

    Raises:
        InvalidInput: If it holds a workspace's tables.
    """
    workspace = Workspace(settings_of(root, database), SystemClock(), create_db=False)
    try:
        workspace.store.close()
    except StorageUnusable as error:
        if error.code == "no-database":
            return
        raise
    raise InvalidInput(
        "{database} is in use; a demonstration needs an empty database",
        code="database-used",
        hint="name another with --database, or none: then it is a file in the folder",
        database=workspace.database,
    )


def without_password(url: str) -> str:
    """Return a database's URL without the password in it."""
    scheme, mark, rest = url.partition("://")
    address, question, options = rest.partition("?")
    who, at, where = address.rpartition("@")
    kept = "&".join(option for option in options.split("&") if option and not option.startswith("password="))
    return f"{scheme}{mark}{who.partition(':')[0]}{at}{where}{question if kept else ''}{kept}"
