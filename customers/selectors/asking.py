"""What one can ask of customers in a filter: built-in facts and figures, and the company's own fields."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from babel.numbers import get_currency_precision
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.filtering.columns import asked_of_column, midnight
from crm.filtering.fields import NOBODY, Asker, FilterField, Kind, condition, days
from crm.filtering.grammar import Group, Item, Question, WrongFilter
from crm.models import Member
from crm.people.selectors import company_currency
from crm.personal import is_hidden
from customers import classes
from customers.custom.kinds import stored
from customers.models import Customer, CustomField
from customers.models.custom import FieldKind, RecordType
from customers.models.stats import Stage
from customers.normalize import email_norm, name_norm, phone_norm
from customers.selectors.custom import field_by_key, fields_of, may_ask
from customers.selectors.custom_search import PREFIX, Condition

STATS, CUSTOMER = "stats", "customer"
_FACTS, _FIGURES, _OWN = _("Facts"), _("Figures"), _("Fields of your own")


@dataclass(frozen=True)
class Root:
    """Where rows start: paths from there to the figures and to the customer."""

    stats: str
    customer: str
    pk: str


ROOTS = {STATS: Root("", "customer__", "customer_id"), CUSTOMER: Root("stats__", "", "pk")}


def asker_of(member: Member | None) -> Asker:
    """A member of the open company, today."""
    return Asker(member, timezone.localdate(), get_currency_precision(company_currency()))


def _column(
    table: str, column: str, kind: Kind, *, blank: Any = None, norm: Callable[[str], str] = str
) -> Callable[[str, Sequence[Any], Asker, str], Q]:
    """Questions of one column. ``blank`` is what stands where nothing does."""

    def ask(operator: str, values: Sequence[Any], asker: Asker, root: str) -> Q:
        at = ROOTS[root or STATS]
        path = f"{at.stats if table == STATS else at.customer}{column}"
        return asked_of_column(path, kind, operator, values, asker, blank=blank, norm=norm)

    return ask


def _fact(key: str, label: Any, kind: Kind = Kind.TEXT, column: str = "", **more: Any) -> FilterField:
    blank = more.pop("blank", "" if kind in (Kind.TEXT, Kind.CHOICE) else None)
    ask = _column(CUSTOMER, column or key, kind, blank=blank, norm=more.pop("norm", str))
    return FilterField(key, label, kind, ask, section=_FACTS, **more)


def _figure(key: str, label: Any, kind: Kind, column: str = "", **more: Any) -> FilterField:
    blank = "" if kind in (Kind.TEXT, Kind.CHOICE) else None
    return FilterField(
        key, label, kind, _column(STATS, column or key, kind, blank=blank), section=_FIGURES, **more
    )


def _forecast(key: str, label: Any, kind: Kind, column: str, **more: Any) -> FilterField:
    return FilterField(key, label, kind, _column(CUSTOMER, f"risk__{column}", kind), section=_FIGURES, **more)


def members() -> Iterable[tuple[str, str]]:
    active = Member.objects.active().values_list("pk", "display_name")
    return [("me", str(_("Me"))), *((str(pk), name) for pk, name in active)]


def class_choices() -> Iterable[tuple[str, str]]:
    return [(code, word.name) for code, word in classes.words().items()]


_BUILT_IN = [
    _fact("name", _("Name"), column="name_norm", norm=name_norm),
    _fact("kind", _("Kind"), Kind.CHOICE, choices=lambda: Customer.Kind.choices),
    _fact("owner", _("Owner"), Kind.MEMBER, choices=members),
    _fact("email", _("E-mail"), column="email_norm", norm=email_norm),
    _fact("phone", _("Phone"), column="phone_norm", norm=phone_norm),
    _fact("external_id", _("External id")),
    _fact("website", _("Website")),
    _fact("industry", _("Industry")),
    _fact("size", _("Size"), Kind.CHOICE, choices=lambda: Customer.Size.choices),
    _fact("region", _("Region")),
    _fact("city", _("City")),
    _fact("postcode", _("Postcode")),
    _fact("gender", _("Gender"), Kind.CHOICE, choices=lambda: Customer.Gender.choices),
    _fact("birthday", _("Birthday"), Kind.DATE),
    _fact("language", _("Language")),
    _fact("source", _("Source")),
    _fact("review", _("Review"), Kind.CHOICE, choices=lambda: Customer.Review.choices),
    _fact("quality", _("Data quality"), Kind.NUMBER),
    _fact("created", pgettext_lazy("date", "Created"), Kind.MOMENT, "created_at"),
    _fact("changed", _("Last changed"), Kind.MOMENT, "updated_at"),
    _figure("class", _("Class"), Kind.CHOICE, "class_code", choices=class_choices),
    _figure("stage", _("Stage"), Kind.CHOICE, choices=lambda: Stage.choices),
    _figure("spend", _("Spent"), Kind.MONEY),
    _figure("spend_12m", _("Spent in 12 months"), Kind.MONEY),
    _figure("orders", _("Purchases"), Kind.NUMBER),
    _figure("orders_12m", _("Purchases in 12 months"), Kind.NUMBER),
    _figure("first_purchase", _("First purchase"), Kind.DATE, "first_purchase_on"),
    _figure("last_purchase", _("Last purchase"), Kind.DATE, "last_purchase_on"),
    _figure("last_contact", _("Last contact"), Kind.MOMENT, "last_contact_at"),
    _figure("next_step", _("Next step"), Kind.MOMENT, "next_follow_up_at"),
    _figure("open_tickets", _("Open tickets"), Kind.NUMBER),
    _figure("satisfaction", _("Satisfaction"), Kind.NUMBER),
    _forecast(
        "risk",
        _("Risk"),
        Kind.CHOICE,
        "churn_risk",
        choices=lambda: [("low", _("Low")), ("medium", _("Medium")), ("high", _("High"))],
    ),
    _forecast("at_risk", _("Value at risk"), Kind.MONEY, "value_at_risk"),
]
BUILT_IN = {field.key: field for field in _BUILT_IN}


def extend(field: FilterField) -> FilterField:
    """Let customers be asked about something else, too."""
    BUILT_IN[field.key] = field
    return field


_KINDS = {
    FieldKind.TEXT: Kind.TEXT,
    FieldKind.LINK: Kind.TEXT,
    FieldKind.LONG_TEXT: Kind.LONG,
    FieldKind.NUMBER: Kind.NUMBER,
    FieldKind.MONEY: Kind.MONEY,
    FieldKind.DATE: Kind.DATE,
    FieldKind.MOMENT: Kind.MOMENT,
    FieldKind.CHOICE: Kind.CHOICE,
    FieldKind.MULTI_CHOICE: Kind.MANY,
    FieldKind.YES_NO: Kind.YES_NO,
    FieldKind.MEMBER: Kind.MEMBER,
    FieldKind.CUSTOMER: Kind.RECORD,
}


def field_named(name: str) -> FilterField | None:
    """The field of that name: ``spend``, ``custom.fee``."""
    if not name.startswith(PREFIX):
        known = NOBODY if name == NOBODY.key else BUILT_IN.get(name)
        return None if is_hidden(name) else known
    own = field_by_key(RecordType.CUSTOMER, name.removeprefix(PREFIX))
    return _own(own) if own and may_ask(own) else None


def all_fields() -> list[FilterField]:
    """Every field there is, in the order one looks for them."""
    built_in = (field for name, field in BUILT_IN.items() if not is_hidden(name))
    return [*built_in, *map(_own, filter(may_ask, fields_of(RecordType.CUSTOMER)))]


def _own(field: CustomField) -> FilterField:
    def ask(operator: str, values: Sequence[Any], asker: Asker, root: str) -> Q:
        here = OuterRef(ROOTS[root or STATS].pk)
        asked = own_conditions(field, operator, values, asker)
        found = [Q(Exists(one.of_record(here))) for one in asked]
        whole = Q()
        for one in found:
            whole &= one
        return ~whole if operator in _DENYING else whole

    choices: Any = field.labels.items if field.type.has_choices else None
    choices = members if field.type == FieldKind.MEMBER else choices
    return FilterField(
        f"{PREFIX}{field.key}", field.label, _KINDS[field.type], ask, choices=choices, section=_OWN
    )


_LOOKUPS: Mapping[str, str] = {
    "is": "exact",
    "not": "exact",
    "has": "exact",
    "lacks": "exact",
    "in": "in",
    "not_in": "in",
    "any": "in",
    "starts": "prefix",
}


def own_conditions(field: CustomField, operator: str, values: Sequence[Any], asker: Asker) -> list[Condition]:
    """The typed rows a question means; its negation where the operator denies."""
    if operator in ("empty", "filled"):
        return [Condition(field, "isnull", False)]
    if field.type in (FieldKind.DATE, FieldKind.MOMENT):
        return _own_days(field, *days(operator, values, asker.today))
    kept = [_as_stored(field, value) for value in values]
    if operator == "between":
        return [Condition(field, "gte", kept[0]), Condition(field, "lte", kept[1])]
    lookup = _LOOKUPS.get(operator, operator)
    return [Condition(field, lookup, kept if lookup == "in" else kept[0])]


def _own_days(field: CustomField, first: date | None, last: date | None) -> list[Condition]:
    moment = field.type == FieldKind.MOMENT
    found = []
    if first is not None:
        found.append(Condition(field, "gte", _iso(first, moment)))
    if last is not None:
        after = last + timedelta(days=1) if moment else last
        found.append(Condition(field, "lt" if moment else "lte", _iso(after, moment)))
    return found


def _iso(day: date, moment: bool) -> str:
    return midnight(day).isoformat() if moment else day.isoformat()


def _as_stored(field: CustomField, value: Any) -> Any:
    """A read value as the field's own values are kept, which is what ``Condition`` takes."""
    if field.type not in (FieldKind.NUMBER, FieldKind.MONEY):
        return value if isinstance(value, bool) else str(value)
    try:
        return stored(field, value)
    except ValueError as wrong:
        raise WrongFilter(f"{field.label}: {wrong}") from wrong


def answered(rows: Any, group: Group, asker: Asker, root: str = STATS) -> Any:
    """``rows`` that answer the filter."""
    return rows.filter(condition(group, field_named, asker, root)) if group.items else rows


def split(group: Group, asker: Asker) -> tuple[Group, list[Condition]]:
    """The filter without what it asks of all rows about custom fields, and that as conditions: where the list is sorted
    by such a field, one range of one index answers both.
    """
    rest: list[Item] = []
    found: list[Condition] = []
    for item in group.items:
        conditions = _conditions(item, asker)
        if conditions is None:
            rest.append(item)
        else:
            found += conditions
    return replace(group, items=tuple(rest)), found


_DENYING = frozenset({"not", "not_in", "lacks", "empty"})


def _conditions(item: Item, asker: Asker) -> list[Condition] | None:
    if not isinstance(item, Question) or not item.field.startswith(PREFIX) or item.operator in _DENYING:
        return None
    own, known = field_by_key(RecordType.CUSTOMER, item.field.removeprefix(PREFIX)), field_named(item.field)
    if own is None or known is None:
        return None
    return own_conditions(own, item.operator, known.read(item.operator, item.values, asker), asker)
