"""How figures, money and time are written for a reader, in the reader's language.

Pure functions over Babel: they take values and give text. "Today" is that of the active time zone. A
page writes hundreds of figures, so what Babel finds out about a language, a currency or a day is kept.
"""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.dates import format_skeleton, format_timedelta
from babel.numbers import get_currency_precision, get_currency_symbol
from django.utils import timezone
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

_FAR = timedelta(days=60)
_HOUR, _DAY = 3_600, 86_400


@lru_cache(maxsize=16)
def _locale_of(language: str) -> Locale:
    return Locale.parse(language, sep="-")


def _locale() -> Locale:
    return _locale_of(get_language() or "en")


def _calendar_locale() -> Locale:
    """English days are written the international way: 21 Nov 2025."""
    locale = _locale()
    return _locale_of("en-001") if locale.language == "en" and not locale.territory else locale


@lru_cache(maxsize=16)
def _marks(locale: Locale) -> dict[int, str]:
    """The language's own thousands and decimal marks, for ``str.translate``."""
    symbols = locale.number_symbols["latn"]
    return str.maketrans({",": symbols["group"], ".": symbols["decimal"]})


def _figures(value: float | Decimal, digits: int, locale: Locale) -> str:
    return f"{value:z,.{digits}f}".translate(_marks(locale))


@lru_cache(maxsize=512)
def _around(locale: Locale, currency: str, negative: bool) -> tuple[str, str]:
    """What stands before and after an amount: ("£", "")."""
    pattern = locale.currency_formats["standard"]
    # One sign for one currency, wherever it is read: CLDR writes both the yuan and the yen as "¥".
    sign = {"CNY": "¥", "JPY": "JP¥"}.get(currency) or get_currency_symbol(currency, locale=locale)
    before, after = pattern.prefix[negative], pattern.suffix[negative]
    return before.replace("¤", sign), after.replace("¤", sign)


@lru_cache(maxsize=256)
def _digits_of(currency: str) -> int:
    return get_currency_precision(currency)


def money_text(minor: int, currency: str, *, whole: bool = False) -> str:
    """``minor`` units of ``currency`` as an amount: 852012 GBP is £8,520.12.

    ``whole`` rounds to whole units, for headings and tiles.
    """
    return money_writer(currency, whole=whole)(minor)


def money_writer(currency: str, *, whole: bool = False) -> Callable[[int], str]:
    """``money_text`` for many amounts of one currency: what they share is looked up once."""
    locale, digits = _locale(), _digits_of(currency)
    shown, marks = 0 if whole else digits, _marks(locale)
    around = _around(locale, currency, False), _around(locale, currency, True)

    def write(minor: int) -> str:
        before, after = around[minor < 0]
        figures = f"{Decimal(abs(minor)).scaleb(-digits):z,.{shown}f}"
        return f"{before}{figures.translate(marks)}{after}"

    return write


def number_text(value: float | Decimal, *, digits: int = 0) -> str:
    """A number with its thousands apart; at most ``digits`` after the point."""
    text = f"{value:z,.{digits}f}"
    if digits:
        text = text.rstrip("0").rstrip(".")
    return text.translate(_marks(_locale()))


def bounded_text(count: int, *, limit: int = 10_000) -> str:
    """A count that stops being counted at ``limit``: 10,000+."""
    return f"{number_text(limit)}+" if count > limit else number_text(count)


def percent_text(share: float | Decimal, *, digits: int = 0) -> str:
    """A share of one as a percentage: 0.123 is 12%."""
    locale = _locale()
    return _figures(share * 100, digits, locale) + locale.percent_formats[None].suffix[0]


def local(at: datetime) -> datetime:
    """A moment in the active time zone."""
    return at.astimezone(timezone.get_current_timezone())


def day_of(at: datetime | date) -> date:
    """The calendar day of a moment in the active time zone; a day is itself."""
    return local(at).date() if isinstance(at, datetime) else at


def day_text(at: datetime | date, *, today: date | None = None) -> str:
    """Today, Yesterday, Tomorrow; Fri, 28 Nov within the year; else with its year."""
    return _day_text(day_of(at), today or timezone.localdate())


def date_text(on: date) -> str:
    """A calendar day for a sentence, with its year: 12 Mar 2024."""
    return _skeleton(on, "yMMMd", _calendar_locale())


def month_text(first: date) -> str:
    """A month as a heading: November 2026, 2026年11月."""
    return _skeleton(first, "yMMMM", _calendar_locale())


def weekday_names() -> list[str]:
    """The days of a week in short, from Monday."""
    names = _calendar_locale().days["stand-alone"]["abbreviated"]
    return [str(names[day]) for day in range(7)]


def tick_text(on: date, *, today: date | None = None) -> str:
    """A calendar day for a chart's axis: 12 Mar; with its year where that is not this one."""
    this_year = on.year == (today or timezone.localdate()).year
    return _skeleton(on, "MMMd" if this_year else "yMMMd", _calendar_locale())


def exact_text(at: datetime | date) -> str:
    """The whole moment, for hovering over a relative one."""
    return _exact_text(local(at)) if isinstance(at, datetime) else _skeleton(at, "yMMMEd", _calendar_locale())


def moment_text(at: datetime, *, now: datetime | None = None) -> str:
    """A moment as seen from ``now``: 12 minutes ago, tomorrow, in 3 days, 12 Mar 2024."""
    return _moment_text(local(at), local(now or timezone.now()))


def due_text(at: datetime, *, now: datetime | None = None) -> str:
    """When something is due: 14:30 today, the day otherwise; how late once it has passed."""
    return _due_text(local(at), local(now or timezone.now()))


def told_and_exact(at: datetime, *, due: bool = False) -> tuple[str, str]:
    """A moment as seen from now and as it is, with one look at the clock: a list asks for hundreds."""
    zone = timezone.get_current_timezone()
    here, now = at.astimezone(zone), datetime.now(zone)
    return (_due_text if due else _moment_text)(here, now), _exact_text(here)


# Below, every moment is local already.


def _moment_text(at: datetime, now: datetime) -> str:
    away = at - now
    if abs(away) < timedelta(minutes=1):
        return pgettext("moment", "now")
    if abs(away) > _FAR:
        return _day_text(at.date(), now.date())
    days = (at.date() - now.date()).days
    if days == 0:
        return _relative(away)
    if days == -1:
        return pgettext("moment", "yesterday")
    return pgettext("moment", "tomorrow") if days == 1 else _relative(timedelta(days=days))


def _due_text(at: datetime, now: datetime) -> str:
    if at < now:
        late = max(now - at, timedelta(minutes=1))
        return _("%(time)s late") % {"time": _relative(late, direction=False)}
    return _clock_text(at) if at.date() == now.date() else _day_text(at.date(), now.date())


def _exact_text(at: datetime) -> str:
    return f"{_skeleton(at.date(), 'yMMMEd', _calendar_locale())} {_clock_text(at)}"


def _clock_text(at: datetime) -> str:
    return f"{at.hour:02}:{at.minute:02}"


def _day_text(day: date, today: date) -> str:
    gap = (day - today).days
    if gap == 0:
        return pgettext("day", "Today")
    if gap == -1:
        return pgettext("day", "Yesterday")
    if gap == 1:
        return pgettext("day", "Tomorrow")
    return _skeleton(day, "MMMEd" if day.year == today.year else "yMMMd", _calendar_locale())


def _relative(away: timedelta, *, direction: bool = True) -> str:
    seconds = int(away.total_seconds())
    size = abs(seconds)
    unit = 60 if size < _HOUR else _HOUR if size < _DAY else _DAY
    return _told_relative(
        _locale(), seconds // unit * unit if seconds > 0 else -(size // unit * unit), direction
    )


@lru_cache(maxsize=2048)
def _told_relative(locale: Locale, seconds: int, direction: bool) -> str:
    return format_timedelta(
        seconds, granularity="minute", add_direction=direction, threshold=1, locale=locale, format="long"
    )


@lru_cache(maxsize=4096)
def _skeleton(day: date, skeleton: str, locale: Locale) -> str:
    return format_skeleton(skeleton, datetime.combine(day, time()), locale=locale)


def initials_of(name: str) -> str:
    """One or two signs that stand for a name: Ada Lovelace is AL, 王小明 is 小明.

    A Chinese name of more than four signs is a company's; its end says only that it is one.
    """
    words = name.split()
    if not words:
        return "?"
    if any("\u3400" <= sign <= "\u9fff" for sign in words[0]):
        return words[0][:2] if len(words[0]) > 4 else words[0][-2:]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()
