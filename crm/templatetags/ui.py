"""Template tags and filters of the dashboard's pieces (``templates/ui``)."""

import json
import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache, partial
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

from django import template
from django.conf import settings
from django.contrib.messages.storage.base import Message
from django.template import Context
from django.utils import timezone
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, pgettext_lazy

from crm import formats
from crm.accent import accent_of

register = template.Library()

ICONS = Path(settings.BASE_DIR) / "node_modules/@tabler/icons/icons/outline"

RISK_WORDS = {
    "low": pgettext_lazy("risk", "Low"),
    "medium": pgettext_lazy("risk", "Medium"),
    "high": pgettext_lazy("risk", "High"),
}

CLASS_RANKS = {"key": "1", "potential": "2", "general": "3", "dormant": "4"}

HEALTH_WORDS = {
    "good": pgettext_lazy("health", "Good"),
    "fair": pgettext_lazy("health", "Fair"),
    "poor": pgettext_lazy("health", "Poor"),
}


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """Draw a Tabler icon by name. Silent to screen readers unless ``label`` says what it means."""
    return _icon(name, str(label))


@lru_cache(maxsize=2048)
def _icon(name: str, label: str) -> SafeString:
    told = format_html('role="img" aria-label="{}"', label) if label else 'aria-hidden="true"'
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75"'
        ' stroke-linecap="round" stroke-linejoin="round" {}>{}</svg>',
        SafeString(told),
        _strokes(name),
    )


def _strokes(name: str) -> SafeString:
    """The shapes inside an icon's file, without its ``<svg>``."""
    drawing = (ICONS / f"{name}.svg").read_text()
    return SafeString(drawing[drawing.index(">") + 1 : drawing.rindex("</svg>")].strip())


@register.simple_tag
def money(minor: int | None, currency: str, whole: bool = False) -> str:
    """Minor units as an amount with its currency; a dash where there is none."""
    return "–" if minor is None else formats.money_text(minor, currency, whole=whole)


@register.filter(name="money")
def money_filter(minor: int | None, currency: str) -> str:
    return money(minor, currency)


@register.simple_tag
def moment(at: datetime | None, tone: str = "") -> SafeString | str:
    """A moment as seen from now, the exact one on hover; ``tone="due"`` says how late instead."""
    if at is None:
        return "–"
    return _time_element(at, *formats.told_and_exact(at, due=tone == "due"))


@register.simple_tag
def day(at: datetime | date | None, today: date | None = None) -> SafeString | str:
    """A day: Today, Fri 28 Nov, 12 Mar 2024. Who asks for many knows ``today``."""
    if at is None or isinstance(at, datetime):
        return "–" if at is None else _time_element(at, formats.day_text(at), formats.exact_text(at))
    return _day(at, today or timezone.localdate(), get_language())


@lru_cache(maxsize=8192)
def _day(on: date, today: date, language: str | None) -> SafeString:
    """A calendar day; it depends on no time zone, but for which day is today."""
    return _time_element(on, formats.day_text(on, today=today), formats.exact_text(on))


@register.filter
def breakable(address: str) -> SafeString:
    """An e-mail address that may go on in a new line after its sign and before a dot, as a reader would break it."""
    return SafeString(re.sub(r"(@)|(?=\.)", r"\1<wbr>", escape(address)))


@register.filter
def in_full(on: date | None) -> str:
    """A calendar day within a sentence: 12 Mar 2024."""
    return "–" if on is None else formats.date_text(on)


@register.filter
def exactly(at: datetime | None) -> str:
    """A moment within a sentence, to the minute."""
    return "–" if at is None else formats.exact_text(at)


def _time_element(at: datetime | date, told: str, exact: str) -> SafeString:
    """Built without escaping: all three texts are dates, or words of our own."""
    return SafeString(f'<time datetime="{at.isoformat()}" title="{exact}">{told}</time>')


@register.filter
def number(value: float | Decimal | None, digits: int = 0) -> str:
    return "–" if value is None else formats.number_text(value, digits=digits)


@register.filter
def bounded(count: int, limit: int = 10_000) -> str:
    return formats.bounded_text(count, limit=limit)


@register.simple_tag
def count_of(listing: Any) -> str:
    """How many rows a listing matches, as far as they were counted: ``count`` up to ``count_limit``."""
    told = listing.get if isinstance(listing, dict) else partial(getattr, listing)
    count = told("count", None)
    return "" if count is None else formats.bounded_text(count, limit=told("count_limit", None) or 10_000)


@register.filter
def percent(share: float | Decimal | None, digits: int = 0) -> str:
    return "–" if share is None else formats.percent_text(share, digits=digits)


@register.filter
def initials(name: object) -> str:
    return formats.initials_of(str(name))


@register.filter
def class_rank(rank_or_code: str) -> str:
    """The weight of a class, 1 to 4, from its rank or from the code of one that Tenure ships."""
    return CLASS_RANKS.get(rank_or_code, rank_or_code if rank_or_code in CLASS_RANKS.values() else "3")


@register.filter
def risk_level(chance: float) -> str:
    """``low``, ``medium`` or ``high``, for a chance of loss from 0 to 1."""
    return "high" if chance >= 0.6 else "medium" if chance >= 0.3 else "low"


@register.filter
def risk_word(level: str) -> str:
    return str(RISK_WORDS[level])


@register.filter
def risk_tone(level: str) -> str:
    """The tone of ``ui/state.html`` for a level of risk."""
    return {"low": "good", "medium": "warn", "high": "bad"}[level]


@register.filter
def health_level(value: float) -> str:
    """``good`` from 70, ``fair`` from 40, else ``poor``."""
    return "good" if value >= 70 else "fair" if value >= 40 else "poor"


@register.filter
def health_word(level: str) -> str:
    return str(HEALTH_WORDS[level])


@register.filter
def direction(change: float) -> str:
    """``up``, ``down`` or ``flat``, by the sign of a change."""
    return "up" if change > 0 else "down" if change < 0 else "flat"


@register.filter
def magnitude(change: float) -> str:
    """A change without its sign; the arrow beside it tells the way."""
    return formats.number_text(abs(change), digits=1)


@register.filter(name="of")
def of_key(mapping: Any, key: str) -> Any:
    """What a mapping holds under a key that is only known while drawing; "" where there is nothing."""
    return mapping.get(key, "") if mapping else ""


@register.filter
def times(count: int) -> range:
    return range(int(count))


@register.filter
def in_units(percentage: float, width: float) -> str:
    """A percentage as a length of ``width`` SVG units, with a point in every language."""
    return f"{percentage * width / 100:.1f}"


@register.filter
def late(at: datetime | None) -> bool:
    """Whether a moment has passed."""
    return at is not None and at < timezone.now()


@register.filter
def by_day(entries: Iterable[Any], moment_name: str = "at") -> list[tuple[date, list[Any]]]:
    """Entries that stand in order of time, gathered by calendar day: ``[(day, entries), …]``."""
    moment_of = attrgetter(moment_name)
    days = groupby(entries, key=lambda entry: formats.day_of(moment_of(entry)))
    return [(day, list(of_day)) for day, of_day in days]


@register.filter
def json_text(value: Any) -> str:
    """A value as JSON, for ``data-`` attributes and ``hx-vals``."""
    return json.dumps(value, default=str, ensure_ascii=False)


@register.filter
def share_of(value: float, whole: float) -> float:
    """``value`` as a percentage of ``whole``, from 0 to 100, for the width of a bar."""
    return max(0.0, min(100.0, 100 * float(value) / float(whole))) if whole else 0.0


@register.filter
def polyline(values: Iterable[float], size: str = "120x28") -> str:
    """Points of a small line through ``values``, for an SVG of ``size``; two units of air around it."""
    width, height = (int(side) - 4 for side in size.split("x"))
    figures = [float(value) for value in values]
    if len(figures) < 2:
        return ""
    low, span = min(figures), (max(figures) - min(figures)) or 1
    step = width / (len(figures) - 1)
    return " ".join(
        f"{2 + index * step:.1f},{2 + height * (1 - (figure - low) / span):.1f}"
        for index, figure in enumerate(figures)
    )


@register.simple_tag(takes_context=True)
def query_with(context: Context, **changes: Any) -> str:
    """This page's query with some names changed; ``None`` takes a name out. Starts with ``?``."""
    query = _request_of(context).GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if isinstance(value, list | tuple):
            query.setlist(name, value)
        elif value is not None:
            query[name] = value
    return f"?{query.urlencode()}"


def _request_of(context: Context) -> Any:
    """The request, also inside ``{% include … only %}``, where its variable is hidden."""
    return context.get("request") or context.request


@register.filter
def accent_light(color: str) -> str:
    """A company's colour, readable on light ground; see ``crm.accent``."""
    return accent_of(color).light


@register.filter
def accent_dark(color: str) -> str:
    """A company's colour, readable on dark ground."""
    return accent_of(color).dark


@register.filter
def button_tone(tags: Iterable[str] | None, otherwise: str) -> str:
    """The tone of a button from the tags allauth gives it."""
    told = set(tags or ())
    if "danger" in told:
        return "danger"
    return "plain" if told & {"outline", "secondary", "link", "tool", "cancel"} else otherwise


@register.filter
def undo_url(message: Message) -> str:
    """The address that takes a message's deed back, from ``extra_tags="undo:/the/url/"``."""
    return message.extra_tags.partition("undo:")[2].partition(" ")[0] if message.extra_tags else ""
