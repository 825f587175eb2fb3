"""HTML and SVG elements; whatever is not markup already is escaped on its way in."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TypeAlias


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


#: What an element may hold: markup, text to be escaped, numbers, nothing, or several of these.
Content: TypeAlias = "str | int | float | Iterable[Content] | None"

#: Elements without a closing tag.
_VOID = frozenset({"br", "link", "meta"})
#: Elements inside a line of text, after which no new line begins.
_INLINE = frozenset({"a", "b", "br", "code", "dfn", "small", "span", "text", "title", "td", "th"})
#: What must not stand in a page: control characters but tab and new line, halves of pairs,
#: and marks that turn the direction of the text around them.
_UNFIT = {
    **dict.fromkeys((*range(9), 11, 12, *range(13, 32), *range(127, 160)), "\ufffd"),
    **dict.fromkeys((*range(0xD800, 0xE000), 0xFFFE, 0xFFFF), "\ufffd"),
    **dict.fromkeys((0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)), "\ufffd"),
}


def safe(text: object) -> Markup:
    """Any text as it may stand in an element or between an attribute's quotes."""
    if isinstance(text, Markup):
        return text
    return Markup(escape(str(text).translate(_UNFIT), quote=True))


def joined(*content: Content) -> Markup:
    """All contents one after another, each escaped unless it is markup.

    Examples
    --------
    >>> joined("a < b ", element("b", "c & d"), None)
    'a &lt; b <b>c &amp; d</b>'
    """
    return Markup("".join(_flat(content)))


def _flat(content: Iterable[Content]) -> Iterable[str]:
    for each in content:
        if each is None:
            continue
        if isinstance(each, str | int | float):
            yield safe(each)
        else:
            yield from _flat(each)


def element(tag: str, *content: Content, **attributes: str | float | None) -> Markup:
    """One element; ``class_`` and ``aria_label`` stand for ``class`` and ``aria-label``.

    Examples
    --------
    >>> element("span", "<x>", class_='a" b', title=None)
    '<span class="a&quot; b">&lt;x&gt;</span>'
    """
    given = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{_value(value)}"'
        for name, value in attributes.items()
        if value is not None
    )
    if tag in _VOID:
        return Markup(f"<{tag}{given}>\n")
    end = "" if tag in _INLINE else "\n"
    return Markup(f"<{tag}{given}>{joined(*content)}</{tag}>{end}")


def _value(value: str | float) -> Markup:
    """Numbers short and the same everywhere."""
    return safe(value if isinstance(value, str) else f"{value:.6g}")


def percent(share: float) -> str:
    """A position across, from 0 to 1.

    Examples
    --------
    >>> percent(0.6417)
    '64.17%'
    """
    return f"{100 * share:.2f}%"
