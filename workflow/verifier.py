"""Check a bundle of an audit trail, without the program that made it and without trusting whoever runs that.

    python verifier.py FILE [--seal OLD] [--key PUB] [--lang vi]

FILE is a bundle, OLD a seal that left the house earlier, PUB the public key of the seals or a file with it. It needs
Python 3.11 and, for signatures, the package `cryptography`; it writes no file. verifier.md tells what a bundle is.
Exit 0: sound; 1: not sound; 2: wrong usage, something cannot be opened, or --key or --seal cannot be checked here.
"""

import argparse
import base64
import hashlib
import json
import re
import sys
import unicodedata
from datetime import datetime, timedelta
from itertools import chain

CHECKS = (
    ("The last line is the SHA-256 of every byte before it", "Dòng cuối là SHA-256 của mọi byte đứng trước"),
    ("Every byte belongs to a part, every part to the bundle", "Mọi byte thuộc một phần, mọi phần thuộc gói"),
    ("Events are canonical and say their own plan and number", "Sự kiện ở dạng chuẩn, đúng kế hoạch và số của mình"),
    ("Events follow from each other up to the head, without gap", "Các sự kiện nối tiếp nhau đến cuối, không đứt đoạn"),
    ("The definitions that events name are there, unchanged", "Quy trình mà sự kiện dẫn đến có đủ, không bị sửa"),
    ("Texts are those whose salted hashes events have", "Văn bản khớp mã băm có muối trong sự kiện"),
    ("Documents are those whose hashes events have", "Tài liệu khớp mã băm trong sự kiện"),
    ("Seals are signed by keys of the bundle", "Niêm phong được ký bằng khóa có trong gói"),
    ("The newest seal continues every older one", "Niêm phong mới nhất nối tiếp mọi niêm phong trước"),
    ("The newest seal covers the chains", "Niêm phong mới nhất bao trùm các chuỗi"),
    ("The newest seal is signed by the key given", "Niêm phong mới nhất được ký bằng khóa đã đưa"),
    ("The newest seal continues the seal given", "Niêm phong mới nhất nối tiếp niêm phong đã đưa"),
)
SUM, PARTS, EVENTS, CHAINS, DEFINITIONS, TEXTS, DOCUMENTS, SIGNED, CONTINUED, COVERED, KEY, SEAL = range(1, 13)
OF_KIND = {"about": PARTS, "key": SIGNED, "seal": SIGNED, "consistency": CONTINUED, "definition": DEFINITIONS}
OF_KIND |= {"event": EVENTS, "leaf": COVERED, "text": TEXTS, "document": DOCUMENTS}
STATES = (("ok", "đạt"), ("FAILED", "KHÔNG ĐẠT"), ("not checked", "không kiểm tra"))
VERDICTS = (
    ("SOUND, and vouched for by what you brought", "NGUYÊN VẸN, được chứng thực bằng khóa, niêm phong đã đưa"),
    ("NOT SOUND", "KHÔNG NGUYÊN VẸN"),
    ("NOT PROVEN: signatures need the package `cryptography`", "CHƯA CHỨNG MINH ĐƯỢC: cần gói `cryptography`"),
    ("SOUND IN ITSELF alone: who made it only --key or --seal can show", "TỰ NÓ NGUYÊN VẸN: chưa rõ ai lập gói"),
    ("SOUND IN ITSELF alone: nothing is sealed", "TỰ NÓ NGUYÊN VẸN: chưa có niêm phong"),
)
FIRST_LINE, LAST_LINE, ZEROS = b"trinh-bundle 1\n", 65, "0" * 64
HEADER, WHOLE, PIECE = 1_000, 8_388_608, 65_536  # Bytes of a header, of what is read as a whole, of a piece; at most.
HEX, PLAN = re.compile(r"[0-9a-f]{64}"), re.compile(r"@workspace|[^\W_][\w.\-]{0,99}")
VKEY = re.compile(rb"([!-*,-~]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]{44})\n?")
CHECKPOINT = re.compile(
    r"((trinh/[0-9a-f]{16})\n([1-9][0-9]{0,15})\n([A-Za-z0-9+/]{43}=)\ntime ([0-9T:.-]{26})Z\nchains [1-9][0-9]{0,15}\n"
    r"events [1-9][0-9]{0,15}\n(clock simulated\n)?)\n\u2014 \2 ([A-Za-z0-9+/]{91}=)\n"
)
SLIPS = ("\ufeff", "a byte order mark"), ("\r", "lines that end as Windows ends them, with CR LF")
SLIPS += (("\n- ", "a hyphen in place of the dash \u2014"), ("\n\u2013 ", "an en dash in place of the em dash \u2014"))
COMPACT = {"ensure_ascii": False, "sort_keys": True, "separators": (",", ":")}
PART = {"kind": str, "length": int, "name": str}
ABOUT = dict.fromkeys(("made_at", "documents", "clock"), str)
ABOUT |= {"format": int, "origin": str | None, "chains": list, "counts": dict}
CHAIN = {"plan": str, "first": int, "last": int, "previous": str, "hash": str}
EVENT = {"format": int, "plan": str, "seq": int, "type": str, "occurred_on": str, "recorded_at": str, "clock": str}
EVENT |= dict.fromkeys(("request_id", "actor", "definition", "on_behalf"), str | None)
EVENT |= {"authority": dict, "plugin": dict | None, "data": dict}
LEAF = {"plan": str, "seq": int, "hash": str, "index": int, "size": int, "path": list}


def canonical(data: bytes, shape: dict) -> dict:
    """Return the object of *shape* for which these bytes are canonical JSON: RFC 8785, restricted by `plain`."""
    value = json.loads(data.decode())
    list(plain(value))
    if json.dumps(value, **COMPACT).encode() != data:
        raise ValueError("no canonical JSON: written anew it has other bytes, or a key is there twice")
    return shaped(value, shape)


def shaped(value, shape: dict) -> dict:
    """Return *value* if it is an object with exactly the keys of *shape*, each value of its type."""
    good = isinstance(value, dict) and value.keys() == shape.keys()
    if not good or not all(isinstance(value[key], shape[key]) and not isinstance(value[key], bool) for key in shape):
        raise ValueError("it has other keys, or other kinds of values, than belong here")
    return value


def plain(value):
    """Refuse what canonical JSON has not; yield the keys of texts: every object that has a `text` alone."""
    bad = isinstance(value, float) or isinstance(value, int) and abs(value) >= 2**53
    bad = bad or isinstance(value, str) and not unicodedata.is_normalized("NFC", value)
    if bad or isinstance(value, dict) and not all(map(str.isascii, value)):
        raise ValueError("a fraction, a number of 2^53 or more, text that is not in NFC, or a key that is not ASCII")
    if isinstance(value, dict) and value.keys() == {"text"} and isinstance(value["text"], str):
        yield value["text"]
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from plain(inner)


def unpacked(text: str) -> bytes:
    """Return what base64 stands for; there is one way to write it."""
    data = base64.b64decode(text)
    if base64.b64encode(data).decode() != text:
        raise ValueError("base64 that is not as it is to be written")
    return data


def public_key(data: bytes) -> tuple[str, str, bytes]:
    """Return id, name and bytes of a line `NAME+ID+BASE64` (C2SP vkey); the id is made of the other two."""
    found = VKEY.fullmatch(data)
    typed = unpacked(found[3].decode()) if found else b""
    if not found or typed[0] != 1 or hashlib.sha256(found[1] + b"\n" + typed).hexdigest()[:8] != found[2].decode():
        raise ValueError("no public key of the form NAME+ID+BASE64, or one under another's id")
    return found[2].decode(), found[1].decode(), typed[1:]


class Seal:
    """A C2SP checkpoint: origin, number of leaves, root, further lines; an empty line; signatures."""

    def __init__(self, data: bytes, number: int = 0) -> None:
        if not (found := CHECKPOINT.fullmatch(text := data.decode())):
            slips = [why for sign, why in SLIPS if sign in text] + ["no newline at its end"] * (text[-1:] != "\n")
            raise ValueError(f"no seal: {', '.join(slips) or 'other lines than a seal has'}")
        self.number, self.body, self.origin, self.size = number, found[1].encode(), found[2], int(found[3])
        self.root, self.time, self.packed = unpacked(found[4]), f"{found[5]}Z", unpacked(found[7])
        # What is an hour older than a seal must be under it; so far the clocks of an office may be apart.
        self.settled = "" if found[6] else (datetime.fromisoformat(found[5]) - timedelta(hours=1)).isoformat()

    def signed_by(self, keys: list) -> bool | None:
        """Tell whether one of *keys* signed it; None where the package that could tell is missing."""
        raw = next((raw for id_, name, raw in keys if (id_, name) == (self.packed[:4].hex(), self.origin)), None)
        try:
            from cryptography.exceptions import InvalidSignature
            from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey as Public

            return raw is not None and Public.from_public_bytes(raw).verify(self.packed[4:], self.body) is None
        except ImportError:
            return None
        except InvalidSignature:
            return False


def node(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node of the tree."""
    return hashlib.sha256(b"\1" + left + right).digest()


def included(path: list, index: int, size: int, leaf: bytes) -> bytes:
    """Return the root to which *path* leads from a leaf, using all of it: RFC 6962, 2.1.1, read backwards."""
    if size == 1 and not path:
        return leaf
    half, last = 1 << (size - 1).bit_length() - 1, path.pop()
    if index < half:
        return node(included(path, index, half, leaf), last)
    return node(last, included(path, index - half, size - half, leaf))


def continued(path: list, old: int, new: int, root: bytes | None) -> tuple[bytes, bytes]:
    """Return the roots of *old* and *new* leaves to which all of *path* leads: RFC 6962, 2.1.2, read backwards."""
    if old == new:
        # The old root itself where the old tree is one whole subtree of the new one: then it is not in the path.
        [found] = [*path, root] if root else path
        return found, found
    half, last = 1 << (new - 1).bit_length() - 1, path.pop()
    if old <= half:
        before, after = continued(path, old, half, root)
        return before, node(after, last)
    before, after = continued(path, old - half, new - half, None)
    return node(last, before), node(last, after)


class Bundle:
    """Reads a bundle from its first byte to its last, judging each part as it comes."""

    def __init__(self, file, size: int) -> None:
        self.file, self.end, self.failures, self.said, self.skipped = file, size - LAST_LINE, {}, {}, {}
        self.kind, self.name, self.length, self.start, self.at = "", "", 0, 0, 0
        self.about, self.keys, self.seals, self.definitions, self.counts = {}, [], [], {}, dict.fromkeys(OF_KIND, 0)
        self.sizes, self.open, self.withdrawn, self.simulated, self.unsealed = {}, {}, set(), 0, []

    def require(self, check: int, holds: bool | None, message: str) -> None:
        """Note a failure of *check* unless it holds, a few of them say enough; None: here it cannot be told."""
        if holds is None:
            self.skipped[check] = "the package `cryptography` is not installed here"
        elif not holds and len(self.failures.setdefault(check, [])) < 5:
            self.failures[check].append(message)

    def read(self) -> None:
        """Carry out checks 1 to 10; the first part that cannot be read ends them."""
        try:
            self.file.seek(0)
            found = self.said[SUM] = self._hash(max(self.end, 0))
            self.require(SUM, self.file.read(LAST_LINE + 1) == f"{found}\n".encode(), "their sum is another one")
            self.file.seek(0)
            if self.end < len(FIRST_LINE) or self.file.read(len(FIRST_LINE)) != FIRST_LINE:
                raise ValueError("cut short, or the first line is not `trinh-bundle 1`")
            self._next()
            self._about()
            self._seals()
            for name in self._parts("definition"):
                self.require(DEFINITIONS, self._hash(self.length) == name, f"{name!a} was changed")
                self.definitions[name] = False
            for each in self.about["chains"]:
                self._chain(each["plan"], each)
            self._ending()
        except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError) as error:
            what = f"{self.kind} {self.name!a}: " if self.kind else ""
            self.require(OF_KIND.get(self.kind, PARTS), False, f"{what}{str(error)[:200]!a} (byte {self.at})")
            self.skipped = dict.fromkeys(range(PARTS, SEAL + 1), f"reading ended at byte {self.at}")

    def _next(self) -> None:
        """Read the header of the next part; no kind is the end."""
        self.kind, self.at = "", self.file.tell()
        if self.at == self.end:
            return
        line = self.file.readline(HEADER + 1)
        head, self.start = canonical(line[:-1], PART), self.file.tell()
        if line[-1:] != b"\n" or head["kind"] not in OF_KIND or not 0 <= head["length"] < self.end - self.start:
            raise ValueError(f"too long, or of no known kind, or {head['length']} bytes where so many do not follow")
        self.kind, self.name, self.length = head["kind"], head["name"], head["length"]
        if self.length > WHOLE and self.kind not in ("definition", "document"):
            raise ValueError(f"it has {self.length} bytes, where {WHOLE} are the most")

    def _parts(self, kind: str):
        """Yield the name of each part of *kind* that comes next; whoever wants another one has read this one."""
        while self.kind == kind:
            yield self.name
            if self.file.tell() != self.start + self.length or self.file.read(1) != b"\n":
                raise ValueError("it does not end where it says")
            self.counts[kind], before = self.counts[kind] + 1, self.name
            self._next()
            if self.kind == kind and kind in ("key", "definition", "text", "document") and not before < self.name:
                raise ValueError("it is there twice, or out of order")

    def _hash(self, length: int) -> str:
        digest = hashlib.sha256()
        while length and (piece := self.file.read(min(PIECE, length))):
            digest.update(piece)
            length -= len(piece)
        return digest.hexdigest()

    def _about(self) -> None:
        for name in self._parts("about"):
            about, plans = canonical(self.file.read(self.length), ABOUT), []
            for each in about["chains"]:
                good = PLAN.fullmatch(shaped(each, CHAIN)["plan"]) and 1 <= each["first"] <= each["last"]
                begun = (each["first"] == 1) == (each["previous"] == ZEROS) and HEX.fullmatch(each["previous"])
                if not good or not begun:
                    raise ValueError("it tells of a chain that cannot be")
                plans.append(each["plan"].encode())
            if (name, about["format"], plans) != ("about", 1, sorted(set(plans))) or self.about:
                raise ValueError("it is of another format, or there twice, or names chains twice or out of order")
            self.about = about
        if not self.about:
            raise ValueError("the first part is not `about`")

    def _seals(self) -> None:
        for name in self._parts("key"):
            self.keys.append(public_key(self.file.read(self.length)))
            found = hashlib.sha256(self.keys[-1][2]).hexdigest()
            self.said[SIGNED] = f"{self.said.get(SIGNED, 'SHA-256 of the keys:')} {name} {found}"
            if (name, self.about["origin"]) != self.keys[-1][:2]:
                raise ValueError("its id or origin is another one")
        for name in self._parts("seal"):
            seal = Seal(self.file.read(self.length), int(name))
            last = (self.seals[-1].number, self.seals[-1].size) if self.seals else (0, 0)
            newer = last[0] < seal.number and last[1] < seal.size
            if (str(seal.number), seal.origin, newer) != (name, self.about["origin"], True):
                raise ValueError("its origin is another one, or it is not newer than the one before")
            self.seals.append(seal)
            self.said[CONTINUED] = f"seal {name} of {seal.time}, {seal.size} leaves, {seal.origin}"
            self.require(SIGNED, seal.signed_by(self.keys), f"seal {name} has no right signature by one of the keys")
        for name, old in zip(self._parts("consistency"), self.seals[:-1], strict=False):
            proof, new = canonical(self.file.read(self.length), {"from": int, "to": int, "path": list}), self.seals[-1]
            if (name, proof["from"], proof["to"]) != (f"{old.number}-{new.number}", old.number, new.number):
                raise ValueError(f"here is to stand how seal {new.number} continues seal {old.number}")
            path = [bytes.fromhex(HEX.fullmatch(each)[0]) for each in proof["path"]]
            found = continued(path, old.size, new.size, old.root)
            self.require(CONTINUED, found == (old.root, new.root), f"seal {new.number} does not, of seal {old.number}")
        if self.kind == "consistency" or self.counts["consistency"] != len(self.seals[:-1]):
            raise ValueError("not every older seal is joined to the newest, or one is twice")

    def _chain(self, plan: str, told: dict) -> None:
        first, seq, hashes, settled, sealed = told["first"], 0, [bytes.fromhex(told["previous"])], 0, 0
        for name, seq in zip(self._parts("event"), range(first, told["last"] + 1), strict=False):
            if name != f"{plan}/{seq}":
                raise ValueError(f"here is to stand event {seq} of {plan}")
            body = self.file.read(self.length)
            hashes.append(hashlib.sha256(hashes[-1] + body).digest())
            event = canonical(body, EVENT)
            said = (event["format"], event["plan"], event["seq"])
            self.require(EVENTS, said == (1, plan, seq), f"{name} says that it is {said!a}")
            self.simulated += event["clock"] != "system"
            if self.seals and event["clock"] == "system" and event["recorded_at"] < self.seals[-1].settled:
                settled = seq
            self._refer(event, event["data"], name)
        self.require(CHAINS, (seq, hashes[-1].hex()) == (told["last"], told["hash"]), f"{plan} has another end")
        for name in self._parts("leaf"):
            leaf = canonical(self.file.read(self.length), LEAF)
            data = json.dumps({key: leaf[key] for key in ("hash", "plan", "seq")}, **COMPACT).encode()
            placed = 0 <= leaf["index"] < leaf["size"] and max(sealed, first - 1) < leaf["seq"] <= seq
            if (name, leaf["plan"], placed) != (f"{plan}/{leaf['seq']}", plan, True) or not self.seals:
                raise ValueError("it is of no event of this chain, or out of order, or there is no seal")
            sealed, found = leaf["seq"], hashlib.sha256(b"\0" + data).digest()
            same = (leaf["hash"], leaf["size"]) == (hashes[sealed - first + 1].hex(), self.seals[-1].size)
            path = [bytes.fromhex(HEX.fullmatch(each)[0]) for each in leaf["path"]]
            found = included(path, leaf["index"], leaf["size"], found)
            self.require(COVERED, same and found == self.seals[-1].root, f"{name} is not what the newest seal covers")
        self.require(COVERED, settled <= sealed, f"{plan}/{settled} is older than the newest seal, yet not in it")
        self.unsealed += [f"{plan} from {max(sealed + 1, first)}"] if sealed < seq else []
        for name in chain(self._parts("text"), self._parts("document")):
            if (place := self.open.pop((self.kind, name), "/")).rpartition("/")[0] != plan:
                raise ValueError("no event of this chain refers to it, or it was there before")
            if self.kind == "text":
                text = canonical(self.file.read(self.length), {"salt": str, "text": str})
                found = hashlib.sha256(bytes.fromhex(text["salt"]) + text["text"].encode()).hexdigest()
            else:
                found = self._hash(self.length)
            same = found == name and self.sizes[self.kind, name] in (None, self.length)
            self.require(OF_KIND[self.kind], same, f"{name!a} of {place} was changed")

    def _refer(self, event: dict, data: dict, place: str) -> None:
        type_, names = event["type"], [event["definition"]]
        names += [data["definition"]["hash"]] if type_ == "plan_amended" else []
        names += [data["hash"]] if type_ == "definition_added" else []
        for each in filter(None, names):
            self.require(DEFINITIONS, each in self.definitions, f"{place} names {each!a}, which is not there")
            self.definitions[each] = True
        self.withdrawn |= {*data["texts"], *data["documents"]} if type_ == "content_withdrawn" else set()
        parts = [("text", key, None) for key in plain(data)]
        parts += [("document", file["sha256"], file["size"]) for file in data.get("attachments", ())]
        parts += [("document", data["sha256"], None)] if type_ in ("people_loaded", "calendar_loaded") else []
        for kind, key, size in parts:
            if (kind, key) not in self.sizes:
                self.sizes[kind, key], self.open[kind, key] = size, place

    def _ending(self) -> None:
        left, self.kind = self.kind, ""
        if left or self.counts != self.about["counts"]:
            raise ValueError(f"{left or 'about'}: out of order or there twice, or fewer or more than `about` tells")
        for hash_, named in self.definitions.items():
            self.require(DEFINITIONS, named, f"{hash_!a} is there, and no event names it")
        for (kind, key), place in self.open.items():
            told = key in self.withdrawn or self.about["documents"] == "hashes"
            self.require(OF_KIND[kind], told, f"{key!a} of {place} is missing, and no event withdraws it")
        gone = [kind for kind, _ in self.open]
        self.said |= {OF_KIND[kind]: f"withdrawn or left out: {gone.count(kind)}" for kind in {*gone}}
        self.said[PARTS] = ", ".join(f"{kind} {number}" for kind, number in self.counts.items() if number)
        self.said[EVENTS] = f"recorded with a simulated clock: {self.simulated}" if self.simulated else ""
        spans = [f"{each['plan']} {each['first']}-{each['last']}" for each in self.about["chains"]]
        self.said[CHAINS] = ", ".join(spans[:20]) + " ..." * (len(spans) > 20)
        self.said[COVERED] = ("not sealed: " + ", ".join(self.unsealed[:20])) * bool(self.unsealed)

    def compare(self, key: tuple | None, old: Seal | None) -> None:
        """Carry out checks 11 and 12: the newest seal against what left the house before."""
        if key:
            self.require(KEY, self.seals[-1].signed_by([key]) if self.seals else False, f"key {key[0]} did not sign it")
        if old:
            same = [seal.root == old.root for seal in self.seals if (seal.origin, seal.size) == (old.origin, old.size)]
            why = "another one than the bundle has in its place" if same else "missing: made later, or rolled back"
            self.require(SEAL, same == [True], f"the seal given ({old.time}, {old.size} leaves) is {why}")
            self.require(SEAL, old.signed_by(self.keys + [key] * bool(key)), "no accepted key signed the seal given")


def brought(given: str) -> bytes:
    """Return a key's line that was given as such, or what a small file holds."""
    if VKEY.fullmatch(given.encode()):
        return given.encode()
    with open(given, "rb") as file:
        return file.read(4 * HEADER)


def main(arguments: list[str] | None = None) -> int:
    """Print the checklist of one bundle and return how it ended."""
    asking = argparse.ArgumentParser(prog="verifier.py", description="Check a bundle of an audit trail.")
    asking.add_argument("file", metavar="FILE", help="the bundle")
    asking.add_argument("--seal", metavar="OLD", help="a seal that left the house earlier")
    asking.add_argument("--key", metavar="PUB", help="the public key that must have signed: a line, or a file with it")
    asking.add_argument("--lang", choices=("en", "vi"), default="en")
    asked = asking.parse_args(arguments)
    vi = asked.lang == "vi"
    try:
        sys.stdout.reconfigure(errors="backslashreplace")
        key, old = asked.key and public_key(brought(asked.key)), asked.seal and Seal(brought(asked.seal))
        with open(asked.file, "rb") as file:
            bundle = Bundle(file, file.seek(0, 2))
            bundle.read()
    except (OSError, ValueError) as error:
        asking.exit(2, f"verifier.py: {error}\n")
    if PARTS not in bundle.skipped:
        bundle.compare(key, old)
    absent = {KEY: key, SEAL: old} | dict.fromkeys((SIGNED, CONTINUED, COVERED), bundle.seals)
    bundle.skipped |= {check: "there is none" for check, what in absent.items() if not what}
    for number, titles in enumerate(CHECKS, 1):
        bad, why = bundle.failures.get(number), bundle.skipped.get(number)
        print(f"{number:2}. [{STATES[1 if bad else 2 if why else 0][vi]}] {titles[vi]}")
        for line in filter(None, bad or [why, bundle.said.get(number)]):
            print(f"    {line}")
    verdict = 1 if bundle.failures else 2 * (SIGNED in bundle.skipped) if key or old else 3 if bundle.seals else 4
    print(VERDICTS[verdict][vi])
    return (0, 1, 2, 0, 0)[verdict]


if __name__ == "__main__":
    sys.exit(main())
