"""Lines of traces: cut from a stream, and what a line of an access log asks for."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import IO, Any

#: Bytes read at a time, and in a line at most.
CHUNK, LONGEST = 1 << 20, 1 << 16
#: Where a key, its method and its bytes are looked for, in this order.
PATH_NAMES = ("key", "path", "request_uri", "uri", "url", "target")
KEY_NAMES = (*PATH_NAMES, "object", "obj_id", "id")
METHOD_NAMES = ("method", "request_method", "http_method", "verb")
SIZE_NAMES = ("bytes", "size", "body_bytes_sent", "bytes_sent", "response_size", "obj_size")
_REQUEST = re.compile(rb'"((?:[^"\\]|\\.)*)"')
_METHOD = re.compile(rb"[A-Z][A-Z-]*\Z")

#: A key and its bytes (``nan`` if unknown); or nothing, for a method that is not wanted.
Reference = tuple[bytes, float] | None
Wanted = Callable[[str], bool]


class Unreadable(Exception):
    """A line that is not in the trace's form."""


def common(line: bytes, wanted: Wanted) -> Reference:
    """``host - user [time] "GET /path HTTP/1.1" status bytes``, and whatever follows."""
    found = _REQUEST.match(line[:LONGEST], max(line.find(b'"'), 0))
    if found is None or b"[" not in line[: found.start()] or len(line) > LONGEST:
        raise Unreadable
    request = found[1].split()
    if len(request) not in (2, 3) or not _METHOD.match(request[0]):
        raise Unreadable
    rest = line[found.end() :].split(None, 2)
    if not rest or not rest[0].isdigit():
        raise Unreadable
    if not wanted(request[0].decode("ascii")):
        return None
    told = len(rest) > 1 and rest[1].isdigit() and len(rest[1]) < 19
    return request[1], float(rest[1]) if told else float("nan")


def json_line(line: bytes, wanted: Wanted, column: str = "") -> Reference:
    """One object a line; what is asked for may stand in an object ``request`` of its own."""
    if len(line) > LONGEST:
        raise Unreadable
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        raise Unreadable from None
    if not isinstance(entry, dict):
        raise Unreadable
    request = entry.get("request")
    places = (entry, request) if isinstance(request, dict) else (entry,)
    method, key = _found(places, METHOD_NAMES), None
    if column:
        key = _found(places, (column,))
    elif (key := _found(places, PATH_NAMES)) is None and isinstance(request, str):
        words = request.split()
        if len(words) not in (2, 3):
            raise Unreadable
        method, key = words[0], words[1]
    elif key is None:
        key = _found(places, KEY_NAMES)
    if isinstance(key, bool) or not isinstance(key, str | int | float) or key == "":
        raise Unreadable
    if isinstance(method, str) and not wanted(method):
        return None
    return str(key).encode("utf-8", "surrogatepass"), size_of(_found(places, SIZE_NAMES))


def _found(places: tuple[Mapping[str, Any], ...], names: tuple[str, ...]) -> Any:
    for place in places:
        for name in names:
            if place.get(name) is not None:
                return place[name]
    return None


def size_of(value: Any) -> float:
    """Bytes, or ``nan`` where none or no sensible ones are told."""
    try:
        size = float(value)
    except (TypeError, ValueError, OverflowError):
        return float("nan")
    return size if 0 <= size < 2.0**53 else float("nan")


def pieces(stream: IO[bytes], check: Callable[[bytes], None]) -> Iterator[list[bytes]]:
    """Lines, many at a time; of one that is too long only a part, longer than allowed."""
    rest, started = b"", False
    while chunk := stream.read(CHUNK):
        if not started:
            check(chunk)
            started = True
        lines = (rest + chunk).split(b"\n")
        rest = lines.pop()[: LONGEST + 1]
        if lines:
            yield lines
    if rest:
        yield [rest]


def too_odd(line: bytes) -> bool:
    """Whether a line is no text, or longer than allowed."""
    return len(line) > LONGEST or b"\0" in line
