"""`workflow doctor`: what is wrong with the workspace and around it, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflow.cli.options import command, option
from workflow.cli.output import Screen
from workflow.errors import N_, ProblemsFound

if TYPE_CHECKING:
    from workflow.cli.settings import Settings

SEVERITIES = {"error": N_("error"), "warning": N_("warning"), "note": N_("note")}


@command(example="workflow doctor\nworkflow doctor --replay")
@option("--replay", is_flag=True, help=N_("Replay every plan with the plugins installed now instead; reads alone."))
def doctor(settings: Settings, replay: bool) -> None:
    """Look for what nobody will do, and for what may lose data; exit code 6 where somebody has to act.

    With --replay it names each event that no code installed now can read: before an upgrade, run it with the
    new plugins on a copy of the workspace.
    """
    if replay:
        from workflow.cli.replay import replay_plans

        replay_plans(settings)
        return
    from workflow.doctor import CHECKS, examine

    found = examine(settings.opened)
    serious = [finding for _, finding in found if finding.severity != "note"]
    screen = Screen(settings)
    words = screen.catalogue.text
    if settings.as_json:
        shapes = [
            {
                "id": f"{check}:{finding.where}",
                "check": check,
                "severity": finding.severity,
                "where": finding.where,
                "message": words(finding.phrase),
                "what_to_do": words(finding.what_to_do),
            }
            for check, finding in found
        ]
        screen.json({"well": not serious, "checks": len(CHECKS), "findings": shapes})
    else:
        for _, finding in found:
            screen.line(f"{screen.words(SEVERITIES[finding.severity])}: {words(finding.phrase)}")
            screen.line(words(finding.what_to_do), indent=4)
        if not serious:
            screen.line(screen.words(N_("All is well ({count} checks)."), count=len(CHECKS)))
    if serious:
        raise ProblemsFound(
            N_("{count} {count|thing needs|things need} somebody's attention."), code="unwell", count=len(serious)
        )
