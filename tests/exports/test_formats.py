"""What each shipped format holds of the five shipped plans."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import zipfile
from collections import Counter
from datetime import date
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from exports.conftest import PLANS, run

from trinh_plugins._archive_metadata import LENGTHS
from trinh_plugins._report_tables import wide_table
from workflow.sealing import merkle, notes
from workflow.sealing.keys import parse_line

# JSON lines


def lines_of(data: bytes) -> list[dict]:
    return [json.loads(line) for line in data.splitlines()]


def test_the_chain_can_be_checked_from_json_lines(exported):
    """Each event's hash follows from the one before and its bytes, and each text has the hash under which it stands."""
    lines = lines_of(exported("jsonl"))
    heads: dict[str, str] = {}
    for line in lines:
        if line["kind"] == "event":
            assert line["previous"] == heads.get(line["plan"], "00" * 32)
            body = line["body"].encode()
            heads[line["plan"]] = hashlib.sha256(bytes.fromhex(line["previous"]) + body).hexdigest()
            assert heads[line["plan"]] == line["hash"]
            for key, text in line["texts"].items():
                assert key == hashlib.sha256(bytes.fromhex(text["salt"]) + text["text"].encode()).hexdigest()
    assert sorted(PLANS) == sorted(heads)
    assert {"kind": "end", "lines": len(lines) - 1} == lines[-1]


def test_json_lines_are_canonical(exported):
    """The same facts give the same bytes: keys in order, no blanks."""
    for line in exported("jsonl").splitlines():
        assert line.decode() == json.dumps(json.loads(line), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


# CSV


def test_a_table_has_a_row_for_each_event(exported):
    """Of every plan all events, in words of the reader's language."""
    events = Counter(line["plan"] for line in lines_of(exported("jsonl")) if line["kind"] == "event")
    rows = list(csv.DictReader(io.StringIO(exported("csv").decode("utf-8-sig"))))
    assert events == Counter(row["plan"] for row in rows)
    assert {"plan", "what happened", "days until recorded", "hash"} <= set(rows[0])
    heads = exported("csv", language="vi").decode("utf-8-sig").splitlines()[0]
    assert heads.startswith("sự kiện,kế hoạch,tên kế hoạch,số")


@pytest.mark.parametrize("language", ["vi", "en"])
def test_both_tables_of_the_trail_call_and_fill_their_columns_alike(played, exported, language):
    """What `audit show --csv` has too stands under the same head and is the same, event by event."""
    plan = "25-KH-KHCN-2019"
    shown = run(played, "--lang", language, "audit", "show", plan, "--csv", "-").stdout
    theirs = list(csv.DictReader(io.StringIO(shown.removeprefix("\ufeff"))))
    ours = list(csv.DictReader(io.StringIO(exported("csv", plan, language=language).decode("utf-8-sig"))))
    more = {"vi": "chi tiết", "en": "details"}[language]
    both = [head for head in ours[0] if head in theirs[0] and head != more]
    assert 15 <= len(both)
    key = {"vi": "mã băm", "en": "hash"}[language]
    by_event = {row[key]: row for row in theirs}
    # The trail shows refused attempts among them, which stand in the workspace's chain.
    assert {row[key] for row in ours} <= by_event.keys()
    for row in ours:
        assert {head: row[head] for head in both} == {head: by_event[row[key]][head] for head in both}


def test_a_table_names_files_and_how_an_office_was_held(exported):
    """The SHA-256 of every file stands in its event's row, and the form in which a deputy signed."""
    rows = list(csv.DictReader(io.StringIO(exported("csv").decode("utf-8-sig"))))
    told = {(row["plan"], int(row["number"]), sha256) for row in rows for sha256 in row["files (SHA-256)"].split("; ")}
    documents = [line for line in lines_of(exported("jsonl")) if line["kind"] == "document"]
    assert documents and {(each["plan"], each["seq"], each["sha256"]) for each in documents} <= told
    assert any(row["held as"].startswith("KT.") for row in rows)


# XES


@pytest.mark.parametrize("format_", ["xes", "xes-all"])
def test_a_log_is_what_the_standard_wants(exported, format_):
    """Elements stand in the order of IEEE 1849's schema, with declared extensions, globals and a classifier."""
    log = ElementTree.fromstring(exported(format_))
    assert ("log", "1849.2016") == (log.tag, log.get("xes.version"))
    tags = [child.tag for child in log]
    order = ["extension", "global", "classifier", "string", "trace"]
    assert tags == sorted(tags, key=order.index)
    prefixes = {extension.get("prefix") for extension in log.iter("extension")}
    for attribute in [*log.iter("string"), *log.iter("date"), *log.iter("boolean")]:
        assert set(attribute.attrib) == {"key", "value"}
        prefix, colon, _ = attribute.get("key").partition(":")
        assert not colon or prefix in prefixes | {"definition"}
    for event in log.iter("event"):
        keys = [attribute.get("key") for attribute in event]
        assert {"concept:name", "time:timestamp", "lifecycle:transition"} <= set(keys)
        assert len(keys) == len(set(keys))


def test_a_log_of_all_has_every_event(exported):
    """`xes-all` leaves nothing out, `xes` all but the transitions."""
    kinds = Counter(json.loads(line["body"])["type"] for line in lines_of(exported("jsonl")) if line["kind"] == "event")
    everything = ElementTree.fromstring(exported("xes-all"))
    moves = ElementTree.fromstring(exported("xes"))
    assert sum(kinds.values()) == len(list(everything.iter("event")))
    assert kinds["transition_fired"] == len(list(moves.iter("event")))


# HTML


class Page(HTMLParser):
    """What stands in a page: elements with their attributes, and whether every one is closed."""

    VOID = ("meta", "br")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_report_is_one_sound_page_that_fetches_nothing(exported, language):
    """Every element is closed, none refers anywhere, and no script is in it."""
    page = Page(exported("html", language=language).decode())
    assert [] == page.open
    tags = Counter(tag for tag, _ in page.elements)
    assert len(PLANS) == tags["article"]
    assert not tags.keys() & {"script", "link", "img", "iframe", "object", "embed", "a", "form", "base"}
    attributes = {name for _, attrs in page.elements for name in attrs}
    assert not attributes & {"src", "href", "srcset", "data", "action", "style"}
    assert not any(name.startswith("on") for name in attributes)
    style = "".join(page.words[page.words.index(word)] for word in page.words if "@page" in word)
    assert "url(" not in style and "@import" not in style
    assert "table-header-group" in style and "break-before: page" in style
    assert ("html", {"lang": language}) == page.elements[0]


def test_a_report_tells_what_an_auditor_asks(exported):
    """Timeline, opinions, documents with hashes, lateness with dates, refused attempts and verification are there."""
    page = Page(exported("html").decode())
    heads = {word for word in page.words}
    assert {"Timeline", "Documents", "Work and its dates", "Verification of the record"} <= heads
    assert "Opinions and figures of the steps" in heads
    documents = [line for line in lines_of(exported("jsonl")) if line["kind"] == "document"]
    assert documents and all(document["sha256"] in heads for document in documents)
    assert "late" in heads
    assert any("simulated clock" in word for word in page.words)


def rows_below(text: str, head: str) -> list[list[str]]:
    """The cells of the first table below a head."""
    found = text[text.index(f"<h3>{head}</h3>") :]
    found = found[found.index("<tbody>") : found.index("</tbody>")]
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", found, re.DOTALL)
    return [[re.sub("<[^>]*>", " ", cell).strip() for cell in re.findall("<td[^>]*>(.*?)</td>", row)] for row in rows]


def test_a_report_tells_how_far_behind_its_day_work_was(exported):
    """Days are counted wherever work came after its day; what only took buffer time is said to be not late."""
    text = exported("html", "25-KH-KHCN-2019").decode()
    rows = rows_below(text, "Work and its dates")
    days = [(row[4], row[5]) for row in rows if row[2] == "2019-05-31" and row[3] == "2019-06-07"]
    assert [("7", "not late: takes buffer time until 2019-07-01")] == days
    late = [row for row in rows if row[5] == "late"]
    assert late and all(int(row[4]) == (date.fromisoformat(row[3]) - date.fromisoformat(row[2])).days for row in late)
    assert all((row[3] > row[2] != "") == bool(row[4]) for row in rows)
    assert "“Days after due” counts" in text and "(late)" in text


def test_a_timeline_puts_together_what_happened_at_once(exported):
    """Steps that a transition opens stand in its row; no event and no hash is missing."""
    events = [line for line in lines_of(exported("jsonl", "25-KH-KHCN-2019")) if line["kind"] == "event"]
    rows = rows_below(exported("html", "25-KH-KHCN-2019").decode(), "Timeline")
    assert len(rows) < len(events)
    ends = [[int(number) for number in row[0].split("–")] for row in rows]
    assert [1, 5] == ends[0]
    assert [seq for end in ends for seq in range(end[0], end[-1] + 1)] == list(range(1, len(events) + 1))
    shown = [head for row in rows for head in row[4].split()]
    assert [event["hash"][:16] for event in events] == shown


def test_a_wide_table_leaves_out_empty_columns_and_puts_long_ones_below():
    """Of many columns only the short ones stand side by side; what tells a row apart stays where it is."""
    heads = ["No.", "Who", "Day", "Empty", "A", "B", "C", "Text"]
    rows = [["1", "w" * 50, "d", "", "a", "b", "c", "t" * 50], ["2", "v", "d", "", "a", "b", "c", ""]]
    text = "".join(wide_table(heads, rows))
    assert "Empty" not in text and 1 == text.count("<b>Text:</b>")
    assert ["No.", "Who", "Day", "A", "B", "C"] == re.findall('<th scope="col">(.*?)</th>', text)


# the archive's package


def archive(exported, plan: str = "25-KH-KHCN-2019") -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(exported("archive", plan)))


def test_a_package_holds_the_papers_in_time_order(exported):
    """Every file handed in is there as it was, numbered in the order of days."""
    package = archive(exported)
    assert package.testzip() is None
    root = ElementTree.fromstring(package.read("0001-25-kh-khcn-2019/metadata.xml"))
    days = []
    for ordinal, paper in enumerate(root.findall("Document"), 1):
        assert str(ordinal) == paper.findtext("DocOrdinal")
        content = package.read(f"0001-25-kh-khcn-2019/{paper.findtext('FilePath')}")
        assert paper.findtext("SHA256") == hashlib.sha256(content).hexdigest()
        assert int(paper.findtext("Size")) == len(content)
        day, month, year = paper.findtext("IssuedDate").split("/")
        days.append(date(int(year), int(month), int(day)))
    assert days == sorted(days) and len(days) == int(root.findtext("File/DocTotal"))


def test_metadata_have_the_decrees_names_and_lengths(exported):
    """Each field of annex VI is there once, and none is longer than it may be."""
    root = ElementTree.fromstring(archive(exported).read("0001-25-kh-khcn-2019/metadata.xml"))
    file = root.find("File")
    assert [
        "FileCode", "Title", "Maintenance", "Rights", "Creator", "Language", "StartDate", "EndDate", "DocTotal",
        "PageTotal", "Description",
    ] == [field.tag for field in file]  # fmt: skip
    assert ["OrganId", "FileCatalog", "FileNotation"] == [field.tag for field in file.find("FileCode")]
    paper = [
        "FileCode", "DocOrdinal", "TypeName", "CodeNumber", "CodeNotation", "IssuedDate", "OrganName", "Subject",
        "Language", "PageAmount", "Description", "SignerInfo", "ToPlaces",
    ]  # fmt: skip
    for found in root.findall("Document"):
        assert paper == [field.tag for field in found][: len(paper)]
        assert ["Position", "FullName"] == [field.tag for field in found.find("SignerInfo")]
    for field in root.iter():
        assert len(field.text or "") <= LENGTHS.get(field.tag, 10**6), field.tag


def test_names_in_a_package_are_safe_and_sums_hold(exported):
    """ASCII names below one folder; the manifest has the sum of each file."""
    package = archive(exported)
    names = package.namelist()
    for name in names:
        assert name.isascii() and name.startswith("0001-25-kh-khcn-2019/") and ".." not in name and "\\" not in name
    sums = package.read("0001-25-kh-khcn-2019/manifest-sha256.txt").decode().splitlines()
    assert {line.split("  ")[1] for line in sums} | {"manifest-sha256.txt"} == {name.split("/", 1)[1] for name in names}
    for line in sums:
        sha256, name = line.split("  ")
        assert sha256 == hashlib.sha256(package.read(f"0001-25-kh-khcn-2019/{name}")).hexdigest()


FOLDER = "0001-25-kh-khcn-2019"


def test_a_package_is_vietnamese_whatever_the_readers_language(exported):
    """Bodies, papers and groups have their Vietnamese names, whole, in a package that an English reader asks for."""
    text = archive(exported).read(f"{FOLDER}/metadata.xml").decode()
    assert text == exported_in_vietnamese(exported)
    root = ElementTree.fromstring(text)
    assert "Giám đốc Sở Khoa học và Công nghệ" == root.findtext("Document/OrganName")
    assert "Nhân dân (đăng tải công khai)" in root.findall("Document")[1].findtext("ToPlaces")
    assert "…" not in text and "public" not in text
    first = root.find("Document")
    assert "Thành lập Tổ biên tập giúp việc Giám đốc Sở" == first.findtext("TypeName")


def exported_in_vietnamese(exported) -> str:
    package = zipfile.ZipFile(io.BytesIO(exported("archive", "25-KH-KHCN-2019", language="vi")))
    return package.read(f"{FOLDER}/metadata.xml").decode()


def test_an_index_lists_what_the_archives_officer_fills_in(exported):
    """Every field that stands empty is named with the papers of which it does; what is too long, with its value."""
    package = archive(exported)
    told = {row[0]: row[2] for row in rows_below(package.read(f"{FOLDER}/index.html").decode(), FILL_IN)}
    root = ElementTree.fromstring(package.read(f"{FOLDER}/metadata.xml"))
    empty = {field.tag for field in root.iter() if not field.text and not len(field) and field.tag != "Description"}
    assert empty == told.keys() and "hồ sơ" == told["OrganId"]
    unsigned = [paper.findtext("DocOrdinal") for paper in root.findall("Document") if not paper.findtext(".//FullName")]
    assert "văn bản số " + ", ".join(unsigned) == told["FullName"]
    long = archive(exported, "2024-KH-KHCN-ho-tro-tieu-chuan")
    page = next(long.read(name).decode() for name in long.namelist() if name.endswith("index.html"))
    assert ["FileNotation", "dài quá 20 ký tự: 2024-KH-KHCN-ho-tro-tieu-chuan"] in [
        [row[0], row[3]] for row in rows_below(page, FILL_IN)
    ]


FILL_IN = "Nội dung cán bộ lưu trữ bổ sung"


def test_a_package_proves_itself(workspace, typed):
    """Events, definition and leaf lead, hash by hash, to the root that the seal in the package signs."""
    typed("--as", "van-thu", "audit", "key", "new")
    typed("--as", "van-thu", "audit", "seal")
    with (workspace / "workflow.toml").open("a", encoding="utf-8") as file:
        file.write('\n[plugins.archive]\norgan_id = "000.00.10.H02"\n')
    typed("audit", "export", "25-KH-KHCN-2019", "--format", "archive", "--out", str(workspace / "a.zip"))
    package = zipfile.ZipFile(workspace / "a.zip")
    assert b"<OrganId>000.00.10.H02<" in package.read(f"{FOLDER}/metadata.xml")
    head = b"\0" * 32
    events = lines_of(package.read(f"{FOLDER}/trail.jsonl"))
    for event in events:
        head = hashlib.sha256(head + event["body"].encode()).digest()
    definition = package.read(f"{FOLDER}/definitions/{json.loads(events[0]['body'])['definition']}.json")
    assert json.loads(events[0]["body"])["definition"] == hashlib.sha256(definition).hexdigest()
    leaf = json.loads(package.read(f"{FOLDER}/seal-path.json"))
    assert (len(events), "25-KH-KHCN-2019") == (leaf["seq"], leaf["plan"])
    seal = notes.parse(package.read(f"{FOLDER}/seal.txt"))
    path = [bytes.fromhex(part) for part in leaf["path"]]
    data = merkle.leaf_data(leaf["plan"], leaf["seq"], head)
    assert merkle.verify_inclusion(merkle.leaf_hash(data), leaf["index"], leaf["size"], path, seal.checkpoint.root)
    (key,) = [parse_line(line) for line in package.read(f"{FOLDER}/keys.txt").decode().splitlines()]
    assert key.signed(seal.checkpoint.text(), seal.signature)
    index = package.read(f"{FOLDER}/index.html").decode()
    for name in package.namelist():
        assert (
            name.endswith(("index.html", "metadata.xml", "manifest-sha256.txt"))
            or name.removeprefix(f"{FOLDER}/") in index
        )
