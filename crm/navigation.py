"""The frame around every page: where one can go, what one can start, and how it looks.

A socket: each app registers its places and actions from its own ``navigation.py``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from django.http import HttpRequest
from django.urls import NoReverseMatch
from django.utils.functional import Promise
from django.utils.module_loading import autodiscover_modules

from crm.accent import Accent, accent_of
from crm.addresses import reverse
from crm.formats import bounded_text
from crm.models import Notification
from crm.people.selectors import Company, companies_of
from crm.tenancy.prepared import Prepared

MOST_UNREAD = 9

Group = Literal["place", "settings", "section", "action"]


@dataclass(frozen=True)
class Item:
    """A place in the rail, a section of Settings, or an action the palette offers before typing.

    ``keys`` is the shortcut (``"g c"``). ``sheet`` opens an action beside the page instead of leaving
    it; ``phone`` also offers it behind the phone's Add button.
    """

    key: str
    label: str | Promise
    icon: str
    url_name: str
    order: int
    capability: str = ""
    group: Group = "place"
    keys: str = ""
    sheet: bool = False
    phone: bool = False

    def __hash__(self) -> int:
        """Keys are unique; hashing the label would translate it."""
        return hash(self.key)

    @property
    def url(self) -> str:
        return reverse(self.url_name)


# Not counted by the database, which makes nothing of ten rows at most.
_UNREAD = Prepared(
    lambda member: (
        Notification.objects.filter(member=member, read_at=None)
        .order_by()
        .values_list("pk")[: MOST_UNREAD + 1]
    )
)

_items: dict[str, Item] = {}


def register(item: Item) -> Item:
    """Offer ``item`` to every member who holds its capability; keys are unique."""
    if _items.setdefault(item.key, item) != item:
        raise ValueError(f"navigation item {item.key!r} is registered twice")
    return item


def discover() -> None:
    """Load the ``navigation.py`` of every app."""
    autodiscover_modules("navigation")


def items_for(member: Any, group: Group) -> Iterator[Item]:
    """The items of ``group`` that ``member`` may use, in order."""
    for item in sorted(_items.values(), key=lambda item: item.order):
        if item.group == group and (not item.capability or member.can(item.capability)):
            yield item


@dataclass(frozen=True)
class Menu:
    """What the menus around a page show. Equal menus look alike, so what is drawn from one is kept."""

    places: tuple[Item, ...]
    settings: tuple[Item, ...]
    sections: tuple[Item, ...]
    actions: tuple[Item, ...]
    current: str
    company: str
    person: str
    search_url: str

    @property
    def phone_places(self) -> tuple[Item, ...]:
        """The two places of the phone's bar; the rest stand behind More."""
        return self.places[:2]

    @property
    def phone_actions(self) -> list[Item]:
        return [item for item in self.actions if item.phone]


@dataclass(frozen=True)
class Person:
    """What the menu behind a member's name shows. Its looks are kept like the menus'."""

    name: str
    email: str
    companies: tuple[Company, ...]


class Frame:
    """What ``base.html`` draws around one answer; nothing is worked out until it is drawn."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self.member = getattr(request, "member", None)
        self.tenant = getattr(request, "tenant", None)

    @cached_property
    def menu(self) -> Menu:
        places, settings = self._items("place"), self._items("settings")
        return Menu(
            places=places,
            settings=settings,
            sections=self._items("section"),
            actions=self._items("action"),
            current=_current(places + settings, self._request.path),
            company=str(self.tenant or ""),
            person=str(self.member or ""),
            search_url=_search_url(),
        )

    @cached_property
    def sections(self) -> list[dict[str, Any]]:
        """The tabs over every page of Settings."""
        sections = self.menu.sections
        current = _current(sections, self._request.path)
        return [{"label": one.label, "url": one.url, "current": one.key == current} for one in sections]

    @cached_property
    def companies(self) -> list[Company]:
        """The person's other companies; entering one is a new session."""
        if self.member is None or self.tenant is None:
            return []
        others = companies_of(self._request.user)
        return [company for company in others if company.tenant_id != self.tenant.id]

    @property
    def person(self) -> Person:
        return Person(str(self.member or ""), getattr(self._request.user, "email", ""), tuple(self.companies))

    @cached_property
    def unread(self) -> str:
        """How many notes the member has not read, as the bell shows it: "", "3", "9+"."""
        if self.member is None or getattr(self._request, "htmx", None):
            return ""
        waiting = len(_UNREAD(self.member.pk))
        return bounded_text(waiting, limit=MOST_UNREAD) if waiting else ""

    @property
    def accent(self) -> Accent:
        return accent_of(getattr(self.tenant, "accent_color", ""))

    @property
    def theme(self) -> str:
        return self._choice("theme", ("auto", "light", "dark"))

    @property
    def density(self) -> str:
        return self._choice("density", ("comfortable", "dense"))

    @property
    def rail(self) -> str:
        return self._choice("rail", ("wide", "narrow"))

    def _choice(self, name: str, allowed: tuple[str, ...]) -> str:
        """How this browser wants to see Tenure; set by ``preferences.js``, worth nothing to a thief."""
        value = self._request.COOKIES.get(f"tenure_{name}", "")
        return value if value in allowed else allowed[0]

    def _items(self, group: Group) -> tuple[Item, ...]:
        return tuple(items_for(self.member, group)) if self.member else ()


def _current(items: tuple[Item, ...], here: str) -> str:
    """The key of the place an address belongs to: the longest address above it."""
    above = [item for item in items if _is_above(item.url, here)]
    return max(above, key=lambda item: len(item.url)).key if above else ""


def _is_above(address: str, here: str) -> bool:
    return here == address or (address != "/" and here.startswith(address))


def _search_url() -> str:
    try:
        return reverse("search")
    except NoReverseMatch:
        return ""


def frame(request: HttpRequest) -> dict[str, Frame]:
    """Context processor: gives every template its ``frame``."""
    return {"frame": Frame(request)}
