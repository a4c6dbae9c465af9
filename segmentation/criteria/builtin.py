"""The fields Tenure knows by itself: purchases, contacts, facts, feedback, scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from customers.models import Customer
from customers.models.stats import Stage
from segmentation.criteria.fields import Choices, Field, Kind, Text, register

RFM_SEGMENTS: dict[str, Text] = {
    "champions": pgettext_lazy("RFM", "Champions"),
    "loyal": pgettext_lazy("RFM", "Loyal"),
    "potential_loyalists": pgettext_lazy("RFM", "Potential loyalists"),
    "new_customers": pgettext_lazy("RFM", "New customers"),
    "promising": pgettext_lazy("RFM", "Promising"),
    "need_attention": pgettext_lazy("RFM", "Need attention"),
    "about_to_sleep": pgettext_lazy("RFM", "About to sleep"),
    "at_risk": pgettext_lazy("RFM", "At risk"),
    "cannot_lose": pgettext_lazy("RFM", "Cannot lose them"),
    "hibernating": pgettext_lazy("RFM", "Hibernating"),
}
RISKS: dict[str, Text] = {
    "low": pgettext_lazy("risk", "Low"),
    "medium": pgettext_lazy("risk", "Medium"),
    "high": pgettext_lazy("risk", "High"),
}

# Stands where a criterion named a person who was erased since: nobody is one.
ERASED = "erased"
PURCHASES, CONTACT, FACTS = _("Purchases"), _("Contact"), _("Facts")
STANDING, FEEDBACK, FORECAST = _("Standing"), _("Feedback"), _("Forecast")


def _days_since(day: str) -> str:
    return f"{{today}} - {day}"


def _of_risk(column: str) -> str:
    return (
        f"(SELECT r.{column} FROM customers_customerrisk r "  # noqa: S608  a column's name
        "WHERE r.tenant_id = c.tenant_id AND r.customer_id = c.id)"
    )


def _choices(known: Mapping[str, Text] | Sequence[tuple[str, Text]]) -> Choices:
    return lambda: list(known.items() if isinstance(known, Mapping) else known)


def _classes() -> list[tuple[str, Text]]:
    from segmentation.models import CustomerClass

    return list(CustomerClass.objects.order_by("priority").values_list("code", "name"))


for _field in (
    Field(
        "spend_12m",
        _("spend in 12 months"),
        Kind.MONEY,
        "s.spend_12m",
        PURCHASES,
        {
            "gte": _("spent at least %(value)s in 12 months"),
            "lt": _("spent less than %(value)s in 12 months"),
        },
    ),
    Field(
        "orders_12m",
        _("orders in 12 months"),
        Kind.INT,
        "s.orders_12m",
        PURCHASES,
        {
            "gte": _("bought at least %(value)s times in 12 months"),
            "lt": _("bought less than %(value)s times in 12 months"),
        },
    ),
    Field(
        "spend",
        _("spend in all"),
        Kind.MONEY,
        "s.spend",
        PURCHASES,
        {"gte": _("spent at least %(value)s in all")},
    ),
    Field(
        "orders",
        _("orders in all"),
        Kind.INT,
        "s.orders",
        PURCHASES,
        {
            "gte": _("bought at least %(value)s times in all"),
        },
    ),
    Field(
        "has_purchase",
        _("has bought"),
        Kind.BOOL,
        "s.orders > 0",
        PURCHASES,
        {
            "true": _("has bought"),
            "false": _("has never bought"),
        },
    ),
    Field(
        "days_since_last_purchase",
        _("days since the last purchase"),
        Kind.DAYS,
        _days_since("s.last_purchase_on"),
        PURCHASES,
        {
            "lte": _("last bought at most %(value)s ago"),
            "gte": _("last bought at least %(value)s ago"),
            "is_null": _("has never bought"),
            "not_null": _("has bought"),
        },
    ),
    Field(
        "days_since_first_purchase",
        _("days since the first purchase"),
        Kind.DAYS,
        _days_since("s.first_purchase_on"),
        PURCHASES,
        {
            "lte": _("first bought at most %(value)s ago"),
            "gte": _("first bought at least %(value)s ago"),
            "is_null": _("has never bought"),
            "not_null": _("has bought"),
        },
    ),
    Field(
        "days_since_last_contact",
        _("days since the last contact"),
        Kind.DAYS,
        _days_since("(s.last_contact_at AT TIME ZONE {zone})::date"),
        CONTACT,
        {
            "lte": _("last contact at most %(value)s ago"),
            "gte": _("last contact at least %(value)s ago"),
            "is_null": _("never contacted"),
            "not_null": _("contacted before"),
        },
    ),
    Field(
        "days_since_created",
        _("days since the record was made"),
        Kind.DAYS,
        _days_since("(c.created_at AT TIME ZONE {zone})::date"),
        CONTACT,
        {
            "lte": _("known for at most %(value)s"),
            "gte": _("known for at least %(value)s"),
        },
    ),
    Field(
        ERASED,
        _("erased person"),
        Kind.BOOL,
        "NULL::bool",
        FACTS,
        {"true": _("is a person who was erased"), "false": _("is a person who was erased")},
        offered=False,
    ),
    Field("kind", _("kind"), Kind.CHOICE, "c.kind", FACTS, choices=_choices(Customer.Kind.choices)),
    Field("industry", _("industry"), Kind.TEXT, "NULLIF(c.industry, '')", FACTS),
    Field(
        "size", _("size"), Kind.CHOICE, "NULLIF(c.size, '')", FACTS, choices=_choices(Customer.Size.choices)
    ),
    Field("region", _("region"), Kind.TEXT, "NULLIF(c.region, '')", FACTS),
    Field("city", _("city"), Kind.TEXT, "NULLIF(c.city, '')", FACTS),
    Field("language", _("language"), Kind.TEXT, "NULLIF(c.language, '')", FACTS),
    Field(
        "gender",
        _("gender"),
        Kind.CHOICE,
        "NULLIF(c.gender, '')",
        FACTS,
        choices=_choices(Customer.Gender.choices),
    ),
    Field("age", _("age"), Kind.INT, "date_part('year', age({today}, c.birthday))::int", FACTS),
    Field("source", _("source"), Kind.TEXT, "NULLIF(c.source, '')", FACTS),
    Field(
        "class",
        _("class"),
        Kind.CHOICE,
        "NULLIF(s.class_code, '')",
        STANDING,
        choices=_classes,
        for_classes=False,
    ),
    Field("stage", _("stage"), Kind.CHOICE, "s.stage", STANDING, choices=_choices(Stage.choices)),
    Field(
        "rfm_segment",
        _("RFM group"),
        Kind.CHOICE,
        "NULLIF(s.rfm_segment, '')",
        STANDING,
        choices=_choices(RFM_SEGMENTS),
    ),
    Field("rfm_recency", _("RFM recency"), Kind.INT, "s.rfm_recency", STANDING),
    Field("rfm_frequency", _("RFM frequency"), Kind.INT, "s.rfm_frequency", STANDING),
    Field("rfm_monetary", _("RFM value"), Kind.INT, "s.rfm_monetary", STANDING),
    Field("satisfaction", _("satisfaction"), Kind.INT, "s.satisfaction", FEEDBACK),
    Field("open_tickets", _("open tickets"), Kind.INT, "s.open_tickets", FEEDBACK),
    Field(
        "churn_probability", _("churn probability"), Kind.PROBABILITY, _of_risk("churn_probability"), FORECAST
    ),
    Field(
        "churn_risk",
        _("churn risk"),
        Kind.CHOICE,
        f"NULLIF({_of_risk('churn_risk')}, '')",
        FORECAST,
        choices=_choices(RISKS),
    ),
    Field("value_at_risk", _("value at risk"), Kind.MONEY, _of_risk("value_at_risk"), FORECAST),
    Field(
        "expected_value",
        _("expected value"),
        Kind.MONEY,
        _of_risk("expected_value"),
        FORECAST,
        {
            "gte": _("expected to bring at least %(value)s"),
        },
    ),
):
    register(_field)
