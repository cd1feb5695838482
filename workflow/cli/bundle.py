"""`audit bundle`: chains with all that proves them, in one file for somebody outside."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from workflow.cli.filing import STANDARD_OUTPUT, open_file, require_free
from workflow.cli.filing import force as force_option
from workflow.cli.options import FILE, command, option
from workflow.cli.output import Screen
from workflow.errors import N_

if TYPE_CHECKING:
    from workflow.cli.settings import Settings


@command(example="workflow audit bundle 25-KH-KHCN-2019 --out 25-KH-KHCN-2019.bundle")
@click.argument("plans", nargs=-1, required=True, metavar="PLAN...")
@option("--out", metavar="FILE", type=FILE, required=True, help=N_("The file to write."))
@option("--hashes-only", is_flag=True, help=N_("Of documents their hashes alone, not their bytes."))
@option(
    "--confidential",
    is_flag=True,
    help=N_("Confidential things too; people.yaml says under `confidential:` who may."),
)
@force_option
def bundle(
    settings: Settings, plans: tuple[str, ...], out: Path, hashes_only: bool, confidential: bool, force: bool
) -> None:
    """Bundle PLANs, whole, with texts, documents, seals and proofs; `verifier.py` checks it without this program.

    That it was done is recorded. `@workspace` is the chain of keys, people, exports and refusals.
    """
    from workflow.views.plans import Write

    service, screen = settings.service, Screen(settings)
    require_free(out, settings.catalogue, force=force)
    done = service.record.bundle(
        plans,
        Write(actor=settings.reader),
        lambda: open_file(out),
        documents=not hashes_only,
        confidential=confidential,
    )
    if out == STANDARD_OUTPUT:
        return
    if settings.as_json:
        shape = {"plans": list(done.chains), "events": done.events, "seal": done.seal, "unsealed": done.unsealed}
        screen.json({"path": str(out), **shape})
        return
    screen.line(screen.words(N_("written: {path} ({count} {count|event|events})"), path=out, count=done.events))
    if done.seal is None:
        screen.say(N_("Nothing is sealed yet, so it proves only that it agrees with itself: `workflow audit seal`."))
    elif done.unsealed:
        screen.say(
            N_("Not sealed yet: {count} {count|event|events}. `workflow audit seal` first, then bundle again."),
            count=done.unsealed,
        )
