"""How figures, money and time are written for a reader, in the reader's language.

Pure functions over Babel: they take values and give text. "Today" is that of the active time zone.
"""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.dates import format_skeleton, format_timedelta
from babel.numbers import format_currency, format_decimal, format_percent, get_currency_precision
from django.utils import timezone
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

_FAR = timedelta(days=60)


@lru_cache(maxsize=16)
def _locale_of(language: str) -> Locale:
    return Locale.parse(language, sep="-")


def _locale() -> Locale:
    return _locale_of(get_language() or "en")


def _calendar_locale() -> Locale:
    """English days are written the international way: 21 Nov 2025."""
    locale = _locale()
    return _locale_of("en-001") if locale.language == "en" and not locale.territory else locale


def money_text(minor: int, currency: str, *, whole: bool = False) -> str:
    """``minor`` units of ``currency`` as an amount: 852012 GBP is £8,520.12.

    ``whole`` rounds to whole units, for headings and tiles.
    """
    digits = get_currency_precision(currency)
    amount = Decimal(minor).scaleb(-digits)
    text = format_currency(
        amount.quantize(Decimal(1)) if whole else amount,
        currency,
        locale=_locale(),
        currency_digits=not whole,
        format=_whole_pattern() if whole else None,
    )
    # One sign for one currency, wherever it is read: CLDR writes both the yuan and the yen as "¥".
    if currency == "JPY":
        return text if "JP¥" in text else text.replace("¥", "JP¥")
    return text.replace("CN¥", "¥")


def _whole_pattern() -> str:
    """The language's currency pattern without its fraction."""
    return _locale().currency_formats["standard"].pattern.replace(".00", "")


def number_text(value: int | float | Decimal, *, digits: int = 0) -> str:
    """A number with its thousands apart; at most ``digits`` after the point."""
    pattern = "#,##0" + ("." + "#" * digits if digits else "")
    return format_decimal(value, format=pattern, locale=_locale())


def bounded_text(count: int, *, limit: int = 10_000) -> str:
    """A count that stops being counted at ``limit``: 10,000+."""
    return f"{number_text(limit)}+" if count > limit else number_text(count)


def percent_text(share: float | Decimal, *, digits: int = 0) -> str:
    """A share of one as a percentage: 0.123 is 12%."""
    pattern = "#,##0" + ("." + "0" * digits if digits else "") + "%"
    return format_percent(share, format=pattern, locale=_locale())


def day_of(at: datetime | date) -> date:
    """The calendar day of a moment in the active time zone; a day is itself."""
    if isinstance(at, datetime):
        return timezone.localtime(at).date() if timezone.is_aware(at) else at.date()
    return at


def day_text(at: datetime | date, *, today: date | None = None) -> str:
    """Today, Yesterday, Tomorrow; Fri 28 Nov within the year; else with its year."""
    day, today = day_of(at), today or timezone.localdate()
    near = {
        0: pgettext("day", "Today"),
        -1: pgettext("day", "Yesterday"),
        1: pgettext("day", "Tomorrow"),
    }
    if (day - today).days in near:
        return near[(day - today).days]
    return _skeleton(day, "MMMEd" if day.year == today.year else "yMMMd")


def clock_text(at: datetime) -> str:
    """The time of day, 14:30."""
    return timezone.localtime(at).strftime("%H:%M")


def exact_text(at: datetime | date) -> str:
    """The whole moment, for hovering over a relative one."""
    day = _skeleton(day_of(at), "yMMMEd")
    return f"{day} {clock_text(at)}" if isinstance(at, datetime) else day


def moment_text(at: datetime, *, now: datetime | None = None) -> str:
    """A moment as seen from ``now``: 12 minutes ago, tomorrow, in 3 days, 12 Mar 2024."""
    now = now or timezone.now()
    away = at - now
    days = (day_of(at) - day_of(now)).days
    if abs(away) < timedelta(minutes=1):
        return pgettext("moment", "now")
    if abs(away) > _FAR:
        return day_text(at, today=day_of(now))
    if days == 0:
        return _relative(away)
    near = {-1: pgettext("moment", "yesterday"), 1: pgettext("moment", "tomorrow")}
    return near.get(days) or _relative(timedelta(days=days))


def due_text(at: datetime, *, now: datetime | None = None) -> str:
    """When something is due: 14:30 today, the day otherwise; how late once it has passed."""
    now = now or timezone.now()
    if at < now:
        late = _relative(now - at, direction=False)
        return _("%(time)s late") % {"time": late}
    if day_of(at) == day_of(now):
        return clock_text(at)
    return day_text(at, today=day_of(now))


def _relative(away: timedelta, *, direction: bool = True) -> str:
    return format_timedelta(away, add_direction=direction, threshold=1, locale=_locale(), format="long")


def _skeleton(day: date, skeleton: str) -> str:
    return format_skeleton(skeleton, datetime.combine(day, time()), locale=_calendar_locale())


def initials_of(name: str) -> str:
    """One or two signs that stand for a name: Ada Lovelace is AL, 王小明 is 小明."""
    words = name.split()
    if not words:
        return "?"
    if any("\u3400" <= sign <= "\u9fff" for sign in words[0]):
        return words[0][-2:]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()
