"""How complete and sound a customer's record is: 0 to 100, and what would raise it.

One table of parts says what counts how much, of a company and of a person (each adds up to 100). What is filled but
cannot be true earns half. The figure is a column the database computes itself; this is its only definition.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, IntegerField, Q, SmallIntegerField, Value, When
from django.db.models.functions import Cast
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.personal import is_hidden

EMAIL = r"^[^@ ]+@[^@ ]+[.][^@ .]+$"
PHONE = r"^[1-9][0-9]{7,14}$"


@dataclass(frozen=True)
class Part:
    """A field and its points. ``blank`` stands where nothing does; ``column`` must look like ``pattern``."""

    name: str
    label: str | Promise
    company: int
    person: int
    blank: Any = ""
    column: str = ""
    pattern: str = ""

    @property
    def filled(self) -> Q:
        return Q(**{f"{self.name}__isnull": False}) if self.blank is None else ~Q(**{self.name: self.blank})

    def points(self, kind: str) -> int:
        return self.person if kind == "person" else self.company

    def earned(self, of: Any) -> int:
        """What the record ``of`` has of it, as the column does."""
        value = getattr(of, "owner_id" if self.name == "owner" else self.name)
        whole = self.points(of.kind)
        if is_hidden(self.name) and (value or self.blank is None):
            return whole  # whoever sees a mask can neither see what is wrong with it nor mend it
        if value == self.blank:
            return 0
        sound = not self.pattern or re.match(self.pattern, getattr(of, self.column)) is not None
        return whole if sound else whole // 2


PARTS = (
    Part("email", gettext_lazy("E-mail"), 20, 25, column="email_norm", pattern=EMAIL),
    Part("phone", gettext_lazy("Phone"), 20, 25, column="phone_norm", pattern=PHONE),
    Part("owner", gettext_lazy("Owner"), 10, 10, blank=None),
    Part("industry", gettext_lazy("Industry"), 10, 0),
    Part("size", gettext_lazy("Size"), 10, 0),
    Part("birthday", gettext_lazy("Birthday"), 0, 10, blank=None),
    Part("gender", gettext_lazy("Gender"), 0, 5),
    Part("language", gettext_lazy("Language"), 0, 5),
    Part("city", gettext_lazy("City"), 10, 10),
    Part("address", gettext_lazy("Address"), 5, 5),
    Part("website", gettext_lazy("Website"), 10, 0),
    Part("source", gettext_lazy("Source"), 5, 5),
)


def expression() -> Any:
    """The column: of a person's record the points of a person, else those of a company."""
    of_company, of_person = (_sum(lambda part: part.company), _sum(lambda part: part.person))
    whole = Case(When(kind="person", then=of_person), default=of_company, output_field=IntegerField())
    return Cast(whole, SmallIntegerField())


def _sum(points: Callable[[Part], int]) -> Any:
    total: Any = None
    for part in PARTS:
        if points(part):
            earned = _earned(part, points(part))
            total = earned if total is None else total + earned
    return total


def _earned(part: Part, points: int) -> Case:
    if not part.pattern:
        return Case(When(part.filled, then=Value(points)), default=Value(0), output_field=IntegerField())
    sound = part.filled & Q(**{f"{part.column}__regex": part.pattern})
    return Case(
        When(sound, then=Value(points)),
        When(part.filled, then=Value(points // 2)),
        default=Value(0),
        output_field=IntegerField(),
    )


@dataclass(frozen=True)
class Gap:
    """What would raise a record's quality, by how many points."""

    name: str
    text: str
    points: int


def gaps(of: Any) -> list[Gap]:
    """What is missing or cannot be true on a record, the weightiest first."""
    found = []
    for part in PARTS:
        whole, earned = part.points(of.kind), part.earned(of)
        if earned < whole:
            label = str(part.label)
            text = _("%(field)s does not look right") % {"field": label} if earned else label
            found.append(Gap(part.name, text, whole - earned))
    return sorted(found, key=lambda gap: -gap.points)
