#!/usr/bin/env python3
"""Checks evidence about a session: a report (PDF, or JSON with its statement), an evidence pack (zip), an event proof,
a range proof, or two reports of one session.

    python3 verify.py FILE [FILE] --key VERIFIER_KEY

VERIFIER_KEY is the text that names the log's public key. Get it by another way than the files: a key that comes with a
file proves nothing about that file.

options:
  --key VERIFIER_KEY        the key of the account's log; may repeat where the key was changed (all have one name)
  --witness VERIFIER_KEY    a witness that should have cosigned the log; may repeat
  --audit-key-file FILE     the operator's audit keys, a line each: id:hex[;account=...]. Only the operator has them
  --require AXIS[,AXIS]     exit with 1 where one of these axes is not verified
  --json                    print one JSON object a line
  --self-test FILE          change one bit in each part of FILE, in memory, and show whether each change is caught
  --help                    print this text

It prints a line for each axis: what was checked, `verified`, `failed` or `not checked`, and why.

  bytes          nothing stands outside the form of a report's file. What the pages and bookmarks of a PDF show, whether
                 pages were added or left out, and what a screen reader speaks, is the axis pages
  statement      the key that you gave signed exactly the JSON of this report
  entries        the entries give the fingerprint (Merkle root) that is stated, form one chain, and the totals are theirs
  completeness   the entries are all there are, and the session was closed and sealed
  log            the account's log, signed by the key that you gave, holds this session
  witnesses      others signed that they saw the same log
  pages          the printed pages, the bookmarks, and what a screen reader speaks: nothing in the file proves them.
                 Compare them with the attached JSON, which counts
  macs           the operator's own secret checks; only with --audit-key-file
  relation       of two reports: whether both can be true

exit: 0 nothing failed, and statement, entries or log was verified with a key that you gave; 2 something failed;
      1 nothing that matters could be checked, or the file cannot be read; 64 usage

Needs Python 3.9 or later and nothing else. Reads the files it is given, asks nothing of any network, writes nothing.
"""
import base64
import binascii
import calendar
import datetime
import functools
import hashlib
import hmac
import io
import json
import math
import os
import re
import struct
import sys
import time
import unicodedata
import zlib

AXES = ("bytes", "statement", "entries", "completeness", "log", "witnesses", "pages", "macs")
VERIFIED, FAILED, NOT_CHECKED = "verified", "failed", "not checked"
EXIT_DONE, EXIT_ERROR, EXIT_FAILED, EXIT_USAGE = 0, 1, 2, 64

MIB = 1024 * 1024
FILE_LIMIT = 256 * MIB
PDF_LIMIT = 64 * MIB
# 2,000 entries of a session's log, each as long as entries may be, and their line ends.
ATTACHMENT_LIMIT = 64 * MIB
# Bytes of all files of a pack.
UNPACKED_LIMIT = 256 * MIB
ENTRY_LIMIT = 32768
LOG_ENTRY_LIMIT = 4096
# Bytes of a line. It may be longer than an entry, so that the axis `entries` can tell what is wrong with it.
LINE_LIMIT = 65536
# Lines that are no entries, or are beyond the number stated. A few are read, for the axis `entries`, too.
STRANGE_LINES_LIMIT = 10
# Values that another may be in.
DEPTH_LIMIT = 256
NOTE_LIMIT = 64 * 1024
# Bytes of a JSON, and what it may hold: a report on 50,000 sessions has half of it.
JSON_LIMIT = 40 * MIB
CONTAINERS_LIMIT, MEMBERS_LIMIT, NAMES_LIMIT = 200000, 1400000, 100000
# Bytes and words of a PDF outside of its packed streams. A report of 40 pages has a third of either.
PLAIN_LIMIT, WORDS_LIMIT = 8 * MIB, 1500000
SIGNATURES_LIMIT = 100
ZERO_HASH = "0" * 64


class Failed(Exception):
    """Something is wrong: what was expected, what was found, and where."""


class NotChecked(Exception):
    """Something could not be checked, and why."""


class Unreadable(Exception):
    """The file is none of the kinds that this program knows."""


class Usage(Exception):
    """The program was called in a wrong way."""


def need(condition, problem):
    if not condition:
        raise Failed(problem)


# --- Text: UTF-8, base64, JSON in its one canonical form (RFC 8785) ---------------------------------------------------


def utf8(data, what):
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Failed("%s is not UTF-8 text at byte %d" % (what, error.start)) from None


def unbase64(text, what):
    """RFC 4648 with padding, and exactly so: encoding it again gives the same text."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error, ValueError):
        raise Failed("%s is not base64" % what) from None
    need(base64.b64encode(data).decode("ascii") == text, "%s is not in the one exact form of base64" % what)
    return data


def is_hex(value, digits=64):
    return isinstance(value, str) and re.fullmatch("[0-9a-f]{%d}" % digits, value) is not None


def is_count(value):
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 2**53 - 1


def parse_json(text, what):
    """JSON as RFC 7493 narrows it: no name twice, no lone surrogate, no number beyond a double."""

    def members(pairs):
        found = dict(pairs)
        if len(found) != len(pairs):
            names = [name for name, _ in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            raise Failed("%s has the name %s twice in one object" % (what, json.dumps(twice)))
        return found

    def number(digits):
        value = float(digits)
        if math.isinf(value):
            raise Failed("%s holds a number that is too large" % what)
        return int(value) if value == int(value) and abs(value) < 2**53 else value

    def constant(word):
        raise Failed("%s holds %s, which is not JSON" % (what, word))

    try:
        value = json.loads(
            text, object_pairs_hook=members, parse_float=number, parse_int=number, parse_constant=constant
        )
    except ValueError as error:
        place = " at character %d" % error.pos if isinstance(error, json.JSONDecodeError) else ""
        raise Failed("%s is not JSON%s" % (what, place)) from None
    return value


def without_escapes(text):
    """The text without backslashes and quotes that are escaped, so that each quote begins or ends a string."""
    return text.replace("\\\\", "").replace('\\"', "")


def is_costly(data):
    """Whether a JSON has more bytes, lists and objects, members or names than any report. Counted before anything is made
    of it, since a small value takes many times the memory of its text."""
    if len(data) > JSON_LIMIT:
        return True
    text = without_escapes(data.decode("latin-1"))
    bare = re.sub(r'"[^"]*"?', "", text)
    colons = bare.count(":")
    if bare.count("[") + bare.count("{") > CONTAINERS_LIMIT or bare.count(",") + colons > MEMBERS_LIMIT:
        return True
    return len({found.group() for found in re.finditer(r'"[^"]*"(?=:)', text)}) > NAMES_LIMIT


def read_json_file(data, what):
    """The value of a file of canonical JSON. A report over more sessions than usual may be honest: it is not failed."""
    if is_costly(data):
        raise NotChecked("%s has more bytes or values than this program takes" % what)
    return read_canonical(data, what)


def canonical(value, depth=0):
    """The one text of a JSON value (RFC 8785). Raises a RecursionError where a part of it is in more than 256 others: each
    Python has a limit of its own, and all of them are larger."""
    if depth > DEPTH_LIMIT:
        raise RecursionError
    if value is None:
        return "null"
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, list):
        return "[" + ",".join([canonical(item, depth + 1) for item in value]) + "]"
    # Names are ordered by their UTF-16 code units.
    names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
    members = [json.dumps(name, ensure_ascii=False) + ":" + canonical(value[name], depth + 1) for name in names]
    return "{" + ",".join(members) + "}"


def number_text(value):
    """A double as ECMAScript prints it. Python's repr gives the same shortest digits in another layout."""
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    point = len(whole) + int(exponent or 0)
    digits = (whole + fraction).lstrip("0")
    point -= len(whole + fraction) - len(digits)
    digits = digits.rstrip("0")
    count = len(digits)
    if count <= point <= 21:
        return sign + digits + "0" * (point - count)
    if 0 < point <= 21:
        return sign + digits[:point] + "." + digits[point:]
    if -6 < point <= 0:
        return sign + "0." + "0" * -point + digits
    shown = digits if count == 1 else digits[0] + "." + digits[1:]
    return "%s%se%+d" % (sign, shown, point - 1)


def read_canonical(data, what):
    """The value of bytes that are JSON in its canonical form and nothing else."""
    text = utf8(data, what)
    try:
        value = parse_json(text, what)
        again = canonical(value).encode("utf-8")
    except RecursionError:
        raise Failed("%s is nested deeper than %d levels" % (what, DEPTH_LIMIT)) from None
    except UnicodeEncodeError:
        raise Failed("%s holds half of a character (a lone surrogate)" % what) from None
    if again != data:
        at = next((i for i, (a, b) in enumerate(zip(again, data)) if a != b), min(len(again), len(data)))
        raise Failed("%s is not in canonical form from byte %d on" % (what, at))
    return value


def show(value):
    """A value as it may stand in a sentence."""
    return value if isinstance(value, str) else canonical(value)


def at(value, *path):
    """The member at a path of names, None where there is none."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def same(one, other):
    """Whether two JSON values are one. To Python itself, true equals 1."""
    return canonical(one) == canonical(other)


def same_names(value, names):
    return isinstance(value, dict) and sorted(value) == sorted(names)


# --- Times ------------------------------------------------------------------------------------------------------------

TIME = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(\.[0-9]{3})?Z")


def milliseconds(text):
    """Milliseconds since 1970 of a time such as 2026-05-03T21:14:32.000Z; None where it is no time that exists."""
    found = TIME.fullmatch(text) if isinstance(text, str) else None
    if not found:
        return None
    year, month, day, hour, minute, second = [int(part) for part in found.groups()[:6]]
    # The calendar repeats itself every 400 years, and Python has the years 1 to 9999 alone.
    same = year % 400 + 400
    if not 1 <= month <= 12 or not 1 <= day <= calendar.monthrange(same, month)[1]:
        return None
    if hour > 23 or minute > 59 or second > 59:
        return None
    days = datetime.date(same, month, day).toordinal() - 719163 + (year - same) // 400 * 146097
    return ((days * 24 + hour) * 60 + minute) * 60000 + second * 1000 + int((found.group(7) or ".000")[1:])


BOUND = re.compile(r"(.{19})(?:\.([0-9]{1,9}))?(?:Z|([+-])([0-9]{2}):([0-9]{2}))")


def bound_of(text):
    """A bound of an audit key: a time with seconds and an offset, in whole milliseconds of the years 0000 to 9999."""
    found = BOUND.fullmatch(text)
    second = milliseconds(found.group(1) + "Z") if found else None
    if second is None:
        return None
    fraction, sign, hours, minutes = (value or "" for value in found.groups()[1:])
    if fraction[3:].strip("0") or hours > "23" or minutes > "59" or sign + hours + minutes == "-0000":
        return None
    offset = (int(hours or 0) * 60 + int(minutes or 0)) * 60000 * (-1 if sign == "-" else 1)
    bound = second + int((fraction + "000")[:3]) - offset
    return bound if milliseconds("0000-01-01T00:00:00Z") <= bound <= milliseconds("9999-12-31T23:59:59.999Z") else None


def is_exact_time(value):
    """With milliseconds, as entries and seals have times."""
    return milliseconds(value) is not None and len(value) == 24


def time_of_day(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


# --- Ed25519 signatures (RFC 8032, section 5.1) -----------------------------------------------------------------------

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)


def add_points(p, q):
    # A point is (X, Y, Z, T) with x = X/Z, y = Y/Z, x*y = T/Z.
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c = 2 * p[3] * q[3] * D % P
    d = 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def combine_points(a, p, b, q):
    """a * p + b * q, with both doubled together."""
    both, result = add_points(p, q), (0, 1, 1, 0)
    for bit in range(max(a.bit_length(), b.bit_length()) - 1, -1, -1):
        result = add_points(result, result)
        term = (None, p, q, both)[(a >> bit & 1) + 2 * (b >> bit & 1)]
        if term is not None:
            result = add_points(result, term)
    return result


def encode_point(point):
    inverse = pow(point[2], P - 2, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def decode_point(data):
    """The point that 32 bytes name, strictly (section 5.1.3); None where they name none."""
    number = int.from_bytes(data, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P != 0:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P != 0 or (x == 0 and sign == 1):
        return None
    if x & 1 != sign:
        x = P - x
    return (x, y, 1, x * y % P)


BASE = decode_point(bytes.fromhex("58" + "66" * 31))


@functools.lru_cache(maxsize=1024)
def ed25519_verifies(public_key, message, signature):
    if len(signature) != 64:
        return False
    point = decode_point(public_key)
    scalar = int.from_bytes(signature[32:], "little")
    if point is None or scalar >= ORDER:
        return False
    digest = hashlib.sha512(signature[:32] + public_key + message).digest()
    challenge = int.from_bytes(digest, "little") % ORDER
    minus = (P - point[0], point[1], 1, P - point[3])
    return encode_point(combine_points(scalar, BASE, challenge, minus)) == signature[:32]


# RFC 8032, section 7.1, tests 1 to 3: public key, message, signature.
RFC_8032_TESTS = (
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
        "d25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
        "387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
        "4a7c15e9716ed28dc027beceea1ec40a",
    ),
)


def check_arithmetic():
    """Runs before anything is verified: a Python that computes wrongly must not say `verified`."""
    for key, message, signature in [[bytes.fromhex(part) for part in test] for test in RFC_8032_TESTS]:
        changed = bytes([signature[0] ^ 1]) + signature[1:]
        if not ed25519_verifies(key, message, signature) or ed25519_verifies(key, message, changed):
            raise SystemExit("verify.py: this Python does not compute the test vectors of RFC 8032; nothing was checked")


# --- Merkle trees (RFC 6962, section 2.1) -----------------------------------------------------------------------------


def sha256(data):
    return hashlib.sha256(data).digest()


def leaf_hash(data):
    return sha256(b"\x00" + data)


def node_hash(left, right):
    return sha256(b"\x01" + left + right)


def split_of(size):
    """The largest power of two below the size: where a tree is divided in two."""
    return 1 << ((size - 1).bit_length() - 1)


def root_with(size, leaves, hashes):
    """The root of a tree of `size` leaves, of which `leaves` (hashes by index) are known, and of each largest subtree
    without any of them its hash, from left to right. Nothing may be missing or left over."""
    need(size > max(leaves), "the proof names a place that its tree does not have")
    indexes = sorted(leaves)
    left_over = list(reversed(hashes))

    def subtree(begin, end, first, last):
        # indexes[first:last] are those within [begin, end).
        if first == last:
            need(left_over, "the proof has too few hashes")
            return left_over.pop()
        if end - begin == 1:
            return leaves[begin]
        middle = begin + split_of(end - begin)
        cut = first
        if last - first <= 8:
            while cut < last and indexes[cut] < middle:
                cut += 1
        else:
            low, high = first, last
            while low < high:
                half = (low + high) // 2
                low, high = (half + 1, high) if indexes[half] < middle else (low, half)
            cut = low
        return node_hash(subtree(begin, middle, first, cut), subtree(middle, end, cut, last))

    root = subtree(0, size, 0, len(indexes))
    need(not left_over, "the proof has too many hashes")
    return root


def root_of(leaf_hashes):
    """The root over all leaves. The root over none is the hash of nothing."""
    if not leaf_hashes:
        return sha256(b"")
    stack = []
    for count, leaf in enumerate(leaf_hashes, 1):
        stack.append(leaf)
        while count % 2 == 0:
            right = stack.pop()
            stack.append(node_hash(stack.pop(), right))
            count //= 2
    while len(stack) > 1:
        right = stack.pop()
        stack.append(node_hash(stack.pop(), right))
    return stack[0]


def root_by_inclusion(index, size, leaf, hashes):
    """The root that an inclusion proof gives, whose hashes go from the leaf's sibling up to the root's child."""
    need(0 <= index < size, "the proof names a place that its tree does not have")
    path, begin, end = [], 0, size
    while end - begin > 1:
        middle = begin + split_of(end - begin)
        path.append(index >= middle)
        begin, end = (middle, end) if index >= middle else (begin, middle)
    need(len(path) == len(hashes), "the proof has %d hashes where its tree needs %d" % (len(hashes), len(path)))
    for other, is_right in zip(hashes, reversed(path)):
        leaf = node_hash(other, leaf) if is_right else node_hash(leaf, other)
    return leaf


def read_hashes(values, what):
    need(isinstance(values, list) and all(isinstance(value, str) for value in values), "%s is no list of hashes" % what)
    hashes = [unbase64(value, "a hash of %s" % what) for value in values]
    need(all(len(value) == 32 for value in hashes), "%s has a hash that is not of 32 bytes" % what)
    return hashes


# --- Signed notes, verifier keys, checkpoints (c2sp.org: signed-note, tlog-checkpoint, tlog-cosignature, tlog-proof) --

ED25519_KEY, COSIGNATURE_KEY = 1, 4


def is_key_name(name):
    # Without spaces (White_Space in Unicode), control characters that no note holds, and halves of characters.
    return re.fullmatch(r"[^+\x00-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ud800-\udfff]+", name) is not None


class VerifierKey:
    def __init__(self, text, kind):
        parts = text.split("+", 2)
        if len(parts) != 3 or not is_key_name(parts[0]) or not is_hex(parts[1], 8):
            raise Usage("%s is not a verifier key: NAME+8 HEX DIGITS+BASE64" % text)
        try:
            material = unbase64(parts[2], "the key")
        except Failed:
            raise Usage("%s is not a verifier key: its last part is not base64" % text) from None
        if len(material) != 33 or material[0] != kind:
            expected = "an Ed25519 key of a log" if kind == ED25519_KEY else "a key of a witness"
            raise Usage("%s is not %s" % (text, expected))
        self.name, self.public_key = parts[0], material[1:]
        self.key_id = bytes.fromhex(parts[1])
        if sha256(self.name.encode("utf-8") + b"\n" + material)[:4] != self.key_id:
            raise Usage("%s was copied wrongly: its digits do not belong to its key" % text)


class Note:
    """A text, and the signatures under it: (name, key id, signature)."""

    def __init__(self, text, what):
        # In UTF-16 code units, as the other verifiers count.
        is_short = len(text) <= NOTE_LIMIT and len(text.encode("utf-16-le", "surrogatepass")) // 2 <= NOTE_LIMIT
        need(is_short, "%s is too long" % what)
        need(not re.search(r"[\x00-\x09\x0b-\x1f]", text), "%s holds control characters" % what)
        body, _, block = text.rpartition("\n\n")
        need(block.endswith("\n"), "%s is not a signed note" % what)
        self.text, self.signatures = body + "\n", []
        lines = block[:-1].split("\n")
        need(len(lines) <= SIGNATURES_LIMIT, "%s has more than %d signatures" % (what, SIGNATURES_LIMIT))
        for line in lines:
            found = re.fullmatch("\u2014 ([^ ]+) ([A-Za-z0-9+/=]+)", line)
            need(found and is_key_name(found.group(1)), "%s has a line that is no signature" % what)
            data = unbase64(found.group(2), "a signature of %s" % what)
            need(len(data) > 4, "%s has an empty signature" % what)
            self.signatures.append((found.group(1), data[:4], data[4:]))

    def signatures_of(self, key):
        return [data for name, key_id, data in self.signatures if name == key.name and key_id == key.key_id]

    def signer(self, keys, what):
        """The key, of those given, that signed. A wrong signature in a given key's name fails the note."""
        signed = None
        for key in keys:
            for signature in self.signatures_of(key):
                need(
                    ed25519_verifies(key.public_key, self.text.encode("utf-8"), signature),
                    "the signature of %s under %s is wrong" % (key.name, what),
                )
                signed = key
        need(signed, "%s is not signed by the key that you gave (%s)" % (what, names_of(keys)))
        return signed


def names_of(keys):
    return ", ".join(["%s, id %s" % (key.name, key.key_id.hex()) for key in keys])


class Checkpoint:
    """A log's own statement of its size and root."""

    def __init__(self, text, what):
        need(isinstance(text, str), "%s is missing" % what)
        self.note = Note(text, what)
        lines = self.note.text.split("\n")
        need(len(lines) == 4 and lines[0] != "", "%s does not have its three lines" % what)
        need(re.fullmatch("0|[1-9][0-9]{0,15}", lines[1]), "%s names no size" % what)
        self.origin, self.size = lines[0], int(lines[1])
        need(is_count(self.size), "%s names no size" % what)
        self.root = unbase64(lines[2], "the root of %s" % what)
        need(len(self.root) == 32, "%s has a root that is not of 32 bytes" % what)

    def cosigned_at(self, key):
        """When a witness cosigned, in seconds since 1970; None where it did not. A wrong cosignature fails."""
        times = []
        for signature in self.note.signatures_of(key):
            need(len(signature) == 72, "the cosignature of %s is not of the right length" % key.name)
            seconds = struct.unpack(">Q", signature[:8])[0]
            message = "cosignature/v1\ntime %d\n%s" % (seconds, self.note.text)
            holds = ed25519_verifies(key.public_key, message.encode("utf-8"), signature[8:])
            # No witness has a time beyond the year 9999.
            need(holds and seconds <= 253402300799, "the cosignature of %s is wrong" % key.name)
            times.append(seconds)
        return max(times, default=None)


class TlogProof:
    def __init__(self, text, what):
        head, _, checkpoint = text.partition("\n\n")
        # No tree has a proof of more hashes: a longer text is not taken apart.
        lines = head.split("\n", 67)
        need(lines[0] == "c2sp.org/tlog-proof@v1", "%s is not a tlog-proof" % what)
        lines = lines[1:]
        self.extra = None
        if lines and lines[0].startswith("extra "):
            self.extra = unbase64(lines.pop(0)[6:], "the extra line of %s" % what)
        found = re.fullmatch("index (0|[1-9][0-9]{0,15})", lines.pop(0) if lines else "")
        need(found, "%s names no index" % what)
        self.index = int(found.group(1))
        self.hashes = read_hashes(lines, what)
        self.checkpoint = Checkpoint(checkpoint, "the checkpoint in %s" % what)


# --- PDF: the one form in which reports are written -------------------------------------------------------------------

PDF_HEADER = b"%PDF-1.7\n%\x81\x81\x81\x81\n\n"
PDF_TOKENS = re.compile(
    rb"(?P<ref>[1-9][0-9]{0,9} (?:0|[1-9][0-9]{0,4}) R(?=[ \n]))"
    rb"|(?P<number>-?(?:0|[1-9][0-9]*)(?:\.[0-9]*[1-9])?(?=[ \n]))"
    rb"|(?P<name>/(?:[!\"$&'*-.0-;=?-Z\\^-z|~]|#[0-9A-F]{2})+(?=[ \n]))"
    rb"|(?P<dict><<\n)|(?P<array>\[ )"
    rb"|(?P<hex><[0-9A-Fa-f]*>)"
    rb"|(?P<word>(?:true|false|null)(?=[ \n]))"
    rb"|(?P<text>\()"
)
PDF_REGULAR = frozenset(b"!\"$&'*+,-.0123456789:;=?@ABCDEFGHIJKLMNOPQRSTUVWXYZ\\^_`abcdefghijklmnopqrstuvwxyz|~")
ACTIVE_KEYS = {
    "/AA": "an action that starts by itself",
    "/OpenAction": "an action that starts when it is opened",
    "/JS": "JavaScript",
    "/JavaScript": "JavaScript",
    "/XFA": "an XFA form",
    "/AcroForm": "a form",
    "/Collection": "a portfolio",
    "/OCProperties": "layers that can be hidden",
    "/RichMediaContent": "rich media",
    "/PA": "a link out of it",
    "/AP": "an annotation with a picture of its own",
    "/FS": "a file that is elsewhere",
}
# Of a stream: its contents, or what it draws, are in another file.
OUTSIDE = frozenset(("/F", "/FFilter", "/FDecodeParms", "/Ref", "/OPI"))
# Types of actions other than a link within a PDF. One may stand behind such a link (/Next), in a list, or anywhere.
ACTIONS = frozenset(
    "/GoToR /GoToE /GoToDp /Launch /Thread /URI /Sound /Movie /Hide /Named /SubmitForm /ResetForm /ImportData"
    " /JavaScript /SetOCGState /Rendition /Trans /GoTo3DView /RichMediaExecute".split()
)
JSON_NAME = re.compile(
    r"masker-(?:session-sess_[0-9A-HJKMNP-TV-Z]{26}"
    r"|(?:agent-agt|account-acc)_[0-9A-HJKMNP-TV-Z]{26}-[0-9][0-9Qto-]{3,25})\.json"
)
# Media type, relationship and description: whoever opens the PDF is shown them.
JSON_FORM = ("/application/json", "/Data", "The report as JSON, Masker Audit Schema v1")
OTHER_ATTACHMENTS = {
    "entries.ndjson": ("/application/x-ndjson", "/Source", "The entries of the session's audit log, a line each"),
    "report.note": ("/text/plain", "/Supplement", "The signed statement over the JSON, a signed note (C2SP)"),
    "session_closed.multiproof.json": (
        "/application/json",
        "/Supplement",
        "The proof that these entries are under the account log's checkpoint",
    ),
    "session_closed.ndjson": (
        "/application/x-ndjson",
        "/Source",
        "The account log's entries about these sessions, a line each",
    ),
}


class PdfText(bytes):
    """A string of a PDF, which is no name."""


class PdfHex(PdfText):
    """A string of a PDF that is written in hex, whose digits are `digits`."""


class PdfStream:
    def __init__(self, members, data, begin):
        self.members, self.data, self.begin = members, data, begin


class Pdf:
    """Reads every byte of a PDF in the form that reports have: header, objects one after the other, one table of their
    places, one trailer, one end. There is no place between them for anything else."""

    def __init__(self, data):
        # A larger one may be honest: nothing is said to be wrong with it.
        if len(data) > PDF_LIMIT:
            raise NotChecked("the PDF is larger than the %d bytes that this program takes" % PDF_LIMIT)
        need(data.startswith(PDF_HEADER), "the PDF does not begin as reports do")
        ends = data.count(b"%%EOF")
        need(ends > 0, "the PDF has no end (%%EOF)")
        need(ends == 1, "the PDF has a second end (%%EOF): something was appended")
        need(data.endswith(b"%%EOF"), "bytes follow the end of the PDF (%%EOF)")
        if self.has_many_words(data):
            raise NotChecked("the PDF has more objects than any report, and than this program takes")
        self.data, self.place = data, len(PDF_HEADER)
        self.objects, places = {}, []
        while not data.startswith(b"xref\n", self.place):
            places.append((self.read_object(), self.begin))
        self.read_end(places)

    @staticmethod
    def has_many_words(data):
        """Whether more objects would be made of a PDF than of a report: each takes many times the memory of its text."""
        plain, place = [], 0
        while True:
            # What is packed begins with an x.
            begin = data.find(b"stream\nx", place)
            plain.append(data[place : begin if begin >= 0 else len(data)])
            if begin < 0:
                break
            place = data.find(b"endstream", begin)
            if place < 0:
                return True
            # The next search must not find the stream's own end.
            plain.append(data[place : place + 1])
            place += 1
        text = b"".join(plain)
        if len(text) > PLAIN_LIMIT:
            return True
        words = sum(text.count(bracket) for bracket in (b"[", b"<", b"("))
        return words + sum(1 for _ in re.finditer(rb"[^\x00-\x20\[\]<>(){}/%]+", text)) > WORDS_LIMIT

    def wrong(self, what):
        return Failed("the PDF is not as reports are written, at byte %d: %s" % (self.place, what))

    def expect(self, token):
        if not self.data.startswith(token, self.place):
            raise self.wrong("expected %s" % ascii(token.decode("ascii")))
        self.place += len(token)

    def read_object(self):
        self.begin = self.place
        found = re.compile(rb"([1-9][0-9]{0,9}) 0 obj\n").match(self.data, self.place)
        if not found:
            raise self.wrong("expected an object")
        number = int(found.group(1))
        if self.objects and number <= max(self.objects_last, 0):
            raise self.wrong("object %d stands twice, or out of order" % number)
        self.objects_last = number
        self.place = found.end()
        value = self.read_value(0)
        if isinstance(value, dict) and self.data.startswith(b"\nstream\n", self.place):
            self.place += len(b"\nstream\n")
            length = value.get("/Length")
            if not is_count(length):
                raise self.wrong("a stream without its length")
            value = PdfStream(value, self.data[self.place : self.place + length], self.place)
            self.place += length
            self.expect(b"\nendstream")
        self.expect(b"\nendobj\n\n")
        # Readers follow such an object further than this program does.
        need(not isinstance(value, tuple), "an object of the PDF is a reference to another")
        self.objects[number] = value
        return number

    def read_value(self, depth):
        if depth > 100:
            raise self.wrong("values nested too deeply")
        found = PDF_TOKENS.match(self.data, self.place)
        if not found:
            raise self.wrong("expected a value")
        kind, token = found.lastgroup, found.group()
        self.place = found.end()
        if kind == "ref":
            return ("ref", int(token.split()[0]), int(token.split()[1]))
        if kind == "number":
            return self.read_number(token.decode("ascii"))
        if kind == "name":
            return self.read_name(token)
        if kind == "hex":
            value = PdfHex(bytes.fromhex((token[1:-1] + b"0" * (len(token) % 2)).decode("ascii")))
            value.digits = token[1:-1].decode("ascii")
            return value
        if kind == "word":
            return {"true": True, "false": False, "null": None}[token.decode("ascii")]
        if kind == "text":
            return self.read_text()
        if kind == "array":
            items = []
            while not self.data.startswith(b"]", self.place):
                items.append(self.read_value(depth + 1))
                self.expect(b" ")
            self.place += 1
            return items
        members = {}
        while not self.data.startswith(b">>", self.place):
            key = self.read_value(depth + 1)
            if not isinstance(key, str) or key in members:
                raise self.wrong("a name stands twice, or is missing")
            self.expect(b" ")
            members[key] = self.read_value(depth + 1)
            self.expect(b"\n")
        self.place += 2
        return members

    def read_number(self, token):
        number = float(token)
        if pdf_number(number) != token:
            raise self.wrong("a number has another spelling")
        return number if "." in token else int(token)

    def read_name(self, token):
        if len(token) > 201:
            raise self.wrong("a name is longer than 200 characters")

        def unescape(found):
            code = int(found.group(1), 16)
            if code in PDF_REGULAR:
                raise self.wrong("a name that hides how it is spelled")
            return bytes([code])

        return re.sub(rb"#([0-9A-F]{2})", unescape, token).decode("latin-1")

    def read_text(self):
        depth, begin = 1, self.place
        while depth > 0:
            if self.place >= len(self.data):
                raise self.wrong("a text without an end")
            char = self.data[self.place : self.place + 1]
            depth += {b"(": 1, b")": -1}.get(char, 0)
            self.place += 2 if char == b"\\" else 1
        return PdfText(self.data[begin : self.place - 1])

    def read_end(self, places):
        """The table and the trailer are determined by the objects, but for two numbers."""
        need(places, "the PDF holds no object")
        table, begin = [b"xref\n"], self.place
        runs = [[(0, None)]]
        for number, place in places:
            if number == runs[-1][-1][0] + 1:
                runs[-1].append((number, place))
            else:
                runs.append([(number, place)])
        for run in runs:
            table.append(b"%d %d\n" % (run[0][0], len(run)))
            for number, place in run:
                table.append(b"0000000000 65535 f \n" if number == 0 else b"%010d 00000 n \n" % place)
        for line in table:
            self.expect(line)
        self.expect(b"\ntrailer\n")
        if not self.data.startswith(b"<<\n", self.place):
            raise self.wrong("expected the trailer")
        trailer = self.read_value(0)
        need("/Prev" not in trailer, "the PDF's trailer points at an earlier revision (/Prev)")
        need("/Encrypt" not in trailer, "the PDF is encrypted")
        if not set(trailer) <= {"/Size", "/Root", "/Info"} or trailer.get("/Size") != places[-1][0] + 1:
            raise self.wrong("its trailer names another size, or something else")
        self.expect(b"\n\nstartxref\n%d\n%%%%EOF" % begin)
        self.trailer = trailer

    def look(self, value):
        """The object that a reference names."""
        if isinstance(value, tuple):
            value = self.objects.get(value[1])
        return value

    def check_references(self):
        """Every object is named by another, from the trailer on, and every name is that of an object."""
        seen, waiting = set(), [self.trailer]
        while waiting:
            value = waiting.pop()
            if isinstance(value, tuple):
                number = value[1]
                need(value[2] == 0 and number in self.objects, "the PDF names an object that it does not have, %d" % number)
                if number not in seen:
                    seen.add(number)
                    waiting.append(self.objects[number])
            elif isinstance(value, PdfStream):
                waiting.append(value.members)
            elif isinstance(value, dict):
                waiting.extend(value.values())
            elif isinstance(value, list):
                waiting.extend(value)
        hidden = sorted(set(self.objects) - seen)
        need(not hidden, "the PDF holds objects that nothing in it names: %s" % ", ".join(map(str, hidden[:5])))

    def dicts(self):
        """Every dictionary, wherever it is."""
        waiting = list(self.objects.values())
        while waiting:
            value = waiting.pop()
            if isinstance(value, PdfStream):
                value = value.members
            if isinstance(value, dict):
                yield value
                waiting.extend(value.values())
            elif isinstance(value, list):
                waiting.extend(value)

    def attachments(self, places=None):
        """The attached files by name. Each is listed, associated with the document, and all there is."""
        self.check_references()
        catalog = self.look(self.trailer.get("/Root"))
        need(isinstance(catalog, dict), "the PDF has no catalog")
        for value in self.objects.values():
            is_outside = isinstance(value, PdfStream) and not OUTSIDE.isdisjoint(value.members)
            need(not is_outside, "the PDF holds a stream that shows another file")
        for found in self.dicts():
            self.refuse_active(found)
        names = self.look(catalog.get("/Names"))
        need(isinstance(names, dict), "the PDF has no attachment")
        need(list(names) == ["/EmbeddedFiles"], "the PDF has other names than those of attachments")
        tree = self.look(names["/EmbeddedFiles"])
        need(isinstance(tree, dict) and list(tree) == ["/Names"], "the PDF's list of attachments is not a plain list")
        listed = self.look(tree["/Names"])
        need(isinstance(listed, list) and len(listed) % 2 == 0, "the PDF's list of attachments is not a list")
        specs = listed[1::2]
        associated = self.look(catalog.get("/AF"))
        need(
            associated == specs,
            "the PDF's attachments are not the files that are associated with it",
        )
        found, streams = {}, []
        for name, reference in zip(listed[0::2], specs):
            need(isinstance(name, PdfText) and not isinstance(name, PdfHex), "the PDF lists an attachment wrongly")
            title = name.decode("latin-1")
            need(JSON_NAME.fullmatch(title) or title in OTHER_ATTACHMENTS, "the PDF has an extra attachment, %s" % title)
            need(title not in found, "the PDF lists the attachment %s twice" % title)
            stream = self.file_of(title, self.look(reference))
            streams.append(stream)
            found[title] = unpack(title, self.look(stream))
            if places is not None:
                places[title] = (self.look(stream).begin, len(self.look(stream).data))
        need(list(found) == sorted(found), "the PDF's attachments are not in the order of their names")
        kinds = ("/EmbeddedFile", "/Filespec")
        files = [item for item in self.dicts() if self.look(item.get("/Type")) in kinds or "/EF" in item]
        need(
            len(files) == 2 * len(specs),
            "the PDF has an attachment that is not listed",
        )
        self.check_keys(catalog)
        self.check_description(catalog, found)
        return found

    def check_keys(self, catalog):
        """Catalog and pages say what those of a report do. Anything else may change what a reader shows."""
        need(catalog.get("/Type") == "/Catalog", "the PDF has a catalog that is none")
        for key in catalog:
            need(key in CATALOG_KEYS, "the PDF's catalog says %s, as no report's does" % key)
        preferences = self.look(catalog.get("/ViewerPreferences"))
        need(
            is_written(catalog.get("/Lang"), "en")
            and isinstance(preferences, dict)
            and set(preferences) == {"/DisplayDocTitle"}
            and preferences["/DisplayDocTitle"] is True,
            "the PDF has another language or other preferences than reports have",
        )
        marks = self.look(catalog.get("/MarkInfo"))
        need(
            isinstance(marks, dict)
            and set(marks) == {"/Type", "/Marked"}
            and marks["/Type"] == "/MarkInfo"
            and marks["/Marked"] is True,
            "the PDF states its tags (/MarkInfo) in another way than reports do",
        )
        seen, listed, waiting = set(), [], [(catalog.get("/Pages"), None)]
        while waiting:
            node, parent = waiting.pop()
            need(isinstance(node, tuple) and node not in seen, "the PDF's pages are not listed as reports do")
            seen.add(node)
            page = self.look(node)
            kind = page.get("/Type") if isinstance(page, dict) else None
            keys = PAGE_KEYS.get(kind) if isinstance(kind, str) else None
            need(keys is not None, "the PDF has a page that is none")
            need(page.get("/Parent") == parent, "a page of the PDF names another list of pages")
            need("/MediaBox" not in page or self.is_box(page["/MediaBox"]), "a page of the PDF has a size that is none")
            for key in page:
                need(key in keys, "a page of the PDF says %s, as no report's does" % key)
            stated = self.look(page.get("/Count")) if kind == "/Pages" else None
            listed.append((node, parent, kind, stated))
            kids = self.look(page.get("/Kids")) if kind == "/Pages" else []
            need(isinstance(kids, list), "the PDF's pages are not listed as reports do")
            waiting.extend((kid, node) for kid in kids)
        # A list stands before what it lists: from the end on, each list has all of its pages.
        counts = {}
        for node, parent, kind, stated in reversed(listed):
            has = counts.get(node, 0) if kind == "/Pages" else 1
            is_right = kind == "/Page" or (is_number(stated) and stated == has)
            need(is_right, "the PDF states another number of pages than it has")
            counts[parent] = counts.get(parent, 0) + has

    def is_box(self, value):
        sides = self.look(value)
        return isinstance(sides, list) and len(sides) == 4 and all(is_number(self.look(side)) for side in sides)

    def check_description(self, catalog, attachments):
        """Title, dates and the like are those of the attached report: a reader shows them beside the pages."""
        facts = describe(next((data for name, data in attachments.items() if JSON_NAME.fullmatch(name)), b""))
        if facts is None:
            return  # A report that cannot be read fails by itself.
        title, subject, moment = facts
        info = self.look(self.trailer.get("/Info"))
        info = info if isinstance(info, dict) else {}
        written = {key: pdf_text(value) for key, value in info.items() if isinstance(value, PdfText)}
        creator, producer = written.get("/Creator", ""), written.get("/Producer", "")
        need(re.fullmatch(r"Chromium [0-9]{1,5}(\.[0-9]{1,5}){3}", creator), "the PDF does not name its Chromium")
        need(re.fullmatch(r"masker-evidence [0-9][0-9A-Za-z_.+-]{0,39}", producer), "the PDF was not finished by Masker")
        date = "D:" + re.sub(r"[-:T]", "", re.sub(r"\.[0-9]+(?=Z$)", "", moment))
        texts = {
            "/Title": title,
            "/Author": "Masker",
            "/Subject": subject,
            "/Creator": creator,
            "/Producer": producer,
        }
        are_texts = all(in_hex(info.get(key)) == utf16_hex(text) for key, text in texts.items())
        are_dates = all(is_written(info.get(key), date) for key in ("/CreationDate", "/ModDate"))
        need(
            set(info) == {*texts, "/CreationDate", "/ModDate"} and are_texts and are_dates,
            "the PDF's properties are not those of the attached report",
        )
        for value in self.objects.values():
            if isinstance(value, PdfStream) and value.members.get("/Type") == "/EmbeddedFile":
                params = value.members["/Params"]
                need(
                    all(is_written(params[key], date) for key in ("/CreationDate", "/ModDate")),
                    "the PDF states other times of its attachments than the attached report",
                )
        metadata = self.look(catalog.get("/Metadata"))
        need(
            isinstance(metadata, PdfStream)
            and set(metadata.members) == {"/Type", "/Subtype", "/Length"}
            and metadata.data == write_xmp(title, subject, moment, creator, producer),
            "the PDF's metadata (XMP) are not those of the attached report",
        )

    def refuse_active(self, found):
        for key, words in ACTIVE_KEYS.items():
            need(key not in found, "the PDF holds %s" % words)
        action = self.look(found.get("/A"))
        acts = self.look(action.get("/S")) if isinstance(action, dict) else None
        started = self.look(found.get("/S"))
        is_action = self.look(found.get("/Type")) == "/Action"
        need(
            acts in (None, "/GoTo") and (not is_action or started == "/GoTo"),
            "the PDF holds an action other than a link within it",
        )
        need(not isinstance(started, str) or started not in ACTIONS, "the PDF holds an action that another one starts")
        need(
            "/Rect" not in found or self.look(found.get("/Subtype")) == "/Link",
            "the PDF holds an annotation that is no link",
        )
        need("/Contents" not in found or "/Subtype" not in found, "the PDF holds an annotation with a text of its own")
        need(self.look(found.get("/Type")) not in ("/ObjStm", "/XRef"), "the PDF holds compressed objects")

    def file_of(self, title, spec):
        members = {"/Type", "/F", "/UF", "/EF", "/Desc", "/AFRelationship"}
        _, relationship, description = OTHER_ATTACHMENTS.get(title, JSON_FORM)
        need(
            isinstance(spec, dict)
            and set(spec) == members
            and spec["/Type"] == "/Filespec"
            and spec["/AFRelationship"] == relationship
            and in_hex(spec["/Desc"]).upper() == utf16_hex(description)
            and is_written(spec["/F"], title)
            and in_hex(spec["/UF"]).upper() == utf16_hex(title),
            "the PDF does not attach %s as reports do" % title,
        )
        files = self.look(spec.get("/EF"))
        need(
            isinstance(files, dict)
            and set(files) == {"/F", "/UF"}
            and files["/F"] == files["/UF"],
            "the PDF attaches two contents under the name %s" % title,
        )
        return files["/F"]


CATALOG_KEYS = (
    "/Type /Pages /MarkInfo /StructTreeRoot /Outlines /ViewerPreferences /Lang /Metadata /Names /AF".split()
)
PAGE_KEYS = {
    "/Pages": "/Type /Count /Kids /Parent".split(),
    "/Page": "/Type /Parent /Resources /MediaBox /Contents /StructParents /Tabs /Annots".split(),
}


def describe(data):
    """Title, subject and time that a report gives to its PDF; None where it cannot be read."""
    if is_costly(data):
        return None
    try:
        report = json.loads(data.decode("utf-8"))["report"]
        scope = report["scope"]
        about = "session %s" % report.get("session_id")
        if scope != "session":
            subject = report.get("agent_id") if scope == "agent" else at(report, "account", "id")
            window = (at(report, "window", "since"), at(report, "window", "until"))
            about = "%s %s, %s to %s" % ((scope, subject) + window)
        texts = (
            "Compliance report of %s" % about,
            "HIPAA compliance report %s on %s" % (report["id"], about),
            str(report["generated_at"]),
        )
        "".join(texts).encode("utf-8")
        return texts
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def write_xmp(title, subject, moment, creator, producer):
    def escape(text):
        for char, name in (("&", "amp"), ("<", "lt"), (">", "gt"), ('"', "quot"), ("'", "apos")):
            text = text.replace(char, "&%s;" % name)
        return text

    def alternative(text):
        return '<rdf:Alt><rdf:li xml:lang="x-default">%s</rdf:li></rdf:Alt>' % escape(text)

    time_of = escape(moment)
    lines = (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>',
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">',
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">',
        '<rdf:Description rdf:about=""',
        ' xmlns:dc="http://purl.org/dc/elements/1.1/"',
        ' xmlns:pdf="http://ns.adobe.com/pdf/1.3/"',
        ' xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"',
        ' xmlns:xmp="http://ns.adobe.com/xap/1.0/">',
        "<dc:title>%s</dc:title>" % alternative(title),
        "<dc:creator><rdf:Seq><rdf:li>Masker</rdf:li></rdf:Seq></dc:creator>",
        "<dc:description>%s</dc:description>" % alternative(subject),
        "<dc:language><rdf:Bag><rdf:li>en</rdf:li></rdf:Bag></dc:language>",
        "<dc:format>application/pdf</dc:format>",
        "<xmp:CreatorTool>%s</xmp:CreatorTool>" % escape(creator),
        "<xmp:CreateDate>%s</xmp:CreateDate>" % time_of,
        "<xmp:ModifyDate>%s</xmp:ModifyDate>" % time_of,
        "<xmp:MetadataDate>%s</xmp:MetadataDate>" % time_of,
        "<pdf:Producer>%s</pdf:Producer>" % escape(producer),
        "<pdfuaid:part>1</pdfuaid:part>",
        "</rdf:Description>",
        "</rdf:RDF>",
        "</x:xmpmeta>",
        '<?xpacket end="r"?>',
    )
    return "\n".join(lines).encode("utf-8")


def is_written(value, text):
    """Whether a string of a PDF is this text of ASCII, not in hex."""
    return not isinstance(value, PdfHex) and value == text.encode("utf-8", "surrogatepass")


def in_hex(value):
    """The digits of a string of a PDF that is written in hex; empty for any other."""
    return value.digits if isinstance(value, PdfHex) else ""


def utf16_hex(text):
    """The digits of a text in hex, as reports write them: in UTF-16, with its mark."""
    return "FEFF" + text.encode("utf-16-be", "surrogatepass").hex().upper()


def pdf_number(number):
    """A number as reports spell it, which is without an exponent; empty for one that no report has."""
    text = "" if math.isinf(number) else number_text(number)
    _, mark, exponent = text.partition("e-")
    # Nothing that is drawn is as small.
    if not mark or abs(number) < 1e-20:
        return "" if mark else text
    # The digits as the program that writes reports computes them.
    digits = number_text(abs(number) * 10.0 ** (int(exponent) - 1))[2:]
    return "%s0.%s%s" % ("-" if number < 0 else "", "0" * (int(exponent) - 1), digits)


def pdf_text(value):
    if value.startswith(b"\xfe\xff"):
        return value[2:].decode("utf-16-be", "replace")
    return value.decode("latin-1")


def unpack(title, stream):
    members = stream.members if isinstance(stream, PdfStream) else {}
    params = members.get("/Params")
    need(
        set(members) == {"/Type", "/Subtype", "/Params", "/Filter", "/Length"}
        and members["/Type"] == "/EmbeddedFile"
        and members["/Subtype"] == OTHER_ATTACHMENTS.get(title, JSON_FORM)[0]
        and members["/Filter"] == "/FlateDecode"
        and isinstance(params, dict)
        and set(params) == {"/Size", "/CreationDate", "/ModDate", "/CheckSum"},
        "the attachment %s is not stored as reports do" % title,
    )
    size, digest = params.get("/Size"), params.get("/CheckSum")
    need(is_count(size), "the attachment %s does not state its size" % title)
    if size > ATTACHMENT_LIMIT:
        raise NotChecked("the attachment %s is larger than the %d bytes that this program takes" % (title, ATTACHMENT_LIMIT))
    data = inflate(stream.data, size, zlib.MAX_WBITS, "the attachment %s" % title)
    need(isinstance(digest, PdfHex) and digest == hashlib.md5(data).digest(), "the attachment %s is not of the checksum that is stated" % title)
    return data


def inflate(packed, size, bits, what):
    """Unpacks to exactly `size` bytes, and never to more. The packed bytes are used up."""
    unpacker = zlib.decompressobj(bits)
    try:
        data = unpacker.decompress(packed, size + 1)
    except zlib.error:
        raise Failed("%s cannot be unpacked" % what) from None
    need(unpacker.eof and not unpacker.unused_data and len(data) == size, "%s is not of the size that is stated" % what)
    return data


# --- Zip: the evidence pack -------------------------------------------------------------------------------------------

PACK_NAMES = (
    "report.json",
    "report.pdf",
    "report.note",
    "entries.ndjson",
    "session_closed.json",
    "session.tlog-proof",
    "policy.yaml",
    "VERIFY.md",
    "verify.mjs",
    "verify.py",
    "verify.html",
)
REGULAR_FILE = 0o100000


def read_zip(data, places=None):
    """The files of a zip by name. Every byte belongs to a file, to its header, to the directory or to the end."""
    end = len(data) - 22
    need(end >= 0 and data[end : end + 4] == b"PK\x05\x06", "the zip does not end with its directory's end record")
    disk, first_disk, here, count, size, start, comment = struct.unpack("<4H2IH", data[end + 4 :])
    need(disk == first_disk == comment == 0 and here == count, "the zip's end record is not that of one plain file")
    need(start + size == end, "the zip has bytes between its directory and its end")
    files, place, total, cursor = {}, 0, 0, start
    for _ in range(count):
        need(cursor + 46 <= end and data[cursor : cursor + 4] == b"PK\x01\x02", "the zip's directory is damaged")
        row = struct.unpack("<6H3I5H2I", data[cursor + 4 : cursor + 46])
        flags, method, packed, name_size = row[2], row[3], row[7], row[9]
        extra, remark, part, _, attributes, offset = row[10:16]
        raw_name = data[cursor + 46 : cursor + 46 + name_size]
        cursor += 46 + name_size
        name = raw_name.decode("latin-1")
        need(name in PACK_NAMES, "the zip holds a file that packs do not have, %s" % ascii(name))
        need(name not in files, "the zip holds two files named %s" % name)
        need(extra == remark == part == 0, "the zip says something more of %s" % name)
        need(flags in (0, 0x800) and method in (0, 8), "the zip stores %s in a way packs do not" % name)
        kind = attributes >> 16 & 0o170000
        need(kind in (0, REGULAR_FILE) and attributes & 0x10 == 0, "%s is not a plain file" % name)
        need(offset == place, "the zip has a gap or an overlap before %s, at byte %d" % (name, place))
        if places is not None:
            places[name] = (place + 30 + name_size, packed)
        begin, place = find_member(data, name, raw_name, row, place, start)
        total += row[8]
        if total > UNPACKED_LIMIT:
            # A longer log is honest: nothing is said to be wrong with it.
            raise Unreadable("is larger than %d bytes when unpacked: ask for range proofs in its place" % UNPACKED_LIMIT)
        files[name] = unpack_member(data[begin:place], name, row)
    need(cursor == end, "the zip's directory holds bytes of no file")
    need(place == start, "the zip has bytes of no file, at byte %d" % place)
    return files


def find_member(data, name, raw_name, row, place, limit):
    """Where a member's bytes begin and end. Its header says the same as its row, so that no row states a false size."""
    flags, method, stamp, crc, packed, unpacked = row[2], row[3], row[4:6], row[6], row[7], row[8]
    need(data[place : place + 4] == b"PK\x03\x04", "the zip has no header for %s" % name)
    local = struct.unpack("<5H3I2H", data[place + 4 : place + 30])
    begin = place + 30 + len(raw_name)
    need(
        local[:5] == (row[1], flags, method) + stamp
        and local[8:] == (len(raw_name), 0)
        and data[place + 30 : begin] == raw_name,
        "the zip's two headers of %s differ" % name,
    )
    after = begin + packed
    need(local[5:8] == (crc, packed, unpacked), "the zip's two headers of %s differ" % name)
    need(after <= limit, "%s goes beyond its place in the zip" % name)
    return begin, after


def unpack_member(content, name, row):
    method, crc, unpacked = row[3], row[6], row[8]
    if method == 8:
        content = inflate(content, unpacked, -zlib.MAX_WBITS, name)
    need(len(content) == unpacked and zlib.crc32(content) == crc, "%s is damaged in the zip (CRC-32)" % name)
    return content


# --- Records: entries of a session's log, and its closing entry in the account's log ----------------------------------

ID = {
    kind: re.compile(prefix + "_[0-9A-HJKMNP-TV-Z]{26}")
    for kind, prefix in (("account", "acc"), ("agent", "agt"), ("session", "sess"), ("event", "evt"), ("report", "rep"))
}


def is_id(kind):
    return lambda value: isinstance(value, str) and ID[kind].fullmatch(value) is not None


def is_text(value):
    return isinstance(value, str)


def is_span(value):
    return isinstance(value, list) and len(value) == 2 and all(map(is_count, value)) and value[0] <= value[1]


def is_confidence(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 1


ENTRY_FIELDS = {
    "seq": is_count,
    "ts": is_exact_time,
    "event_id": is_id("event"),
    "session_id": is_id("session"),
    "agent_id": is_id("agent"),
    "kind": is_text,
    "pass": is_text,
    "entity_kind": lambda value: is_text(value) and len(value.encode("utf-8")) <= 128,
    "span": is_span,
    "confidence": is_confidence,
    "token_kind": is_text,
    "kid": is_text,
    "reason": is_text,
    "prev_hash": is_hex,
    "this_hash": is_hex,
}
ALWAYS_THERE = ("seq", "ts", "event_id", "session_id", "agent_id", "kind", "prev_hash", "this_hash")
THERE_BY_KIND = {
    "redaction": ("pass", "entity_kind", "span", "confidence", "token_kind", "kid"),
    "rehydration_failed": ("entity_kind", "reason", "token_kind", "kid"),
}
CLOSED_FIELDS = {
    "account_id": is_id("account"),
    "agent_id": is_id("agent"),
    "ended_at": lambda value: value is None or is_exact_time(value),
    "head_hash": is_hex,
    "key_id": lambda value: is_text(value) and value != "",
    "kind": lambda value: value == "session_closed",
    "merkle_root_hex": is_hex,
    "policy_sha256": is_hex,
    "seal": lambda value: value is None or is_hex(value),
    "session_id": is_id("session"),
    "size": is_count,
    "started_at": is_exact_time,
    "status": lambda value: value in ("ok", "error", "partial"),
}


def check_entry(entry, what):
    need(isinstance(entry, dict), "%s is no entry" % what)
    for name, fits in ENTRY_FIELDS.items():
        need(name not in entry or fits(entry[name]), "%s has a %s that is none" % (what, name))
    for name in ALWAYS_THERE + THERE_BY_KIND.get(entry.get("kind"), ()):
        need(name in entry, "%s has no %s" % (what, name))


def read_closed(text, what):
    """The account log's entry that a session was closed."""
    need(isinstance(text, str), "%s is missing" % what)
    data = text.encode("utf-8", "surrogatepass")
    need(len(data) <= LOG_ENTRY_LIMIT, "%s is too long" % what)
    closed = read_canonical(data, what)
    need(same_names(closed, CLOSED_FIELDS), "%s does not have the members of a session_closed entry" % what)
    for name, fits in CLOSED_FIELDS.items():
        need(fits(closed[name]), "%s has a %s that is none" % (what, name))
    return closed


def read_lines(data, what, stated):
    """Lines of canonical JSON, each ended by a line feed. Reads one after the other, and stops at the first that is
    wrong: a file of line feeds alone has more lines than memory holds."""
    need(data == b"" or data.endswith(b"\n"), "%s does not end with a line feed" % what)
    lines, values, begin, strange = [], [], 0, 0
    while begin < len(data):
        end, place = data.index(b"\n", begin), "line %d of %s" % (len(lines) + 1, what)
        need(end - begin <= LINE_LIMIT, "%s is longer than %d bytes" % (place, LINE_LIMIT))
        value = read_canonical(data[begin:end], place)
        # What a session's log and the account's log hold names its session.
        if not is_text(at(value, "session_id")) or len(lines) >= stated:
            strange += 1
        need(strange <= STRANGE_LINES_LIMIT, "%s is one of many that are no entries, or beyond the %d stated" % (place, stated))
        lines.append(data[begin:end])
        values.append(value)
        begin = end + 1
    return lines, values


# --- A case: what was given, taken apart ------------------------------------------------------------------------------


class Case:
    """The parts of one file, or of a report and its statement. A part that is not there is None."""

    def __init__(self):
        self.kind = None  # session, wide, event, range, statement
        self.bytes_problem = None
        self.json, self.report = None, None
        self.note = None
        self.lines, self.entries = None, None
        self.first, self.end, self.size = 0, None, None
        self.proof_hashes = None
        self.closed_lines, self.multiproof = None, None
        self.proof_closed, self.tlog_proof = None, None
        # Found while checking.
        self.closed, self.checkpoints, self.log_signed = None, [], False
        self.verdicts = {}


def recognize(data):
    if data.startswith(b"%PDF-"):
        return "pdf"
    if data.startswith(b"PK"):
        return "zip"
    if data.startswith(b"masker-evidence/report/"):
        return "note"
    text = data.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text.startswith(b"{"):
        return recognize_json(data, text)
    raise Unreadable("is no report (PDF or JSON), statement, pack (zip) or proof")


PROOFS = ("event_proof", "range_proof")


def recognize_json(data, text):
    """A JSON is what its first member says, whatever is wrong behind that: the axis `bytes` tells it. A JSON that begins
    with another member is looked into: without a member of ours, it is refused."""
    if text.startswith(b'{"report"'):
        return "report"
    if text.startswith((b'{"event_proof"', b'{"range_proof"')):
        return "proof"
    try:
        value = read_json_file(data, "the JSON")
    except (Failed, NotChecked):
        return "report"
    if "report" in value:
        return "report"
    if any(name in value for name in PROOFS):
        return "proof"
    raise Unreadable("is JSON, but no report and no proof")


def take_apart(kind, data, places=None):
    """The named parts of a file. `places` takes where each of them is in the file."""
    if kind == "pdf":
        return Pdf(data).attachments(places)
    if kind == "zip":
        return read_zip(data, places)
    return {{"note": "report.note", "report": "report.json", "proof": "proof.json"}[kind]: data}


def assemble(case, kind, parts):
    {"pdf": open_pdf, "zip": open_pack, "note": open_note, "report": open_report, "proof": open_proof}[kind](
        case, parts if kind in ("pdf", "zip") else next(iter(parts.values()))
    )


def open_case(files):
    """`files` is a list of (kind, bytes): one file, or a report with its statement."""
    case = Case()
    for kind, data in files:
        try:
            assemble(case, kind, take_apart(kind, data))
        except (Failed, NotChecked) as problem:
            case.bytes_problem = problem
    if [kind for kind, _ in files] == ["note"]:
        case.kind = "statement"
    return case


def open_note(case, data):
    case.note = data


def open_report(case, data):
    case.json = data
    value = read_json_file(data, "the JSON")
    need(same_names(value, ["report"]), "the JSON is no report, or holds something beside it")
    check_shape(value["report"])
    case.report = value["report"]
    case.kind = "session" if case.report["scope"] == "session" else "wide"


def is_map(value):
    return isinstance(value, dict)


def is_row(value):
    return all(fits(at(value, name)) for name, fits in ROW_FIELDS.items())


ROW_FIELDS = {
    "id": lambda value: is_id("session")(value),
    "entries": is_count,
    "root_hex": is_hex,
    "redactions": is_count,
    "log_index": lambda value: value is None or is_integer(value),
    "state": is_text,
}
REPORT_FIELDS = {
    ("id",): is_text,
    ("generated_at",): is_text,
    ("merkle_root_hex",): is_text,
    ("account", "id"): is_text,
    ("redaction_count",): is_count,
    ("redactions_by_kind",): is_map,
    ("redactions_by_pass",): is_map,
}
SESSION_FIELDS = {
    ("session_id",): is_text,
    ("agent", "id"): is_text,
    ("session", "id"): is_text,
    ("session", "started_at"): is_text,
    ("session", "status"): is_text,
    ("policy", "sha256"): is_text,
    ("policy_snapshot",): is_text,
    ("audit_log", "event_count"): is_count,
    ("audit_log", "end_hash"): is_text,
    ("audit_log", "key_id"): is_text,
    ("audit_log", "state"): is_text,
    ("session",): lambda value: "ended_at" in value and (value["ended_at"] is None or is_text(value["ended_at"])),
}
WIDE_FIELDS = {
    ("sessions",): lambda value: isinstance(value, list) and all(map(is_row, value)),
    ("sessions_total",): is_count,
    ("audit_log", "sessions_walked"): is_count,
    ("audit_log", "entries_read"): is_count,
    ("window", "since"): is_text,
    ("window", "until"): is_text,
    ("window",): lambda value: "period" in value and (value["period"] is None or is_text(value["period"])),
}


def check_shape(report):
    """The members that are read below are there, as the published schema has them."""
    scope = at(report, "scope")
    need(scope in ("session", "agent", "account"), "the report is about nothing that reports are about")
    for path, fits in {**REPORT_FIELDS, **(SESSION_FIELDS if scope == "session" else WIDE_FIELDS)}.items():
        need(fits(at(report, *path)), "the report has no %s as reports have it" % ".".join(path))
    check_policy_texts(report)


def check_policy_texts(report):
    """A policy's text is that of its SHA-256, which the account log has. Without a statement nothing else is over it."""
    texts = [(report.get("policy_snapshot"), at(report, "policy", "sha256"))]
    if report["scope"] != "session":
        listed = report.get("policies")
        texts = [(at(each, "text"), at(each, "sha256")) for each in listed] if isinstance(listed, list) else []
    for text, digest in texts:
        right = isinstance(text, str) and sha256(text.encode("utf-8", "surrogatepass")).hex() == digest
        need(right, "a policy in the report has another text than its SHA-256 is over")


def is_integer(value):
    return isinstance(value, int) and not isinstance(value, bool)


def is_texts(value):
    return isinstance(value, list) and all(map(is_text, value))


PROOF_FIELDS = {"hashes": is_texts, "session_closed": is_text, "session_proof": is_text, "size": is_integer}


def open_proof(case, data):
    value = read_json_file(data, "the JSON")
    name = next((name for name in PROOFS if same_names(value, [name])), None)
    need(name is not None, "the JSON is no proof, or holds something beside it")
    kind, proof = name.split("_")[0], value[name]
    own = {"entry": is_text, "index": is_integer}
    if kind == "range":
        own = {"entries": is_texts, "from": is_integer, "to": is_integer}
    fields = {**own, **PROOF_FIELDS, "v": lambda value: same(value, 1)}
    need(
        same_names(proof, fields) and all(fits(proof[name]) for name, fits in fields.items()),
        "the proof does not have the members of %s proof" % ("an event" if kind == "event" else "a range"),
    )
    case.kind = kind
    case.first, case.size, case.proof_hashes = proof.get("index", proof.get("from")), proof["size"], proof["hashes"]
    case.end = proof.get("to", case.first + 1)
    case.proof_closed, case.tlog_proof = proof["session_closed"], proof["session_proof"]
    case.lines = [text.encode("utf-8") for text in proof.get("entries", [proof.get("entry")])]


def open_pdf(case, attachments):
    reports = [name for name in attachments if JSON_NAME.fullmatch(name)]
    need(len(reports) == 1, "the PDF has %d reports attached" % len(reports))
    open_report(case, attachments[reports[0]])
    wide = case.kind == "wide"
    for name in attachments:
        fits = name in (reports[0], "report.note") or name.startswith("session_closed.") == wide
        need(fits, "the PDF has an attachment that is not one of its kind of report, %s" % name)
    scope = case.report["scope"]
    about = {"session": ["session_id"], "agent": ["agent_id"], "account": ["account", "id"]}[scope]
    stem = "masker-%s-%s" % (scope, at(case.report, *about))
    if wide:
        stem += "-" + window_name(case.report["window"])
    need(reports[0] == stem + ".json", "the attached report is not named after what it is about")
    if "report.note" in attachments:
        open_note(case, attachments["report.note"])
    if "entries.ndjson" in attachments:
        open_entries(case, attachments["entries.ndjson"])
    need(
        ("session_closed.ndjson" in attachments) == ("session_closed.multiproof.json" in attachments),
        "the PDF has the log's entries without their proof, or the proof without them",
    )
    if "session_closed.ndjson" in attachments:
        case.multiproof = read_multiproof(attachments["session_closed.multiproof.json"])
        named = len(case.multiproof["indexes"])
        case.closed_lines = read_lines(attachments["session_closed.ndjson"], "session_closed.ndjson", named)[0]


def open_entries(case, data):
    case.lines, case.entries = read_lines(data, "entries.ndjson", at(case.report, "audit_log", "event_count"))


def window_name(window):
    """A window as a file's name has it: the calendar period that was asked for, or its first and last day."""
    if window["period"] is not None:
        return window["period"]
    return "%s-to-%s" % (window["since"][:10], window["until"][:10])


def read_multiproof(data):
    value = read_json_file(data, "session_closed.multiproof.json")
    proof = at(value, "multiproof")
    need(
        same_names(value, ["multiproof"])
        and same_names(proof, ["hashes", "indexes", "size", "v"])
        and same(proof["v"], 1)
        and is_texts(proof["hashes"])
        and isinstance(proof["indexes"], list)
        and all(map(is_number, proof["indexes"]))
        and is_number(proof["size"]),
        "the sessions' proof does not have its members",
    )
    return proof


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def open_pack(case, files):
    need("report.json" in files, "the pack holds no report.json")
    open_report(case, files["report.json"])
    need(case.kind == "session", "the pack's report is not about one session")
    if "report.note" in files:
        open_note(case, files["report.note"])
    if "entries.ndjson" in files:
        open_entries(case, files["entries.ndjson"])
    if "session_closed.json" in files:
        case.proof_closed = utf8(files["session_closed.json"], "session_closed.json")
        read_json_file(files["session_closed.json"], "session_closed.json")
    if "session.tlog-proof" in files:
        case.tlog_proof = utf8(files["session.tlog-proof"], "session.tlog-proof")
    if "policy.yaml" in files:
        need(
            files["policy.yaml"] == utf16_safe(case.report.get("policy_snapshot")),
            "policy.yaml is not the policy in the report",
        )
    if "report.pdf" in files:
        printed = Case()
        open_pdf(printed, Pdf(files["report.pdf"]).attachments())
        need(printed.json == case.json, "report.pdf has another report attached than report.json")
        need(printed.note in (None, case.note), "report.pdf has another statement attached than report.note")
        need(printed.lines in (None, case.lines), "report.pdf has other entries attached than entries.ndjson")


def utf16_safe(text):
    return text.encode("utf-8") if isinstance(text, str) else None


# --- The axes ---------------------------------------------------------------------------------------------------------


class Options:
    def __init__(self, keys=(), witnesses=(), audit_keys=None):
        self.keys, self.witnesses, self.audit_keys = list(keys), list(witnesses), audit_keys


def examine(case, options):
    """Fills in the verdict of each axis: (verdict, sentence)."""
    order = (
        ("bytes", check_bytes),
        ("statement", check_statement),
        ("log", check_log),
        ("entries", check_entries),
        ("completeness", check_completeness),
        ("witnesses", check_witnesses),
        ("pages", check_pages),
        ("macs", check_macs),
    )
    found = {}
    for axis, check in order:
        try:
            if case.bytes_problem is not None and axis not in ("bytes", "pages"):
                raise NotChecked("the file could not be taken apart: see bytes")
            found[axis] = (VERIFIED, check(case, options))
        except Failed as problem:
            found[axis] = (FAILED, str(problem))
        except NotChecked as reason:
            found[axis] = (NOT_CHECKED, str(reason))
        case.verdicts = found
    # Nothing is green without a signature by a key that the caller gave.
    if VERIFIED not in (found["statement"][0], found["log"][0]):
        for axis in ("bytes", "entries", "completeness"):
            verdict, sentence = found[axis]
            if verdict == VERIFIED:
                why = "it agrees with itself (%s), but nothing in it is signed by a key that you gave" % sentence
                found[axis] = (NOT_CHECKED, why)
    verdict, sentence = found["bytes"]
    if verdict == VERIFIED and found["statement"][0] != VERIFIED and case.report is not None:
        why = "%s. No statement is verified, so what the report says is signed by nobody" % sentence
        found["bytes"] = (VERIFIED, why)
    case.verdicts = {axis: found[axis] for axis in AXES}
    return case.verdicts


def check_bytes(case, _):
    if case.bytes_problem is not None:
        raise case.bytes_problem
    if case.kind == "statement":
        return "the statement is a signed note"
    return "nothing stands outside the form of a report's file. What a PDF's pages, its bookmarks and a screen reader say, and whether pages were added or left out, is another axis"


def check_statement(case, options):
    if case.kind in ("event", "range"):
        raise NotChecked("a proof has no statement; see log")
    if case.note is None:
        raise NotChecked("the report comes without a statement (report.note)")
    note = Note(utf8(case.note, "the statement"), "the statement")
    lines = note.text.split("\n")
    need(
        len(lines) == 6 and lines[0] == "masker-evidence/report/v1",
        "the statement does not have its five lines",
    )
    _, report_id, digest, generated_at, origin = lines[:5]
    if case.report is not None:
        expected = base64.b64encode(sha256(case.json)).decode("ascii")
        need(digest == expected, "the statement is about other bytes: it names SHA-256 %s, the report has %s" % (digest, expected))
        need(report_id == case.report.get("id"), "the statement is about the report %s, not this one" % report_id)
        need(
            generated_at == case.report.get("generated_at"),
            "the statement says that the report was made at %s, the report says %s"
            % (generated_at, show(case.report.get("generated_at"))),
        )
        logged = at(case.report, "evidence", "origin")
        need(logged in (None, origin), "the statement is by %s, the report names the log %s" % (origin, show(logged)))
    if not options.keys:
        raise NotChecked("you gave no verifier key (--key), so no signature could be checked")
    need(origin == options.keys[0].name, "the statement is by %s, not by %s" % (origin, options.keys[0].name))
    signer = note.signer(options.keys, "the statement")
    if case.report is None:
        raise NotChecked("the statement is signed by %s, but there is no report beside it to compare" % signer.name)
    return "%s signed exactly the JSON of this report, %s, made at %s" % (signer.name, report_id, generated_at)


def check_log(case, options):
    """Reads the closing entry and the checkpoints, and holds them against each other, the report and the keys."""
    if case.kind == "statement":
        raise NotChecked("a statement alone says nothing of the log")
    return {"session": check_session_log, "wide": check_wide_log}.get(case.kind, check_proof_log)(case, options)


def check_session_log(case, options):
    evidence = case.report.get("evidence")
    if evidence is None and case.tlog_proof is None and case.proof_closed is None:
        raise NotChecked(missing_evidence(case))
    if evidence is not None:
        members = ["checkpoint", "inclusion", "log_index", "log_size", "origin", "session_closed", "verifier_key"]
        need(same_names(evidence, members), "the report's evidence does not have its members")
        checkpoint = Checkpoint(evidence["checkpoint"], "the report's checkpoint")
        case.checkpoints.append(checkpoint)
        index, size = evidence["log_index"], evidence["log_size"]
        need(is_count(index) and is_count(size), "the report's evidence names no place in the log")
        need(checkpoint.size == size, "the checkpoint is of size %d, the report says %d" % (checkpoint.size, size))
        need(
            checkpoint.origin == evidence["origin"],
            "the checkpoint is of the log %s, the report says %s" % (checkpoint.origin, show(evidence["origin"])),
        )
        case.closed = read_closed(evidence["session_closed"], "the session's entry in the log")
        leaf = leaf_hash(evidence["session_closed"].encode("utf-8"))
        hashes = read_hashes(evidence["inclusion"], "the inclusion proof")
        root = root_by_inclusion(index, size, leaf, hashes)
        need(
            root == checkpoint.root,
            "the session's entry is not in the log that the checkpoint describes: expected root %s, found %s"
            % (checkpoint.root.hex(), root.hex()),
        )
        compare_closed(case)
    stated = evidence and evidence["session_closed"]
    if case.proof_closed is not None and stated:
        need(case.proof_closed == stated, "session_closed.json is not the entry in the report")
    if case.tlog_proof is not None:
        # The proof's extra line holds the entry where no other part of the pack does.
        case.proof_closed = case.proof_closed or stated or extra_of(case.tlog_proof)
        index = check_tlog_proof(case)
        need(not stated or index == evidence["log_index"], "session.tlog-proof names another place in the log")
        compare_closed(case)
    elif not stated:
        raise NotChecked("the pack holds the session's entry in the log, but no proof of it")
    name = check_signatures(case, options)
    return "the log of %s, signed by it, holds this session" % name


def extra_of(text):
    extra = TlogProof(text, "the session's proof").extra
    return utf8(extra or b"", "the extra line of the session's proof")


def missing_evidence(case):
    reason = case.report.get("evidence_missing")
    words = {
        "open": "the session was still open when the report was made",
        "not logged yet": "the session was not in the account's log yet when the report was made",
        "no log": "the account had no log when the report was made",
    }
    return words.get(reason if isinstance(reason, str) else None, "the report holds no evidence of the log")


def compare_closed(case):
    """The closing entry says of the session what the report says."""
    closed, report = case.closed, case.report
    pairs = (
        ("account", closed["account_id"], at(report, "account", "id")),
        ("agent", closed["agent_id"], at(report, "agent", "id")),
        ("session", closed["session_id"], report.get("session_id")),
        ("session", closed["session_id"], at(report, "session", "id")),
        ("root", closed["merkle_root_hex"], report.get("merkle_root_hex")),
        ("size", closed["size"], at(report, "audit_log", "event_count")),
        ("last hash", closed["head_hash"], at(report, "audit_log", "end_hash")),
        ("policy", closed["policy_sha256"], at(report, "policy", "sha256")),
        ("status", closed["status"], at(report, "session", "status")),
        ("start", presented(closed["started_at"]), at(report, "session", "started_at")),
        ("end", presented(closed["ended_at"]), at(report, "session", "ended_at")),
        ("audit key", closed["key_id"], at(report, "audit_log", "key_id")),
    )
    for what, logged, stated in pairs:
        need(same(logged, stated), "the log and the report differ in the %s: %s, %s" % (what, show(logged), show(stated)))
    says_sealed = at(report, "audit_log", "state") == "sealed"
    need(closed["seal"] is not None or not says_sealed, "the report says sealed, and no seal was logged")


def presented(moment):
    """A time as reports write it: without milliseconds where they are zero."""
    return None if moment is None else re.sub(r"\.000Z$", "Z", moment)


def state_of(closed):
    """The state of a log that was logged so, as reports name it."""
    if closed["seal"] is not None:
        return "sealed"
    return "open" if closed["ended_at"] is None else "unsealed"


def check_tlog_proof(case):
    case.closed = read_closed(case.proof_closed, "the session's entry in the log")
    text = case.proof_closed.encode("utf-8")
    proof = TlogProof(case.tlog_proof, "the session's proof")
    need(proof.extra == text, "the session's proof is about another entry")
    root = root_by_inclusion(proof.index, proof.checkpoint.size, leaf_hash(text), proof.hashes)
    need(
        root == proof.checkpoint.root,
        "the session's entry is not in the log that the checkpoint describes: expected root %s, found %s"
        % (proof.checkpoint.root.hex(), root.hex()),
    )
    case.checkpoints.append(proof.checkpoint)
    return proof.index


def check_proof_log(case, options):
    check_tlog_proof(case)
    name = check_signatures(case, options)
    return "the log of %s, signed by it, holds this session" % name


def check_signatures(case, options):
    """Every checkpoint there is signed by a given key, and no two of them contradict each other."""
    by_size = {}
    for checkpoint in case.checkpoints:
        known = by_size.setdefault((checkpoint.origin, checkpoint.size), checkpoint.root)
        need(known == checkpoint.root, "two checkpoints of one size, %d, have two roots" % checkpoint.size)
    need(len({checkpoint.origin for checkpoint in case.checkpoints}) == 1, "the checkpoints are of two logs")
    if not options.keys:
        raise NotChecked("the proof agrees with itself, but you gave no verifier key (--key) to check its signature")
    name = options.keys[0].name
    for checkpoint in case.checkpoints:
        need(checkpoint.origin == name, "the checkpoint is of the log %s, not of %s" % (checkpoint.origin, name))
        checkpoint.note.signer(options.keys, "the checkpoint")
    case.log_signed = True
    return name


def check_wide_log(case, options):
    evidence = case.report.get("evidence")
    if evidence is None:
        raise NotChecked(missing_evidence(case))
    need(
        same_names(evidence, ["checkpoint", "log_size", "origin", "verifier_key"]),
        "the report's evidence does not have its members",
    )
    checkpoint = Checkpoint(evidence["checkpoint"], "the report's checkpoint")
    case.checkpoints.append(checkpoint)
    need(
        same(checkpoint.size, evidence["log_size"]) and checkpoint.origin == evidence["origin"],
        "the checkpoint is of another log or size than the report says",
    )
    if case.multiproof is None:
        check_signatures(case, options)
        case.log_signed = False
        raise NotChecked("the sessions' entries in the log are attached to the PDF, and are not here")
    proof, indexes = case.multiproof, case.multiproof["indexes"]
    need(all(map(is_count, indexes)), "the sessions' proof names a place that no log has")
    need(all(a < b for a, b in zip(indexes, indexes[1:])), "the sessions' proof is not in the order of the log")
    need(proof["size"] == checkpoint.size, "the sessions' proof is of another size than the checkpoint")
    need(
        len(indexes) == len(case.closed_lines),
        "the sessions' proof names %d places for %d entries" % (len(indexes), len(case.closed_lines)),
    )
    hashes = read_hashes(proof["hashes"], "the sessions' proof")
    if indexes:
        leaves = {index: leaf_hash(line) for index, line in zip(indexes, case.closed_lines)}
        root = root_with(checkpoint.size, leaves, hashes)
    else:
        need(len(hashes) == (1 if checkpoint.size else 0), "the sessions' proof has the wrong number of hashes")
        root = hashes[0] if hashes else sha256(b"")
    need(
        root == checkpoint.root,
        "the sessions' entries are not in the log that the checkpoint describes: expected root %s, found %s"
        % (checkpoint.root.hex(), root.hex()),
    )
    compare_lines(case, indexes)
    name = check_signatures(case, options)
    if not indexes and case.verdicts["statement"][0] != VERIFIED:
        case.log_signed = False
        raise NotChecked("no entry of the log is about this report")
    held = "the log of %s, signed by it, holds %s" % (name, counted(len(indexes), "session of this report", "sessions of this report"))
    due, missing = unlogged(case)
    if not missing:
        return held
    return "%s. Of the %d sessions that the report calls ended or sealed, %d have no entry here" % (held, len(due), len(missing))


def unlogged(case):
    """The rows that are not open, and those of them without an entry in the log."""
    indexes = set(case.multiproof["indexes"])
    due = [row for row in case.report["sessions"] if row["state"] != "open"]
    return due, [row["id"] for row in due if row.get("log_index") not in indexes]


def compare_lines(case, indexes):
    rows = {}
    for row in case.report["sessions"]:
        index = row.get("log_index")
        if index is not None:
            need(index not in rows, "two sessions of the report have one place in the log")
            rows[index] = row
    for index, line in zip(indexes, case.closed_lines):
        closed = read_closed(utf8(line, "entry %d of the log" % index), "entry %d of the log" % index)
        row = rows.get(index)
        need(row, "entry %d of the log is of no session of the report" % index)
        pairs = (
            ("session", closed["session_id"], row["id"]),
            ("root", closed["merkle_root_hex"], row["root_hex"]),
            ("size", closed["size"], row["entries"]),
            ("agent", closed["agent_id"], row.get("agent_id")),
            ("account", closed["account_id"], at(case.report, "account", "id")),
            ("policy", closed["policy_sha256"], row.get("policy_sha256")),
            ("status", closed["status"], row.get("status")),
            ("start", presented(closed["started_at"]), row.get("started_at")),
            ("end", presented(closed["ended_at"]), row.get("ended_at")),
            ("state", state_of(closed), row["state"]),
        )
        for what, logged, stated in pairs:
            need(
                same(logged, stated),
                "entry %d of the log and the report differ in the %s: %s, %s" % (index, what, show(logged), show(stated)),
            )


def counted(number, one, many):
    return "%d %s" % (number, one if number == 1 else many)


def check_entries(case, _):
    if case.kind == "statement":
        raise NotChecked("a statement alone holds no entries")
    if case.kind == "wide":
        return check_window(case)
    if case.lines is None:
        raise NotChecked("the entries are not here; the evidence pack has them")
    whole = case.kind == "session"
    report = case.report
    if whole:
        session, agent = report["session_id"], at(report, "agent", "id")
    else:
        if case.closed is None:
            raise NotChecked("the session's entry in the log cannot be read: see log")
        closed, session, agent = case.closed, case.closed["session_id"], case.closed["agent_id"]
        need(
            0 <= case.first < case.end <= case.size or (case.first, case.end, case.size) == (0, 0, 0),
            "the proof is about the entries from %d to %d of %d" % (case.first, case.end, case.size),
        )
        need(
            len(case.lines) == case.end - case.first,
            "the proof holds %d entries, not those from %d to %d" % (len(case.lines), case.first, case.end),
        )
        case.entries = []
        for seq, line in enumerate(case.lines, case.first):
            need(len(line) <= ENTRY_LIMIT, "entry %d is longer than entries are" % seq)
            case.entries.append(read_canonical(line, "entry %d" % seq))
    previous = ZERO_HASH if case.first == 0 else None
    for seq, entry in enumerate(case.entries, case.first):
        what = "entry %d" % seq
        need(len(case.lines[seq - case.first]) <= ENTRY_LIMIT, "%s is longer than entries are" % what)
        check_entry(entry, what)
        need(entry["session_id"] == session, "%s is of another session, %s" % (what, entry["session_id"]))
        need(entry["agent_id"] == agent, "%s is of another agent, %s" % (what, entry["agent_id"]))
        need(entry["seq"] == seq, "%s has the number %d" % (what, entry["seq"]))
        need(
            previous in (None, entry["prev_hash"]),
            "%s does not follow the one before it: expected %s, found %s" % (what, previous, entry["prev_hash"]),
        )
        previous = entry["this_hash"]
    leaves = [leaf_hash(line) for line in case.lines]
    if not whole:
        return check_proved_entries(case, closed, leaves, previous)
    root = root_of(leaves).hex()
    need(
        root == report.get("merkle_root_hex"),
        "the entries give another fingerprint: expected %s, found %s" % (show(report.get("merkle_root_hex")), root),
    )
    end_hash = at(report, "audit_log", "end_hash")
    need(previous == end_hash, "the last entry is not the one that the report names: %s" % show(end_hash))
    compare_totals(case)
    return "the %s give the fingerprint that the report states, form one chain, and its totals are theirs" % (
        counted(len(leaves), "entry", "entries")
    )


def check_proved_entries(case, closed, leaves, last_hash):
    need(
        case.size == closed["size"],
        "the proof is of a session of %d entries, the log says %d" % (case.size, closed["size"]),
    )
    hashes = read_hashes(case.proof_hashes, "the proof")
    if case.kind == "event":
        root = root_by_inclusion(case.first, case.size, leaves[0], hashes)
    elif leaves:
        root = root_with(case.size, {case.first + i: leaf for i, leaf in enumerate(leaves)}, hashes)
    else:
        need(not hashes, "the proof has too many hashes")
        root = sha256(b"")
    need(
        root.hex() == closed["merkle_root_hex"],
        "the proof does not give the session's fingerprint: expected %s, found %s" % (closed["merkle_root_hex"], root.hex()),
    )
    if case.first + len(leaves) == case.size:
        need(last_hash == closed["head_hash"], "the last entry is not the one that the log names")
    if case.kind == "event":
        return "entry %d is one of the %d entries of %s" % (case.first, case.size, closed["session_id"])
    return "the entries from %d to %d are those of %s, with none left out between them" % (
        case.first,
        case.first + len(leaves),
        closed["session_id"],
    )


def compare_totals(case):
    report, entries = case.report, case.entries
    redactions = [entry for entry in entries if entry["kind"] == "redaction"]
    totals = (
        ("audit_log.event_count", len(entries), at(report, "audit_log", "event_count")),
        ("redaction_count", len(redactions), report["redaction_count"]),
        ("redactions_by_kind", tally(redactions, "entity_kind"), report["redactions_by_kind"]),
        ("redactions_by_pass", tally(redactions, "pass"), report["redactions_by_pass"]),
    )
    for name, found, stated in totals:
        need(same(found, stated), "the report's %s is %s, the entries give %s" % (name, show(stated), show(found)))


def tally(entries, name):
    counts = {}
    for entry in entries:
        counts[entry[name]] = counts.get(entry[name], 0) + 1
    return counts


def check_window(case):
    report = case.report
    sessions = report["sessions"]
    ids = [row["id"] for row in sessions]
    need(all(a < b for a, b in zip(ids, ids[1:])), "the report's sessions are not in the order of their ids")
    leaves = [
        leaf_hash(canonical({"root": row["root_hex"], "session_id": row["id"], "size": row["entries"]}).encode("utf-8"))
        for row in sessions
    ]
    root = root_of(leaves).hex()
    need(
        root == report.get("merkle_root_hex"),
        "the sessions give another fingerprint: expected %s, found %s" % (show(report.get("merkle_root_hex")), root),
    )
    entries = sum(row["entries"] for row in sessions)
    redactions = sum(row["redactions"] for row in sessions)
    totals = (
        ("sessions_total", len(sessions), report.get("sessions_total")),
        ("redaction_count", redactions, report.get("redaction_count")),
        ("redactions_by_kind", redactions, sum_of(report.get("redactions_by_kind"))),
        ("redactions_by_pass", redactions, sum_of(report.get("redactions_by_pass"))),
        ("audit_log.sessions_walked", len(sessions), at(report, "audit_log", "sessions_walked")),
        ("audit_log.entries_read", entries, at(report, "audit_log", "entries_read")),
        ("completeness.sessions_walked", len(sessions), at(report, "completeness", "sessions_walked")),
        ("completeness.entries_read", entries, at(report, "completeness", "entries_read")),
    )
    for name, found, stated in totals:
        need(same(found, stated), "the report's %s is %s, its sessions give %s" % (name, show(stated), found))
    need_statement(case)
    return "the %s give the fingerprint that the report states, and its totals are theirs" % (
        counted(len(sessions), "session", "sessions")
    )


def need_statement(case):
    """The log's entries say nothing of redactions, of open sessions, or of a session that was left out."""
    if case.verdicts["statement"][0] != VERIFIED:
        raise NotChecked("it agrees with itself, but only a statement says which sessions and figures were reported")


def sum_of(counts):
    return sum(counts.values()) if all(map(is_count, counts.values())) else None


def check_completeness(case, _):
    if case.kind == "statement":
        raise NotChecked("a statement alone says nothing of the entries")
    if case.kind == "wide":
        return check_wide_completeness(case)
    if case.kind == "event":
        raise NotChecked("the proof is about one entry")
    if case.closed is None:
        raise NotChecked("the session has no entry in the log here, which would say how many entries there are")
    if case.lines is None:
        raise NotChecked("the entries are not here; the evidence pack has them")
    if case.verdicts["log"][0] == FAILED:
        raise NotChecked("the log failed")
    there = len(case.lines)
    if case.kind == "range" and case.verdicts["entries"][0] == FAILED:
        raise NotChecked("the entries failed")
    if case.kind == "range" and there < case.size:
        raise NotChecked("the proof is about a stretch of %d of the %d entries" % (there, case.size))
    need(there == case.closed["size"], "there are %d entries, the log says %d" % (there, case.closed["size"]))
    if case.verdicts["entries"][0] == FAILED:
        raise NotChecked("the entries failed")
    if case.closed["ended_at"] is None:
        raise NotChecked("the session was not ended: entries may have followed")
    if case.closed["seal"] is None:
        raise NotChecked("the session was closed without a seal: its end may have been cut before it was logged")
    return "these are all %s; the session was closed and sealed" % counted(there, "entry", "entries")


def check_wide_completeness(case):
    if case.verdicts["log"][0] == FAILED:
        raise NotChecked("the log failed")
    if case.report.get("evidence") is None:
        raise NotChecked(missing_evidence(case))
    if case.verdicts["entries"][0] == FAILED:
        raise NotChecked("the sessions failed (entries)")
    if case.multiproof is None:
        raise NotChecked("the sessions' entries in the log are not here")
    until, made = milliseconds(at(case.report, "window", "until")), milliseconds(case.report["generated_at"])
    # Sessions may still come into a window that goes on when the report is made.
    if until is None or made is None or until > made:
        raise NotChecked("the report does not show that its window was over when it was made")
    for where, what in (
        (at(case.report, "completeness", "sessions_missing"), "of the log no longer stored"),
        (at(case.report, "completeness", "sessions_gone"), "deleted before the walk came to it"),
        (case.report.get("exceptions"), "named as an exception"),
    ):
        if where not in (None, []):
            there = counted(len(where), "session", "sessions") if isinstance(where, list) else "whatever is"
            raise NotChecked("the report does not cover %s %s" % (there, what))
    due, missing = unlogged(case)
    if missing:
        raise NotChecked(
            "%s of this report %s not in the log: %s"
            % (
                counted(len(missing), "session", "sessions"),
                "is" if len(missing) == 1 else "are",
                ", ".join(missing[:5]) + (" ..." if len(missing) > 5 else ""),
            )
        )
    closed = [read_closed(utf8(line, "it"), "it") for line in case.closed_lines]
    unsealed = [entry["session_id"] for entry in closed if entry["seal"] is None]
    if unsealed:
        raise NotChecked(
            "%s not sealed, %s first: entries may have been cut from the end before it was logged"
            % (counted(len(unsealed), "session was", "sessions were"), unsealed[0])
        )
    need_statement(case)
    return "every closed session of this report, %d, was sealed and is in the log" % len(due)


def check_witnesses(case, options):
    if not options.witnesses:
        raise NotChecked("you named no witness (--witness)")
    if case.verdicts["log"][0] != VERIFIED:
        raise NotChecked("there is no log that is verified")
    seen, absent = [], []
    for key in options.witnesses:
        times = [checkpoint.cosigned_at(key) for checkpoint in case.checkpoints]
        times = [seconds for seconds in times if seconds is not None]
        if times:
            seen.append("%s at %s" % (key.name, time_of_day(max(times))))
        else:
            absent.append(key.name)
    if absent:
        raise NotChecked("%s did not cosign this log" % ", ".join(absent))
    return "the log was seen by %s" % "; ".join(seen)


def check_pages(case, _):
    raise NotChecked(
        "nothing in the file proves what the pages and bookmarks show, or what a screen reader speaks: "
        "compare them with the attached JSON, which counts"
    )


def check_macs(case, options):
    if options.audit_keys is None:
        raise NotChecked("only the operator's audit keys can check this (--audit-key-file)")
    if case.lines is None:
        raise NotChecked("the entries are not here")
    if case.report is None and case.closed is None:
        raise NotChecked("the session's entry in the log cannot be read: see log")
    # What the report states, as far as there is one: the axis log compares it with the log's entry.
    if case.report is None:
        key_id, account, started = [case.closed[name] for name in ("key_id", "account_id", "started_at")]
    else:
        paths = (("audit_log", "key_id"), ("account", "id"), ("session", "started_at"))
        key_id, account, started = [at(case.report, *path) for path in paths]
    key = audit_key(options, key_id, account, started)
    for seq, line in enumerate(case.lines, case.first):
        entry = read_canonical(line, "entry %d" % seq)
        need(is_hex(at(entry, "prev_hash")), "entry %d has no hash before it" % seq)
        rest = {name: value for name, value in entry.items() if name not in ("prev_hash", "this_hash")}
        message = bytes.fromhex(entry["prev_hash"]) + canonical(rest).encode("utf-8")
        expected = hmac.new(key, message, hashlib.sha256).hexdigest()
        need(expected == entry.get("this_hash"), "entry %d was not written with the audit key %s" % (seq, key_id))
    if case.closed is None or case.closed["seal"] is None:
        return "every entry was written with the audit key %s; there is no seal" % key_id
    facts = {name: case.closed[name] for name in CLOSED_FIELDS if name not in ("kind", "seal")}
    sealing = audit_key(options, case.closed["key_id"], account, started)
    seal_key = hmac.new(sealing, b"masker-seal/v1", hashlib.sha256).digest()
    seal = hmac.new(seal_key, canonical(facts).encode("utf-8"), hashlib.sha256).hexdigest()
    need(seal == case.closed["seal"], "the seal was not made with the audit key %s over these facts" % key_id)
    return "every entry and the seal were written with the audit key %s" % key_id


def audit_key(options, key_id, account, started):
    """The bytes of the audit key of this id, which has to cover such a session."""
    known = options.audit_keys.get(key_id)
    if known is None:
        raise NotChecked("the file of audit keys has no key %s" % show(key_id))
    key, scope = known
    need(
        not scope["account"] or account in scope["account"],
        "the audit key %s is not one for the account %s" % (key_id, show(account)),
    )
    moment = milliseconds(started)
    need(
        all(moment is not None and moment >= time for time in scope["not_before"])
        and all(moment is not None and moment <= time for time in scope["not_after"]),
        "the audit key %s was not in force when the session started" % key_id,
    )
    return key


# --- Two reports of one session ---------------------------------------------------------------------------------------


# The longest that a report may take from reading its log to the time that it states. Within it, no order is known.
ORDER_MS = 3600000
COUNTS = ("redaction_count", "redactions_by_kind", "redactions_by_pass")


class Claim:
    """What a file says of a session's log, and whether a given key signed it."""

    def __init__(self, case):
        verdicts = case.verdicts
        by_statement = verdicts["statement"][0] == VERIFIED
        by_log = verdicts["log"][0] == VERIFIED
        self.signed = by_statement or by_log
        report = case.report if case.kind == "session" else None
        closed = (case.closed or {}) if by_log else {}
        self.session = at(report, "session_id")
        self.root = at(report, "merkle_root_hex")
        self.size = at(report, "audit_log", "event_count")
        # The axis log fails where a report says sealed and no seal was logged.
        self.sealed = closed.get("seal") is not None or at(report, "audit_log", "state") == "sealed"
        self.ended = at(report, "session", "ended_at") is not None
        self.text = utf8(case.note, "the statement") if by_statement else (case.proof_closed or at(report, "evidence", "session_closed"))
        self.checkpoints = case.checkpoints if by_log else []
        self.made = milliseconds(at(report, "generated_at")) if by_statement else None
        self.log_size = at(report, "evidence", "log_size") if by_statement and by_log else None
        whole = case.entries is not None and verdicts["entries"][0] != FAILED
        self.lines, self.entries = (case.lines, case.entries) if whole else (None, None)
        # What a session has from its start on, what a seal covers besides, and what the entries alone decide.
        paths = (("account", "id"), ("agent", "id"), ("session", "started_at"), ("audit_log", "key_id"))
        self.given = {".".join(path): at(report, *path) for path in paths}
        paths = (("session", "ended_at"), ("session", "status"), ("policy", "sha256"))
        self.covered = {".".join(path): at(report, *path) for path in paths}
        # The log's entry says nothing of the counts.
        names = COUNTS if by_statement or whole else ()
        self.figures = {name: at(report, name) for name in names}
        self.figures["end_hash"] = at(report, "audit_log", "end_hash")


def relate(cases):
    """The verdict on two files that may be about one session."""
    first, second = Claim(cases[0]), Claim(cases[1])
    for one in first.checkpoints:
        for other in second.checkpoints:
            if (one.origin, one.size) == (other.origin, other.size) and one.root != other.root:
                return contradiction(
                    "the log %s was signed at size %d with two contents" % (one.origin, one.size),
                    one.note.text,
                    other.note.text,
                )
    if None in (first.session, second.session):
        return NOT_CHECKED, "the files are not both about one session"
    if not first.signed or not second.signed:
        which = "neither file" if first.signed == second.signed else "only one of the files"
        return NOT_CHECKED, "%s is signed by a key that you gave, so they may differ for any reason" % which
    try:
        compare_log_sizes(first, second)
        if first.session != second.session:
            return NOT_CHECKED, "the files are about two sessions, %s and %s" % (first.session, second.session)
        return VERIFIED, compare_claims(first, second)
    except NotChecked as reason:
        return NOT_CHECKED, str(reason)
    except Failed as problem:
        return contradiction(str(problem), first.text, second.text)


def orders(first, second):
    """The orders in time in which two claims may have been made, each the earlier one first."""
    both = [(first, second), (second, first)]
    if None in (first.made, second.made) or abs(first.made - second.made) <= ORDER_MS:
        return both
    return both[:1] if first.made < second.made else both[1:]


def compare_log_sizes(first, second):
    """The account's log only grows, whichever sessions the reports are about."""
    if len(orders(first, second)) > 1 or None in (first.log_size, second.log_size):
        return
    earlier, later = orders(first, second)[0]
    need(later.log_size >= earlier.log_size, "the account's log had %d entries, and %d later" % (earlier.log_size, later.log_size))


def compare_claims(first, second):
    need_same(first.given, second.given, "one session has two values of %s")
    smaller, larger = (first, second) if first.size <= second.size else (second, first)
    grown = larger.size - smaller.size
    need(grown or first.root == second.root, "one log of %d entries has two fingerprints" % first.size)
    need(not grown or not smaller.sealed, "a log that was sealed with %d entries has %d" % (smaller.size, larger.size))
    reasons = [why_not(earlier, later) for earlier, later in orders(first, second)]
    need(None in reasons, "; or, the other way round, ".join(filter(None, reasons)))
    if not grown:
        need_same(first.figures, second.figures, "the same entries have two values of %s")
        if first.sealed and second.sealed:
            need_same(first.covered, second.covered, "one sealed log has two values of %s")
        return "the same log"
    if larger.lines is None:
        raise NotChecked("the entries of the larger report are not here, so it cannot be said whether it extends the other")
    need(
        root_of([leaf_hash(line) for line in larger.lines[: smaller.size]]).hex() == smaller.root,
        "the first %d of the %d entries are not those of the smaller report" % (smaller.size, larger.size),
    )
    found = figures_of(larger.entries[: smaller.size])
    need_same(smaller.figures, found, "the first %d entries give another value of %%s than the smaller report" % smaller.size)
    order = ("second", "first") if smaller is first else ("first", "second")
    return "the %s extends the %s by %s" % (*order, counted(grown, "entry", "entries"))


def why_not(earlier, later):
    """Why a later report cannot be true beside an earlier one, or None. A log only grows, until it is sealed."""
    if later.size < earlier.size:
        return "the log had %d entries, and %d later" % (earlier.size, later.size)
    if earlier.ended and not later.ended:
        return "the session had ended, and is open later"
    return "the log was sealed, and is not later" if earlier.sealed and not later.sealed else None


def need_same(one, other, problem):
    """No member that both have has two values."""
    for name in one:
        need(name not in other or same(one[name], other[name]), problem % name)


def figures_of(entries):
    redactions = [entry for entry in entries if entry["kind"] == "redaction"]
    counts = (len(redactions), tally(redactions, "entity_kind"), tally(redactions, "pass"))
    return {**dict(zip(COUNTS, counts)), "end_hash": entries[-1]["this_hash"] if entries else ZERO_HASH}


def contradiction(why, one, other):
    return FAILED, "these cannot both be true: %s. Signed: %s And: %s" % (why, show(one), show(other))


# --- From files to lines and an exit code -----------------------------------------------------------------------------


def verify(files, options):
    """`files` is one or two byte strings. Gives a list of (file number or None, axis, verdict, sentence)."""
    kinds = [recognize(data) for data in files]
    parts = list(zip(kinds, files))
    # A report as JSON and its statement are one.
    is_noted = sorted(kinds) == ["note", "report"]
    if len(files) == 2 and not is_noted and ("note" in kinds or "proof" in kinds):
        raise Usage("two files are a report (JSON) and its statement, or two reports")
    groups = [sorted(parts, reverse=True)] if is_noted else [[part] for part in parts]
    cases = [open_case(group) for group in groups]
    lines = []
    for number, case in enumerate(cases, 1):
        verdicts = examine(case, options)
        lines += [(number if len(cases) > 1 else None, axis, *verdicts[axis]) for axis in AXES]
    if len(cases) == 2:
        lines.append((None, "relation", *relate(cases)))
    return lines


def exit_code(lines, required):
    verdicts = [verdict for _, _, verdict, _ in lines]
    if FAILED in verdicts:
        return EXIT_FAILED
    if any(axis in required and verdict != VERIFIED for _, axis, verdict, _ in lines):
        return EXIT_ERROR
    if "relation" in required and all(axis != "relation" for _, axis, _, _ in lines):
        return EXIT_ERROR
    # Of two files, each has to be signed.
    files = {number for number, axis, _, _ in lines if axis != "relation"}
    proved = {
        number
        for number, axis, verdict, _ in lines
        if axis in ("statement", "entries", "log") and verdict == VERIFIED
    }
    return EXIT_DONE if proved == files else EXIT_ERROR


def printable(text):
    """Text from a file must not steer the terminal."""
    return "".join(
        char if unicodedata.category(char)[0] not in "CZ" or char == " " else char.encode("unicode_escape").decode("ascii")
        for char in text
    )


def print_lines(lines, names, as_json):
    last = None
    for number, axis, verdict, sentence in lines:
        if as_json:
            row = {"axis": axis, "verdict": verdict, "detail": sentence}
            print(json.dumps({"file": number, **row} if number else row))
            continue
        if number != last:
            print("file %d, %s" % (number, printable(names[number - 1])) if number else "both files")
        last = number
        print("%s: %s, %s" % (axis, verdict, printable(sentence)))


# --- Self-test: one bit changed in each part --------------------------------------------------------------------------

# Parts that nothing signs: a forger who packs a zip again can change them. In the zip as it is, CRC-32 covers them.
UNSIGNED = ("VERIFY.md", "verify.mjs", "verify.py", "verify.html", "report.pdf")


def self_test(files, options):
    """Changes one bit in each part, in memory. First in the file as it is, then as a forger would: in the part alone,
    with a container that was repaired around it."""
    lines = verify(files, options)
    if exit_code(lines, []) != EXIT_DONE or any(number for number, *_ in lines):
        print_lines(lines, ["the first", "the second"], False)
        print("This is no one file that is verified with what you gave, so there is nothing that a change could break.")
        return exit_code(lines, []) or EXIT_ERROR
    signed = (None, "statement", VERIFIED) in [line[:3] for line in lines]
    if not signed:
        print("No statement over the report is verified: only those of its members are changed that the log holds.")
    changes = []
    for number, data in enumerate(files):
        changes += changes_of(files, number, recognize(data), data, signed)
    uncaught = 0
    for what, source, place, examine_changed in changes:
        changed = source[:place] + bytes([source[place] ^ 1]) + source[place + 1 :]
        try:
            wrong = [(axis, sentence) for axis, verdict, sentence in examine_changed(changed, options) if verdict == FAILED]
        except Unreadable as problem:
            wrong = [("file", str(problem))]
        uncaught += not wrong
        outcome = "caught by %s: %s" % wrong[0] if wrong else "NOT CAUGHT"
        print("%s: %s" % (printable(what), printable(outcome)))
    print("%s of one bit, %d caught." % (counted(len(changes), "change", "changes"), len(changes) - uncaught))
    return EXIT_FAILED if uncaught else EXIT_DONE


def changes_of(files, number, kind, data, signed):
    """The changes to one of the files: what, the bytes, the place in them, and how to examine them when changed."""
    places = {}
    parts = take_apart(kind, data, places)

    def whole(changed, options):
        again = files[:number] + [changed] + files[number + 1 :]
        return [line[1:] for line in verify(again, options)]

    def repaired(name):
        def examine_part(changed, options):
            case = Case()
            try:
                for index, other in enumerate(files):
                    is_own = index == number
                    held = {**parts, name: changed} if is_own else take_apart(recognize(other), other)
                    assemble(case, kind if is_own else recognize(other), held)
            except Failed as problem:
                case.bytes_problem = problem
            return [(axis, *verdict) for axis, verdict in examine(case, options).items()]

        return examine_part

    for name, (begin, length) in places.items():
        if length > 0:
            place = begin + length // 2
            yield "%s, in the file as it is, byte %d" % (name, place), data, place, whole
    for place in {"pdf": (len(data) - 8, data.rfind(b" n \n") - 9), "zip": (len(data) - 6,)}.get(kind, ()):
        yield "the file's table of contents, byte %d" % place, data, place, whole
    for name, part in parts.items():
        if name not in UNSIGNED:
            for where, place in spots_of(part, signed or "report" not in name and not JSON_NAME.fullmatch(name)):
                yield "%s, %s" % (name, where), part, place, repaired(name)


SPOTS = (
    ("the report's id", rb'"id":"rep_.'),
    ("the report's root", rb'"merkle_root_hex":".'),
    ("the redactions", rb'"redaction_count":.'),
    ("the last hash", rb'"end_hash":".'),
    ("the root in the session's entry", rb'merkle_root_hex\\?":\\?".'),
    ("the seal", rb'seal\\?":\\?".'),
    ("the inclusion proof", rb'"inclusion":\["."?'),
    ("the proof", rb'"hashes":\["."?'),
    ("the checkpoint's size", rb"\\n[0-9](?=[0-9]*\\n)|\n[0-9](?=[0-9]*\n)"),
    ("the checkpoint's root", rb"(?:\\n|\n)[0-9]+(?:\\n|\n)."),
    ("a signature", rb"\xe2\x80\x94 [^ ]+ .{20}"),
    ("the index", rb"index [0-9]"),
    ("an entry's hash", rb'this_hash\\?":\\?".'),
    ("an entry's link", rb'prev_hash\\?":\\?".'),
)


# Members that only a statement covers.
STATED = ("the report's id", "the redactions")


def spots_of(part, everywhere):
    """Places in a part whose change matters most, then its first, middle and last byte."""
    found = []
    for where, pattern in SPOTS:
        match = re.search(pattern, part, re.S)
        if match and (everywhere or where not in STATED):
            found.append((where, match.end() - 1))
    if everywhere:
        size = len(part)
        found += [("byte %d" % place, place) for place in sorted({0, size // 2, size - 1}) if 0 <= place < size]
    return found


# --- The command line -------------------------------------------------------------------------------------------------


# Spaces and line ends as ECMAScript has them (its `trim`). To Python itself some control characters are spaces.
SPACES = "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"


def read_audit_keys(text):
    """Keys by id: (bytes, accounts). A line, or a part between commas, is id:hex[;account=acc_...][;not_before=...]."""
    keys = {}
    for item in re.split("[,\n]", text):
        parts = [part.strip(SPACES) for part in item.split(";")]
        if parts == [""]:
            continue
        found = re.fullmatch("([A-Za-z0-9_.-]{1,64}):((?:[0-9a-fA-F]{2}){32,})", parts[0])
        if not found:
            raise Unreadable("has a line that is not id:hex with 64 or more hex digits")
        scope = {"account": [], "not_before": [], "not_after": []}
        for part in parts[1:]:
            name, _, value = part.partition("=")
            bound = value if is_id("account")(value) else None
            if name != "account":
                bound = bound_of(value)
            if name not in scope or bound is None:
                raise Unreadable("has a scope that cannot be read, of the key %s" % found.group(1))
            scope[name].append(bound)
        scope["account"] = sorted(set(scope["account"]))
        begins, ends = scope["not_before"], scope["not_after"]
        if len(begins) > 1 or len(ends) > 1 or (ends and begins > ends):
            raise Unreadable("has times of the key %s that contradict each other" % found.group(1))
        key = (bytes.fromhex(found.group(2)), scope)
        for other, known in keys.items():
            # HMAC fills a key up with zeros, and hashes a long one: two spellings may be one key.
            same = hmac.new(known[0], b"", hashlib.sha256).digest() == hmac.new(key[0], b"", hashlib.sha256).digest()
            if other == found.group(1) and not same:
                raise Unreadable("has two keys of one id, %s" % other)
            if same and known[1] != scope:
                raise Unreadable("gives one key two scopes, %s: the wider would undo the narrower" % other)
        keys[found.group(1)] = key
    if not keys:
        raise Unreadable("has no audit key")
    return keys


def run_cases(path):
    """For tests: runs many calls of this program in one process. The file is a JSON array of arrays of arguments."""
    with open(path, encoding="utf-8") as file:
        cases = json.load(file)
    for arguments in cases:
        output, sys.stdout = sys.stdout, io.StringIO()
        errors, sys.stderr = sys.stderr, io.StringIO()
        try:
            code = main(arguments + ["--json"])
        finally:
            (output, sys.stdout), (errors, sys.stderr) = (sys.stdout, output), (sys.stderr, errors)
        lines = [json.loads(line) for line in output.getvalue().splitlines() if line.startswith("{")]
        print(json.dumps({"exit": code, "lines": lines, "problem": errors.getvalue()}))
    return EXIT_DONE


def read_keys(texts, kind):
    keys = [VerifierKey(text, kind) for text in texts]
    if kind == ED25519_KEY and len({key.name for key in keys}) > 1:
        raise Usage("the keys given with --key are of several logs; give those of one")
    return keys


def read_arguments(arguments):
    given = {"files": [], "key": [], "witness": [], "audit-key-file": [], "require": [], "self-test": [], "cases": []}
    flags = {"json": False, "help": False}
    waiting = list(arguments)
    while waiting:
        word = waiting.pop(0)
        if not word.startswith("-"):
            given["files"].append(word)
            continue
        name, has_value, value = word[2:].partition("=") if word.startswith("--") else ("", "", "")
        if name in flags and not has_value:
            flags[name] = True
        elif name in given and name != "files":
            if not has_value:
                if not waiting:
                    raise Usage("--%s needs a value" % name)
                value = waiting.pop(0)
            given[name].append(value)
        else:
            raise Usage("unknown option %s" % word)
    return given, flags


def read_file(path):
    try:
        with open(path, "rb") as file:
            data = file.read(FILE_LIMIT + 1)
    except OSError as error:
        raise Unreadable("cannot be read: %s" % error.strerror) from None
    if len(data) > FILE_LIMIT:
        raise Unreadable("is larger than %d bytes" % FILE_LIMIT)
    return data


def main(arguments):
    try:
        given, flags = read_arguments(arguments)
        if flags["help"]:
            print(__doc__)
            return EXIT_DONE
        if given["cases"]:
            return run_cases(given["cases"][0])
        required = [axis for text in given["require"] for axis in text.split(",")]
        for axis in required:
            if axis not in AXES + ("relation",):
                raise Usage("--require takes names of axes: %s" % ", ".join(AXES))
        options = Options(read_keys(given["key"], ED25519_KEY), read_keys(given["witness"], COSIGNATURE_KEY))
        paths = given["self-test"] + given["files"]
        if not 1 <= len(paths) <= 2:
            raise Usage("give one file, or two")
        path = "the files"
        try:
            for path in given["audit-key-file"]:
                options.audit_keys = read_audit_keys(read_file(path).decode("utf-8", "replace"))
            files = []
            for path in paths:
                files.append(read_file(path))
            path = " and ".join(paths)
            check_arithmetic()
            if given["self-test"]:
                return self_test(files, options)
            lines = verify(files, options)
        except Unreadable as problem:
            print("verify.py: %s %s" % (printable(path), problem), file=sys.stderr)
            return EXIT_ERROR
    except Usage as problem:
        print("verify.py: %s\n\nusage: python3 verify.py FILE [FILE] --key VERIFIER_KEY (--help says more)" % printable(str(problem)), file=sys.stderr)
        return EXIT_USAGE
    print_lines(lines, paths, flags["json"])
    return exit_code(lines, required)


if __name__ == "__main__":
    code = EXIT_ERROR
    try:
        code = main(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read the lines has read enough. Python would complain once more when it closes its output.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)
