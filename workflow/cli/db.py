"""The database itself: `db status`, `db backup`, `db copy`, `db grant`, `db upgrade`, `db rebuild`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from workflow.cli.filing import force
from workflow.cli.options import command, option, write_from, writing
from workflow.cli.output import Screen
from workflow.cli.progress import Progress
from workflow.cli.shapes import listing
from workflow.errors import N_, InvalidInput, Refused

if TYPE_CHECKING:
    from workflow.cli.settings import Settings
    from workflow.store.condition import Condition
    from workflow.store.copying import Intent
    from workflow.views.replays import Rebuilt


@command(example="workflow db status")
def status(settings: Settings) -> None:
    """Show where the database is, its kind, version, schema, sizes and settings, and the last backup known."""
    from workflow import upkeep

    found, backup = upkeep.status(settings.opened)
    screen = Screen(settings)
    if settings.as_json:
        screen.json(_condition_shape(found, backup))
    else:
        _print_condition(screen, found, backup)


def _condition_shape(found: Condition, backup: Mapping[str, Any] | None) -> dict[str, Any]:
    tables = [{"id": name, "rows_about": size.rows, "bytes": size.size} for name, size in found.tables.items()]
    last = dict(zip(("plan", "seq", "recorded_at"), found.last, strict=True)) if found.last else None
    return {
        "id": found.place,
        "kind": found.kind,
        "version": found.version,
        "schema": found.schema,
        "pending": list(found.pending),
        "bytes": found.size,
        "log_bytes": found.log,
        "tables": tables,
        "last_event": last,
        "last_backup": dict(backup) if backup else None,
        "settings": dict(found.settings),
        "append_only": found.append_only,
    }


def _print_condition(screen: Screen, found: Condition, backup: Mapping[str, Any] | None) -> None:
    words = screen.words
    screen.line(f"{found.place}: {found.kind} {found.version}", bold=True)
    if found.schema is None:
        screen.line(words(N_("It has no tables yet.")), indent=2)
    elif found.schema == "copying":
        screen.line(words(N_("It holds a copy that is not complete: run the same `workflow db copy` again.")), indent=2)
    else:
        screen.line(words(N_("schema {version}"), version=found.schema), indent=2)
    _print_pending(screen, found.pending)
    screen.line(words(N_("size: {size} MB"), size=_megabytes(found.size)), indent=2)
    if found.log is not None:
        screen.line(words(N_("log beside it: {size} MB"), size=_megabytes(found.log)), indent=2)
    if found.last is not None:
        plan, seq, at = found.last
        told = N_("last event: {plan} {seq}, recorded {at} UTC")
        screen.line(words(told, plan=plan, seq=seq, at=at[:19].replace("T", " ")), indent=2)
    if backup is None:
        screen.line(words(N_("last backup: none is known here")), indent=2)
    else:
        at = str(backup["at"])[:19].replace("T", " ")
        screen.line(words(N_("last backup: {at} UTC, {file}"), at=at.rstrip("Z"), file=backup["file"]), indent=2)
    for name, value in found.settings.items():
        screen.line(f"{name} = {value}", indent=2)
    if found.append_only is False:
        screen.line(
            words(N_("The triggers that keep events from being changed are gone: see `audit verify`.")), indent=2
        )
    if found.tables:
        rows = [
            (name, "-" if size.rows is None else size.rows, "-" if size.size is None else _megabytes(size.size))
            for name, size in found.tables.items()
        ]
        screen.table([N_("table"), N_("rows (about)"), N_("MB")], rows)


def _print_pending(screen: Screen, pending: Sequence[str]) -> None:
    from workflow.store.schema import CHANGES

    if pending:
        screen.line(screen.words(N_("`workflow db upgrade` would bring:")), indent=2)
    for version in pending:
        screen.line(f"- {version}: {screen.words(CHANGES.get(version, version))}", indent=4)


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:.1f}"


@contextmanager
def _bar() -> Iterator[Callable[[int, int], None]]:
    """A bar for work that says how much is done, and of how much, as it goes on; it goes with the work."""
    shown: list[Progress] = []
    last = 0

    def told(done: int, total: int) -> None:
        nonlocal last
        if not shown:
            shown.append(Progress(total))
        shown[0].step(done - last)
        last = done

    try:
        yield told
    finally:
        for bar in shown:
            bar.aside()


@command(example="workflow db upgrade")
@option("--backed-up", is_flag=True, help=N_("There is a backup already: make none."))
@option("--dry-run", is_flag=True, help=N_("Say what would be done, change nothing."))
def upgrade(settings: Settings, backed_up: bool, dry_run: bool) -> None:
    """Take the database to this version's schema: wholly, or, whatever happens, not at all.

    A backup of a file is made first, beside it. On PostgreSQL pg_dump makes one; --backed-up says that it is there.
    """
    from workflow import upkeep

    screen = Screen(settings)
    planned = upkeep.plan_upgrade(settings.opened)
    if not settings.as_json:
        _print_pending(screen, planned.pending)
    done = planned
    if not dry_run:
        with _bar() as told:
            done = upkeep.upgrade(settings.opened, backed_up=backed_up, told=told)
    if dry_run:
        screen.say(N_("This was a trial run: nothing was written."))
    if settings.as_json:
        backup = str(done.backup.file) if done.backup else None
        versions = {"before": done.before, "pending": list(done.pending)}
        screen.json({"id": settings.opened.database, "upgraded": not dry_run, **versions, "backup": backup})
        return
    if done.backup is not None:
        screen.line(screen.words(N_("A backup from before is in {file}."), file=done.backup.file))
    if not dry_run or not planned.pending:
        screen.line(screen.words(N_("The database is at this version's schema.")))


@command(example="workflow db backup office-backup.db")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@force
def backup(settings: Settings, file: Path, force: bool) -> None:
    """Write all that the database holds now into FILE, an SQLite database by itself, while others go on working.

    Put under the name workflow.db into a copy of the workspace's folder it is the workspace as it was. On PostgreSQL
    too FILE is an SQLite database; for backups of the server, and up to a moment, pg_dump and its archive remain.
    """
    from workflow import upkeep

    with _bar() as told:
        made = upkeep.make_backup(settings.opened, file, force=force, told=told)
    screen = Screen(settings)
    if settings.as_json:
        screen.json({"id": str(made.file), "bytes": made.size, "schema": made.schema})
    else:
        screen.line(screen.words(N_("Written: {file} ({size} MB)."), file=made.file, size=_megabytes(made.size)))


@command(example="workflow db copy --to office-copy.db")
@option("--to", required=True, metavar="URL", help=N_("Where to: postgresql://USER@HOST/NAME, or a file."))
@option("--dry-run", is_flag=True, help=N_("Say what would be done, change nothing."))
def copy(settings: Settings, to: str, dry_run: bool) -> None:
    """Take the database to another place: all rows as they are, compared at the end, the record verified there.

    Stop the workers and let nobody work meanwhile: what is still recorded is brought along or told. Broken off, the
    same command goes on where it was. The database that was copied stays as it is.
    """
    from workflow import upkeep
    from workflow.cli.verify import print_result, require_sound

    screen = Screen(settings)
    if dry_run:
        _print_intent(settings, screen, upkeep.intend_copy(settings.opened, to))
        return
    with _bar() as bar:
        done = upkeep.copy(settings.opened, to, bar)
    if not settings.as_json:
        compared = N_("{written} {written|row|rows} written; all {compared} are equal in both databases.")
        screen.line(screen.words(compared, written=done.written, compared=done.compared))
        if done.late:
            late = N_("{count} of them changed while they were copied, and were brought along.")
            screen.line(screen.words(late, count=done.late))
    result = upkeep.verify_copy(settings.opened, to)
    setting = upkeep.setting_for(settings.opened, to)
    if settings.as_json:
        told = {"written": done.written, "late": done.late, "compared": done.compared}
        verified = {"chains": result.chains, "events": result.events, "findings": len(result.findings)}
        screen.json({"id": done.target, "copied": True, **told, "verified": verified, "setting": setting})
    else:
        print_result(screen, result)
    require_sound(result)
    screen.say(N_("To work with it from now on, put this line into workflow.toml: {line}"), line=setting)
    screen.say(N_("What is recorded in the old database from now on is not in the new one; `db copy` again brings it."))


def _print_intent(settings: Settings, screen: Screen, intent: Intent) -> None:
    if settings.as_json:
        told = {"source": intent.source, "state": intent.state, "rows_about": intent.rows}
        screen.json({"id": intent.target, "copied": False, **told})
        return
    about = N_("From {source} to {target}, about {rows} {rows|row|rows}.")
    screen.line(screen.words(about, source=intent.source, target=intent.target, rows=intent.rows))
    screen.line(screen.words(_INTENTS[intent.state]))
    screen.say(N_("This was a trial run: nothing was written."))


_INTENTS = {
    "empty": N_("There is nothing yet: everything would be written."),
    "unfinished": N_("A copy was broken off there: it would be gone on with."),
    "behind": N_("An earlier copy is there: what is new would be brought."),
    "equal": N_("An earlier copy is there with the same events: all rows would be compared."),
}


@command(example="workflow db grant --help")
@option("--apply", is_flag=True, help=N_("Carry it out; else it is printed."))
@option(
    "--role",
    "roles",
    multiple=True,
    metavar="ROLE=NAME",
    help=N_("The server's name for officer, reviewer or worker (trinh_officer, trinh_reviewer, trinh_worker)."),
)
def grant(settings: Settings, apply: bool, roles: Sequence[str]) -> None:
    """Print, as SQL that may be run again and again, what each of three roles may do with the database on PostgreSQL.

    An officer records and changes no event, a reviewer only reads, a worker also keeps the outbox. Whoever runs it owns
    the tables. People and the worker log in as members: GRANT trinh_officer TO somebody.
    """
    from workflow import upkeep

    statements = upkeep.grant_statements(settings.opened, _names(roles))
    if apply:
        upkeep.apply_grants(settings.opened, statements)
    screen = Screen(settings)
    if settings.as_json:
        screen.json({"id": settings.opened.database, "applied": apply, "statements": statements})
    elif apply:
        screen.line(screen.words(N_("The roles have their rights.")))
    else:
        screen.lines("\n".join(["BEGIN;", *(f"{statement};" for statement in statements), "COMMIT;"]))


def _names(roles: Sequence[str]) -> dict[str, str]:
    from workflow.store.grants import ROLES

    names: dict[str, str] = {}
    for given in roles:
        role, equals, name = given.partition("=")
        if role not in ROLES or not equals or role in names:
            raise InvalidInput(
                N_("`{given}` names no role."),
                code="bad-role",
                hint=N_("Give each of these once: officer=NAME, reviewer=NAME, worker=NAME."),
                given=given,
            )
        names[role] = name
    return names


@command(example="workflow db rebuild --as van-thu")
@click.argument("plan", required=False, metavar="[PLAN]")
@writing
def rebuild(settings: Settings, plan: str | None, **options: Any) -> None:
    """Make the rows of PLAN, or of every plan, anew from its events, as the plugins installed now read them.

    It is needed after an upgrade of a plugin, where `audit verify` or `doctor --replay` say so. Events stay as
    they are. A plan whose events were changed, or cannot be read, is told and left as it is; exit code 3 then.
    """
    write, record, screen = write_from(settings, options), settings.service.record, Screen(settings)
    plans = [record.require_plan(plan).id] if plan else list(record.plan_ids())
    progress, told = Progress(len(plans)), []
    for id_ in plans:
        done = record.rebuild(id_, write)
        progress.step()
        if done.changed or done.why_not is not None:
            told.append(done)
            progress.aside()
            if not settings.as_json:
                _tell(screen, done)
    if settings.as_json:
        why = {one.plan: screen.catalogue.text(one.why_not) if one.why_not else None for one in told}
        shapes = [{"id": one.plan, "rebuilt": one.changed, "why_not": why[one.plan]} for one in told]
        screen.json({"looked_at": len(plans), **listing("plans", shapes)})
    elif not told:
        screen.say(N_("All rows are what the events give ({count} {count|plan|plans})."), count=len(plans))
    elif write.dry_run:
        screen.say(N_("This was a trial run: nothing was written."))
    left = [one for one in told if one.why_not is not None]
    if left:
        raise Refused(N_("{count} {count|plan was|plans were} left as they are."), code="not-rebuilt", count=len(left))


def _tell(screen: Screen, done: Rebuilt) -> None:
    if done.why_not is not None:
        screen.line(screen.words(N_("{plan}: left as it is: {why}"), plan=done.plan, why=done.why_not))
    else:
        screen.line(screen.words(N_("{plan}: made anew"), plan=done.plan))
