"""`audit verify`: the record against itself and against seals, as a numbered list."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from workflow.cli.options import FILE, command, option
from workflow.cli.output import Screen
from workflow.cli.progress import Progress
from workflow.cli.shapes import Shapes
from workflow.errors import N_, IntegrityBroken, InvalidInput, Phrase, PluginFailed

if TYPE_CHECKING:
    from workflow.cli.settings import Settings
    from workflow.sealing.files import Filed
    from workflow.sealing.keys import PublicKey
    from workflow.sealing.notes import Seal
    from workflow.views import plans as views

_MOST_JOBS = 64


@command(example="workflow audit verify")
@click.argument("plan", required=False)
@option("--quick", is_flag=True, help=N_("Chains and columns alone: neither replay nor contents nor seals."))
@option("--chains", is_flag=True, help=N_("Chains alone: hashes, links and sequence, not even the columns."))
@option("--since-seal", is_flag=True, help=N_("Read only events behind the newest stored seal, replay nothing."))
@option("--seal", type=FILE, metavar="FILE", help=N_("Hold the record against this seal too, from outside."))
@option("--key", type=FILE, metavar="FILE", help=N_("The public key that must have made the seal of --seal."))
@option("--jobs", type=click.IntRange(1, _MOST_JOBS), metavar="NUMBER", help=N_("In so many processes."))
def verify(
    settings: Settings,
    plan: str | None,
    quick: bool,
    chains: bool,
    since_seal: bool,
    seal: Path | None,
    key: Path | None,
    jobs: int | None,
) -> None:
    """Check the record of PLAN or everything, as a numbered list; exit 7 names the first bad event.

    It goes on behind what is wrong and says what still holds. --quick is for very large databases: what it leaves out
    (canonical form, definitions, replay, effects, texts, documents, numbers, seals) is not verified then. --since-seal
    trusts that events under the newest seal are as they were when it was made, if the sealed one is still there.
    """
    from workflow.verification.checklist import Asked

    _require_together(plan, quick or chains, since_seal, seal, key)
    screen = Screen(settings)
    bar: list[Progress] = []

    def watch(done: int, total: int) -> None:
        if total and not bar:
            bar.append(Progress(total))
        for one in bar:
            one.reach(done)

    filed = _filed(settings, plan, quick or chains, seal)
    asked = Asked(
        quick=quick or chains,
        columns=not chains,
        since_seal=since_seal,
        seal=_seal(seal) if seal is not None else filed.seal if filed is not None else None,
        filed=filed,
        key=_key(key) if key is not None else None,
        jobs=jobs,
        watch=watch,
    )
    service, opener = settings.service, settings.opened.reopened
    if asked.quick and settings.watchdog.is_alive():
        # No plugin is called, so none can hang; without a thread that watches, another process begins at once.
        settings.watchdog.stop()
        settings.watchdog.join()
    result = service.record.verify(plan, asked, opener)
    for one in bar:
        one.aside()
    if settings.as_json:
        screen.json(_shape(screen, result) | _compared_shape(seal, filed))
    else:
        print_checklist(screen, result)
        for line in _compared(screen, result, asked.seal if seal is not None else None, filed):
            screen.line(line)
    require_sound(result)


def _require_together(plan: str | None, quick: bool, since_seal: bool, seal: Path | None, key: Path | None) -> None:
    if since_seal and (quick or plan is not None):
        raise InvalidInput(
            N_("--since-seal looks at every chain, and at more than --quick: give it alone."), code="bad-options"
        )
    if key is not None and seal is None:
        raise InvalidInput(N_("--key says who must have made the seal: give --seal FILE too."), code="bad-options")


def _filed(settings: Settings, plan: str | None, quick: bool, seal: Path | None) -> Filed | None:
    """The workspace's own seal files, where everything is verified and no seal is given."""
    from workflow.sealing import files

    return files.filed(settings.opened.root) if plan is None and not quick and seal is None else None


def _compared(screen: Screen, result: views.Verification, given: Seal | None, filed: Filed | None) -> list[str]:
    """With which seals beside the database the record was compared, and what that leaves open."""
    told = (
        [screen.words(N_("No seal, it cannot be read: {path}"), path=path) for path in filed.damaged] if filed else []
    )
    own, sound = filed.path if filed is not None else None, not result.findings
    if own is not None:
        text = N_("It goes on from the newest seal file of this workspace: {path}") if sound else N_("Compared: {path}")
        told.append(screen.words(text, path=own))
    if given is None:
        text = N_(
            "No seal from outside was compared: what was removed whole or taken back shows only so (--seal FILE)."
        )
        told.append(screen.words(text))
    elif sound:
        at = given.checkpoint.at
        told.append(
            screen.words(N_("It goes on from the seal given, of {at}; what came later only a later one shows."), at=at)
        )
    return told


def _compared_shape(seal: Path | None, filed: Filed | None) -> dict[str, Any]:
    return {
        "seal_given": seal is not None,
        "seal_file": str(filed.path) if filed is not None and filed.path is not None else None,
        "seal_files_damaged": [str(path) for path in filed.damaged] if filed is not None else [],
    }


def _seal(path: Path) -> Seal:
    from workflow.sealing import notes

    return notes.parse(read_file(path, notes.LONGEST))


def _key(path: Path) -> PublicKey:
    from workflow.sealing import keys, notes

    return keys.parse_line(read_file(path, notes.LONGEST).decode("utf-8", "replace").strip())


def read_file(path: Path, longest: int) -> bytes:
    """Read a file, and no more than one byte beyond what it may have; the reader refuses that."""
    try:
        with click.open_file(str(path), "rb") as file:
            return file.read(longest + 1)
    except OSError as error:
        raise InvalidInput(
            N_("{path} cannot be read: {error}"), code="not-read", path=path, error=error.strerror or error
        ) from error


def require_sound(result: views.Verification) -> None:
    """Raise `IntegrityBroken` naming the first finding, if there is one."""
    if result.findings:
        first = result.findings[0]
        event = Phrase(N_("{chain}, event {seq}"), {"chain": first.chain, "seq": first.seq})
        raise IntegrityBroken(
            N_(
                "The stored record does not agree with itself or with its seals: "
                "{count} {count|finding|findings}, the first in {where}."
            ),
            hint=N_("Keep a copy of the database as it is, and compare with the last backup."),
            count=len(result.findings) + result.more,
            where=first.chain if first.seq is None else event,
        )
    if result.unjudged:
        raise PluginFailed(
            N_("Chains that could not be judged: {count}. A plugin that they need is missing or failing here."),
            code="unjudged",
            hint=N_("`workflow plugin list` shows what is installed and what failed; everything else was verified."),
            count=len({finding.chain for finding in result.unjudged}),
        )


def print_result(screen: Screen, result: views.Verification) -> None:
    """Print every finding, or what was verified."""
    for finding in (*result.findings, *result.unjudged):
        place = finding.chain if finding.seq is None else f"{finding.chain} {finding.seq}"
        screen.line(f"{place}: {finding.check}: {screen.catalogue.text(finding.reason.phrase)}")
    if result.more > 0:
        screen.line(screen.words(N_("{count} more {count|finding|findings} like these."), count=result.more))
    if not result.findings and not result.unjudged:
        screen.line(
            screen.words(
                N_(
                    "{chains} {chains|chain|chains} with {events} {events|event|events} verified: "
                    "the record agrees with itself."
                ),
                chains=result.chains,
                events=result.events,
            )
        )


def print_checklist(screen: Screen, result: views.Verification) -> None:
    """Print the numbered list, every finding, and what still holds."""
    rows = [
        (line.number, screen.catalogue.text(line.title), line.checked, _state(screen, line)) for line in result.lines
    ]
    screen.table([N_("no."), N_("what is checked"), N_("checked"), N_("result")], rows)
    screen.line()
    print_result(screen, result)
    if result.findings or result.unjudged:
        for text in _what_holds(screen, result):
            screen.line(text)
    left_out = [line for line in result.lines if line.left_out]
    if left_out:
        numbers = ", ".join(str(line.number) for line in left_out)
        screen.line(screen.words(N_("Left out, and so not verified: {numbers}."), numbers=numbers))


def _state(screen: Screen, line: views.Checked) -> str:
    if line.left_out:
        return screen.words(N_("left out"))
    if line.failed:
        return screen.words(N_("FAILED: {count}"), count=line.failed)
    if line.unjudged:
        return screen.words(N_("not judged: {count}"), count=line.unjudged)
    return screen.words(N_("holds") if line.checked else N_("nothing to check"))


def _what_holds(screen: Screen, result: views.Verification) -> list[str]:
    """What still holds, in whole chains and up to the first bad event of a chain."""
    told = [
        screen.words(
            N_("What still holds: {sound} of {chains} {chains|chain|chains}."),
            sound=result.sound,
            chains=result.chains + result.gone,
        )
    ]
    for chain, seq in first_bad(result).items():
        if seq > 1:
            told.append(screen.words(N_("{chain}: events 1 to {last} hold."), chain=chain, last=seq - 1))
    return told


def first_bad(result: views.Verification) -> dict[str, int]:
    """The first event of each chain at which the chain itself is broken."""
    found: dict[str, int] = {}
    for finding in result.findings:
        if finding.seq is not None and finding.check in ("canonical", "link", "sequence", "columns"):
            found[finding.chain] = min(finding.seq, found.get(finding.chain, finding.seq))
    return found


def _shape(screen: Screen, result: views.Verification) -> dict[str, Any]:
    shapes = Shapes(screen.catalogue)
    return {
        "sound": not result.findings and not result.unjudged,
        "chains": result.chains,
        "sound_chains": result.sound,
        "gone_chains": result.gone,
        "events": result.events,
        "checks": {
            line.id: {
                "number": line.number,
                "title": screen.catalogue.text(line.title),
                "checked": line.checked,
                "failed": line.failed,
                "unjudged": line.unjudged,
                "result": _state_code(line),
            }
            for line in result.lines
        },
        "first_bad": first_bad(result),
        "more": result.more,
        "findings": [shapes.finding(finding) for finding in (*result.findings, *result.unjudged)],
    }


def _state_code(line: views.Checked) -> str:
    if line.left_out:
        return "left-out"
    if line.failed:
        return "failed"
    return "unjudged" if line.unjudged else "holds"
