"""What leaves the record: `audit withdraw`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from workflow.cli.named import place_of
from workflow.cli.options import STARTED, command, option, plan_argument, write_from, writing
from workflow.cli.output import Screen, clean
from workflow.errors import N_, InvalidInput

if TYPE_CHECKING:
    from workflow.cli.settings import Settings


@command(example=STARTED + "workflow audit withdraw 1-KH-MAU 1")
@plan_argument
@click.argument("seq", type=click.IntRange(1), required=False)
@option("--text", "texts", multiple=True, metavar="PLACE", help=N_("The text at this place of the event; repeatable."))
@option(
    "--file",
    "files",
    multiple=True,
    type=click.IntRange(1),
    metavar="NUMBER",
    help=N_("The file with this number among those handed in with it."),
)
@option("--all", "everything", is_flag=True, help=N_("Every text and file of the event."))
@option("--reason", metavar="TEXT", help=N_("Why; it stands in the trail."))
@writing
def withdraw(
    settings: Settings,
    plan: str,
    seq: int | None,
    texts: tuple[str, ...],
    files: tuple[int, ...],
    everything: bool,
    reason: str | None,
    **options: Any,
) -> None:
    """Withdraw personal or secret texts and files of event SEQ of PLAN (or of @workspace) from the record.

    Their content is gone for good from the database and from everything that is made of it; their hashes stay, so
    that the chain still verifies, and the trail says who withdrew them and why. Named without --text, --file or
    --all, it shows what the event has. Copies, backups and what left the house before are not reached.
    """
    plan, seq = place_of(plan, seq)
    if not texts and not files and not everything:
        _show(settings, plan, seq)
        return
    if reason is None:
        raise InvalidInput("a reason is needed", code="no-reason", hint="give --reason")
    # What decides about it stands in the engine's core, which help need not wait for.
    from workflow.decide.withdrawing import Withdrawal

    write = write_from(settings, options)
    asked = Withdrawal(seq, reason, texts, files, everything)
    done = settings.service.record.withdraw(plan, asked, write)
    screen = Screen(settings)
    if settings.as_json:
        others = [{"plan": other, "seq": number} for other, number in done.elsewhere]
        values = {"plan": plan, "seq": seq, "texts": done.texts, "files": done.files, "dry_run": done.dry_run}
        screen.json({**values, "elsewhere": others})
        return
    message = N_("Withdrawn from event {seq} of {plan}: {texts} {texts|text|texts}, {files} {files|file|files}.")
    if done.dry_run:
        message = N_(
            "Would be withdrawn from event {seq} of {plan}: {texts} {texts|text|texts}, {files} {files|file|files}."
        )
    screen.line(screen.words(message, seq=seq, plan=plan, texts=done.texts, files=done.files))
    if done.files:
        screen.line(screen.words(N_("A file's name goes with the file: it is one of these texts.")), indent=2)
    for other, number in done.elsewhere:
        screen.line(
            screen.words(N_("The same file also from event {seq} of {plan}."), seq=number, plan=other), indent=2
        )
    screen.say(N_("Backups and copies made before still have it; so has whoever it was sent to."))


def _show(settings: Settings, plan: str, seq: int) -> None:
    texts, files = settings.service.record.withdrawable(plan, seq)
    screen = Screen(settings)
    if settings.as_json:
        shown = [{"id": place, "kind": "text", "content": text} for place, text in texts]
        shown += [{"id": str(number), "kind": "file", "content": name} for number, name in enumerate(files, 1)]
        screen.json({"contents": shown})
        return
    if not texts and not files:
        screen.say(N_("Event {seq} of {plan} has no text and no file that could be withdrawn."), seq=seq, plan=plan)
        return
    gone = screen.words(N_("(withdrawn)"))
    rows = [(f"--text {place}", gone if text is None else clean(text)) for place, text in texts]
    rows += [(f"--file {number}", clean(name) or gone) for number, name in enumerate(files, 1)]
    screen.table([N_("option"), N_("content")], rows)
    screen.say(N_("Nothing was withdrawn: name what shall be, and why (--reason)."))
