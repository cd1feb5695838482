"""`--lang vi` is Vietnamese everywhere, `--lang en` English: help, usage errors, faults and states."""

from __future__ import annotations

import gettext
import json
import re
from collections.abc import Callable

import click
import pytest
from cli.conftest import SAMPLE
from click.testing import CliRunner, Result

from workflow.catalogue import Catalogue, paragraphs, translations
from workflow.cli import main
from workflow.cli.commands import COMMANDS
from workflow.cli.translated import PLACEHOLDERS
from workflow.cli.usage import SAID, said_by_click

ALL = [[name] for name, entry in COMMANDS.items() if entry.group is None]
ALL += [[name, inner] for name, entry in COMMANDS.items() for inner in entry.group or {}]
GROUPS = [[name] for name, entry in COMMANDS.items() if entry.group is not None]
KNOWN = translations("vi")
OF_CLICK = ("Usage", "OPTIONS", "Options:", "ARGS", "required]", "Show this", "Commands:", "COMMAND")
"""Words that click would write by itself."""


def run(language: str, *words: str) -> str:
    """Run a command and return everything that it says."""
    return CliRunner().invoke(main, [*words, "--lang", language], prog_name="workflow").output


def command_at(words: list[str]) -> click.Command:
    """The command of these words."""
    context, command = click.Context(main), main
    for word in words:
        command = command.get_command(context, word)
    return command


@pytest.mark.parametrize("words", [[], *GROUPS, *ALL], ids=" ".join)
def test_no_word_of_click_is_left_in_vietnamese_help(words):
    """Headings, placeholders and the help option are translated on every page."""
    shown = run("vi", *words, "--help")

    assert shown.startswith("Cách dùng: workflow")
    assert [word for word in OF_CLICK if word in shown] == []


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_every_paragraph_of_help_has_its_vietnamese(words):
    """What a command is for is said in full in both languages, its placeholders and options too."""
    command = command_at(words)
    said = paragraphs(command.help)
    helps = [param.help for param in command.params if isinstance(param, click.Option) and param.help]

    assert [text for text in (*said, *helps) if text not in KNOWN] == []
    assert PLACEHOLDERS & set(re.findall(r"[\w=-]+", " ".join(KNOWN[text] for text in said))) == set()


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_every_placeholder_has_its_vietnamese(words):
    """What has to be typed is named in Vietnamese, in the line of usage and behind the options."""
    command = command_at(words)
    named = {param.make_metavar(click.Context(command)).strip("[].") for param in command.params}

    assert {name for name in named if name == name.upper() and "|" not in name} <= {*PLACEHOLDERS, "URL", "BOOLEAN"}


@pytest.mark.parametrize(
    ("typed", "vietnamese", "english"),
    [
        (["bogus"], "Không có lệnh 'bogus'.", "No such command 'bogus'."),
        (["shwo"], "Có phải bạn muốn gõ 'show'?", "Did you mean 'show'?"),
        (["show"], "Thiếu tham số 'KẾ-HOẠCH'.", "Missing argument 'PLAN'."),
        (["create", "x"], "Thiếu tùy chọn '--id'.", "Missing option '--id'."),
        (["next", "x", "y"], "Thừa tham số (y)", "unexpected extra argument (y)"),
        (["list", "--bogus"], "Không có tùy chọn '--bogus'.", "No such option '--bogus'."),
        (["list", "--late=x"], "không nhận giá trị", "does not take a value"),
        (["list", "--limit", "x"], "'x' không phải là số nguyên", "'x' is not a valid integer"),
        (["list", "--limit", "0"], "0 nằm ngoài khoảng", "0 is not in the range"),
        (["list", "--on", "5"], "'5' không phải là ngày", "'5' is not a date"),
        (["due", "--within", "x"], "'x' không phải là số ngày", "'x' is not a number of days"),
        (["graph", "x", "--format", "y"], "'y' không thuộc các giá trị", "'y' is not one of"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_usage_is_told_in_the_readers_language(typed, vietnamese, english):
    """What click says against what was typed is Vietnamese or English, whole."""
    assert vietnamese in run("vi", *typed)
    assert english in run("en", *typed)
    assert "Lỗi: " in run("vi", *typed) and "Error: " in run("en", *typed)


def test_wrong_usage_in_json_speaks_the_readers_language_too():
    """The message of an error is translated, its code is not."""
    error = json.loads(run("vi", "show", "--json"))["error"]

    assert ("usage", "Thiếu tham số 'KẾ-HOẠCH'.") == (error["code"], error["message"])


def test_a_sentence_that_is_not_known_stays_as_it_is():
    """A later click may say something new: it is shown rather than lost."""
    assert "Something new." == said_by_click("Something new.", Catalogue("vi"))


def test_each_sentence_is_recognised():
    """Every sentence of the list is found again once click has filled it."""
    for sentence in SAID:
        filled = re.sub(r"\{\w+\}", "'x'", sentence)
        assert said_by_click(filled, Catalogue("vi")) != filled, sentence


def said(typed: Callable[..., Result], *words: str) -> tuple[str, str]:
    """What a command says in Vietnamese and in English, each on one line."""
    vietnamese, english = (typed(*words, "--lang", language).output for language in ("vi", "en"))
    return " ".join(vietnamese.split()), " ".join(english.split())


def test_what_happened_is_told_with_titles(done, typed, plan, paper):
    """An action and the states of its step are named by their titles, not by ids."""
    done("act", plan, "write", "submit", "--attach", paper)
    vietnamese, english = said(typed, "audit", "show", plan, "--json")

    assert "Nộp dự thảo tại bước Xây dựng dự thảo, lượt 1: từ Đang soạn thảo sang Đã có dự thảo" in vietnamese
    assert "Submit a revision on Draft, round 1: Being drafted to Submitted" in english


def test_what_an_action_takes_is_described_in_the_readers_language(typed, plan):
    """The options of an action have their help in both languages."""
    vietnamese, english = said(typed, "act", plan, "agencies/round", "respond", "--help")

    assert "Đơn vị có ý kiến [bắt buộc]" in vietnamese and "--unit ĐƠN-VỊ" in vietnamese
    assert "The unit whose opinion it is [required]" in english and "--unit UNIT" in english


def test_a_limit_of_a_parameter_is_told_in_the_readers_language(done, typed, plan, paper):
    """What pydantic says against a value is worded as everywhere else."""
    done("act", plan, "write", "submit", "--attach", paper)
    done("advance", plan, "circulate")
    long = ("act", plan, "round", "respond", "--unit", "agency-b", "--position", "agree", "--about", "x" * 30)
    vietnamese, english = said(typed, *long, "--as", "bao")

    assert "`about`: văn bản quá dài: tối đa 20 ký tự" in vietnamese
    assert "`about`: the text is too long: at most 20 characters" in english


def test_a_state_that_forbids_something_is_named_in_the_readers_language(done, typed, plan):
    """A plan's status is a word of the reader's language in a refusal."""
    done("suspend", plan, "--reason", "chờ")
    vietnamese, english = said(typed, "act", plan, "write", "submit", "--as", "anna")

    assert "suspended" in english and "suspended" not in vietnamese and "tạm dừng" in vietnamese


def test_the_first_fault_of_a_definition_is_told_in_the_readers_language(done, typed, workspace):
    """`create` quotes a fault as `check` does."""
    done("people", "load")
    faulty = SAMPLE.replace("by: office-a", "by: nobody").replace("id: sample-decision", "id: faulty")
    (workspace / "definitions" / "faulty.yaml").write_text(faulty, encoding="utf-8")
    vietnamese, english = said(typed, "create", "faulty", "--id", "x", "--as", "anna")

    assert "danh sách nhân sự không có `nobody`" in vietnamese
    assert "the people register knows no `nobody`" in english


def test_a_register_that_cannot_be_read_is_told_in_the_readers_language(typed, workspace):
    """One fault is one, and the sentence around it is translated."""
    (workspace / "people.yaml").write_text("people: 2\n", encoding="utf-8")
    vietnamese, english = said(typed, "people", "load", "--as", "anna")

    assert "không dùng được people.yaml: 1 lỗi" in vietnamese
    assert "people.yaml cannot be used: 1 problem, the first in line 1" in english


def test_the_machines_own_language_leaves_ours_alone(monkeypatch):
    """Neither the environment's nor gettext's language changes what `--lang` says."""
    monkeypatch.setenv("LANGUAGE", "vi")

    assert "Usage" == gettext.gettext("Usage")
    assert run("en", "--help").startswith("Usage: workflow [OPTIONS] COMMAND [ARGS]...")
