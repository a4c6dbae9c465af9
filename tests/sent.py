"""What a browser sends of a form."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any


def sent_of(html: str) -> dict[str, Any]:
    """The values of the form that holds a record's version; none where there is no such form."""
    return next((one for one in Sent(html).forms if one.get("version")), {})


class Sent(HTMLParser):
    """What a browser sends of each form of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[dict[str, Any]] = []
        self._select = self._area = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        if tag == "form":
            self.forms.append({})
        if not self.forms:
            return
        form = self.forms[-1]
        if tag == "input" and name and "disabled" not in given:
            if given.get("type") not in ("checkbox", "radio") or "checked" in given:
                form[name] = given.get("value") or ("on" if given.get("type") == "checkbox" else "")
        elif tag == "select":
            self._select = name
            form[name] = ""
        elif tag == "option" and self._select and "selected" in given:
            form[self._select] = given.get("value") or ""
        elif tag == "textarea":
            self._area = name
            form[name] = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.forms[-1][self._area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            form, self._area = self.forms[-1], self._area and ""
            form |= {name: value.strip("\n") for name, value in form.items() if isinstance(value, str)}
        if tag == "select":
            self._select = ""
