"""`act`: an action on a step, with the options that its step type declares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from workflow.cli.options import STARTED, WRITING_NAMES, plan_argument, write_from, writing
from workflow.cli.outcome import show_outcome
from workflow.cli.pick import Choice, ask, may_ask, pick
from workflow.cli.program import Leaf
from workflow.cli.settings import Settings
from workflow.errors import N_, InvalidInput, Phrase, Reason, Refused

if TYPE_CHECKING:
    from workflow.cli.parameters import Given
    from workflow.language.definition import Definition
    from workflow.service.service import Service
    from workflow.steps.step_type import StepType

EXAMPLE = STARTED + "workflow act 1-KH-MAU collect complete --note done --as van-thu"
GENERAL = {*(name.replace("_", "-") for name in WRITING_NAMES), "as", "workspace", "database", "lang", "json", "debug"}
GENERAL |= {"help"}


@dataclass(frozen=True)
class Target:
    """What PLAN and STEP name: the step's full address, its type, its plan's definition."""

    address: str
    step_type: StepType
    definition: Definition
    possible: tuple[str, ...]


class ActCommand(Leaf):
    """The command; once PLAN, STEP and ACTION are known, its options are those of that action."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Look ahead for the three words, then parse with the action's own options."""
        if parent is None or parent.resilient_parsing:
            return super().make_context(info_name, args, parent, **extra)
        words = self._look_ahead(args, parent)
        asks_help = "--help" in args
        if words["plan"] is None or words["step"] is None or (words["action"] is None and asks_help):
            return super().make_context(info_name, args, parent, **extra)
        settings = parent.find_root().ensure_object(Settings)
        target = find_target(settings.service, words["plan"], words["step"])
        if words["action"] is None:
            args = [*args, _picked_action(settings, target)]
            words["action"] = args[-1]
        command = command_for(settings, target, words["plan"], words["action"])
        return Leaf.make_context(command, info_name, args, parent, **extra)

    def _look_ahead(self, args: list[str], parent: click.Context) -> dict[str, str | None]:
        """Read the positional words and the global options; unknown options belong to the action."""
        context = click.Context(self, parent=parent, ignore_unknown_options=True, allow_extra_args=True)
        # `--help` must not answer before the action's options are known.
        with context.scope(cleanup=False):
            parser = self.make_parser(context)
            values, _, _ = parser.parse_args(args=[arg for arg in args if arg != "--help"])
            for param in self.params:
                if isinstance(param, click.Option) and not param.expose_value and param.name in values:
                    param.handle_parse_result(context, values, [])
        return {
            name: value if isinstance(value := values.get(name), str) else None for name in ("plan", "step", "action")
        }


def find_target(service: Service, plan: str, reference: str) -> Target:
    """Return what PLAN and STEP name, whether the step is open yet or not."""
    from workflow.decide.acts import find_round

    row = service.require_plan(plan)
    process, state = service.process_of(row.definition), service.state_of(row)
    reference = _by_label(process.definition, reference, state.stage)
    phase = None
    try:
        address, round_ = find_round(process, state, reference)
        phase = round_.phase
    except Refused as refusal:
        # Not open yet: the service refuses it and keeps the attempt; here only its options matter.
        address = str(refusal.params["step"])
    step_type = process.type_of(address)
    possible = tuple(process.step_machine(step_type.name).actions(phase)) if phase is not None else ()
    return Target(reference if "@" in reference else address, step_type, process.definition, possible)


def _by_label(definition: Definition, reference: str, stage: str) -> str:
    """Return the address of the one step with this source number, in the plan's stage first; else *reference*."""
    if definition.full_address(reference, stage) is not None:
        return reference
    labelled = [address for address, step in definition.steps.items() if step.label == reference]
    here = [address for address in labelled if address.startswith(f"{stage}/")] or labelled
    return here[0] if len(here) == 1 else reference


def _picked_action(settings: Settings, target: Target) -> str:
    actions = target.step_type.actions()
    offered = [actions[name] for name in target.possible] or list(actions.values())
    choices: list[Choice] = [(action.name, settings.catalogue.words(action.title)) for action in offered]
    if may_ask():
        return pick(settings.catalogue, settings.catalogue.message(N_("Which action?")), choices)
    raise InvalidInput(
        N_("No action is named for step `{step}`."),
        code="no-action",
        hint=N_("It has: {actions}"),
        step=target.address,
        actions=", ".join(f"{word} ({title})" for word, title in choices),
    )


def command_for(settings: Settings, target: Target, plan: str, name: str) -> Leaf:
    """Return the command for one action on a plan's step, with the options of its parameter model."""
    from workflow.cli.parameters import given_by, options_of
    from workflow.decide.acts import find_action

    action = find_action(target.step_type, name)
    # A remark that the action itself takes is not asked for twice.
    own_note = "note" in action.parameters.model_fields
    given = given_by(action, sorted(GENERAL - {"note"} if own_note else GENERAL))
    general = [param for param in act.params if not (own_note and param.name == "note")]

    def run(plan: str, step: str, action: str, **options: Any) -> None:
        if own_note:
            options["note"] = None
        perform(settings, plan, target, action, given, options)

    words = settings.catalogue.words
    return ActionCommand(
        name="act",
        params=[*options_of(given, settings.catalogue), *(param for param in general if not _is_global(param))],
        callback=run,
        help=f"{words(action.title)}: {target.address} ({words_of_type(settings, target)})",
        epilog=_example(settings, target, plan, name, given),
    )


class ActionCommand(Leaf):
    """`act` for one action."""


def words_of_type(settings: Settings, target: Target) -> str:
    """Return the step type's title in the reader's language."""
    title = target.step_type.title
    return title.get(settings.language) or title["vi"]


def _is_global(param: click.Parameter) -> bool:
    return isinstance(param, click.Option) and not param.expose_value


def _example(settings: Settings, target: Target, plan: str, name: str, given: Sequence[Given]) -> str:
    """Return a line that can be typed: this plan, somebody who may, and what it needs, of what there is."""
    register, today = settings.service.register, settings.today()
    offered = [
        one
        for one in settings.service.next(plan).actions
        if one.action.name == name and target.address in (one.step, f"{one.step}@{one.round}")
    ]
    may = offered[0].by if offered else ()
    persons = (person for ref in may for person in register.holders(ref, today))
    actor = settings.reader or next(persons, None) or next(iter(register.persons), "ACTOR")
    words = ["workflow act", plan, target.address, name]
    words += [_sample(settings, target, one, may) for one in given if one.field.is_required()]
    return " ".join([*words, "--as", actor])


def _sample(settings: Settings, target: Target, one: Given, may: Sequence[str]) -> str:
    """Return an option with a value that there is: of the units one that may act itself."""
    if one.shape.type is bool:
        return one.option
    found = [word for word, _ in one.choices() or _referred(settings, target, one.shape.reference)]
    value = next((word for word in may if word in found), None) or next(iter(found), None)
    if value is None and one.shape.type is date:
        value = settings.today().isoformat()
    elif value is None and one.shape.type is int:
        value = "1"
    return f"{one.option} {value or one.name.upper()}"


def perform(
    settings: Settings, plan: str, target: Target, action: str, given: Sequence[Given], options: dict[str, Any]
) -> None:
    """Do the action, having asked for what is missing."""
    from workflow.cli.named import with_ids
    from workflow.cli.parameters import values_from

    write = write_from(settings, options)
    values = with_ids(settings, given, values_from(given, options))
    missing = [one for one in given if one.field.is_required() and (one.field.alias or one.name) not in values]
    if missing and not may_ask():
        raise InvalidInput(
            N_("`{action}` needs more options."),
            code="missing-options",
            reasons=tuple(
                Reason(
                    "missing-option",
                    Phrase(N_("{option} is missing: {what}"), {"option": one.option, "what": one.question}),
                )
                for one in missing
            ),
            hint=N_("`workflow act {plan} {step} {action} --help` lists them."),
            plan=plan,
            step=target.address,
            action=action,
        )
    for one in missing:
        values[one.field.alias or one.name] = _asked(settings, target, one)
    show_outcome(settings, settings.service.act(plan, target.address, action, values, write))


def _asked(settings: Settings, target: Target, one: Given) -> Any:
    choices = one.choices() or _referred(settings, target, one.shape.reference)
    question = settings.catalogue.text(one.question)
    answer = pick(settings.catalogue, question, choices) if choices else ask(question)
    return one.from_answer(answer)


def _referred(settings: Settings, target: Target, kind: str | None) -> list[Choice]:
    """Return what a parameter that names a unit, document, step or stage may name."""
    words, definition = settings.catalogue.words, target.definition
    if kind == "unit":
        today = settings.today()
        units = settings.service.register.units
        return [(id_, words(unit.name)) for id_, unit in units.items() if unit.holds(today)]
    if kind == "document":
        return [(id_, words(document.title)) for id_, document in definition.documents.items()]
    if kind == "stage":
        return [(id_, words(stage.title)) for id_, stage in definition.stages.items()]
    if kind == "step":
        return [(address, words(step.title) if step.title else "") for address, step in definition.steps.items()]
    return []


@click.command(cls=ActCommand, epilog=EXAMPLE)
@plan_argument
@click.argument("step")
@click.argument("action")
@writing
@click.pass_obj
def act(settings: Settings, plan: str, step: str, action: str, **options: Any) -> None:
    """Do ACTION on STEP of PLAN.

    `workflow act PLAN STEP ACTION --help` lists the options of that action, `workflow next PLAN` the
    actions that are possible now.
    """
