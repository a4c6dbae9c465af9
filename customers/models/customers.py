"""The customer: one record for life, from lead to lost."""

from __future__ import annotations

from django.db import models
from django.db.models import Q, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.models import Member
from crm.personal import PersonalDay, PersonalEmail, PersonalPhone, PersonalText, PersonalValues
from crm.tenancy.fields import OfPeople, TenantForeignKey, TenantModel, TenantQuerySet
from customers import quality
from customers.models.sight import within_sight


class CustomerQuerySet(TenantQuerySet):
    def living(self) -> CustomerQuerySet:
        """Not deleted. Deleted records wait to be restored."""
        return self.filter(deleted_at=None)

    def deleted(self) -> CustomerQuerySet:
        """Deleted by somebody, and restorable; what was merged into another or erased is not."""
        return self.exclude(deleted_at=None).filter(merged_into=None, erased_at=None)

    def accepted(self) -> CustomerQuerySet:
        return self.living().filter(review=Customer.Review.ACCEPTED)

    def visible_to(self, member: Member) -> CustomerQuerySet:
        """What this member's visibility lets them see: their own, their team's, or all."""
        return within_sight(self, member, "")


class Customer(TenantModel):
    """A company or person we serve, want to serve, or used to serve.

    The ``…_norm`` columns, ``pinyin`` and ``initials`` are kept by the services for searching; their
    collation is "C" so that equality and prefixes (``^@``) can use an index under the policies.
    """

    class Kind(models.TextChoices):
        COMPANY = "company", _("Company")
        PERSON = "person", _("Person")

    class Review(models.TextChoices):
        ACCEPTED = "accepted", _("Accepted")
        WAITING = "waiting", _("Waiting for review")
        REJECTED = "rejected", _("Rejected")

    class Size(models.TextChoices):
        MICRO = "1-9", _("1–9 people")
        SMALL = "10-49", _("10–49 people")
        MEDIUM = "50-249", _("50–249 people")
        LARGE = "250+", _("250 people and more")

    class Gender(models.TextChoices):
        FEMALE = "female", _("Female")
        MALE = "male", _("Male")
        OTHER = "other", _("Other")

    audit_hidden = (
        *("name_norm", "email_norm", "phone_norm", "pinyin", "initials", "updated_at", "version"),
        "quality",
    )
    of_people = OfPeople.FIGURES

    kind = models.CharField(_("kind"), max_length=7, choices=Kind.choices, default=Kind.COMPANY)
    external_id = models.CharField(_("external id"), max_length=100, blank=True, db_collation="C")
    name = models.CharField(_("name"), max_length=200)
    email = PersonalEmail(_("e-mail"), max_length=254, blank=True)
    phone = PersonalPhone(_("phone"), max_length=50, blank=True)
    website = models.CharField(_("website"), max_length=200, blank=True)
    industry = models.CharField(_("industry"), max_length=100, blank=True)
    size = models.CharField(_("size"), max_length=10, blank=True)
    region = models.CharField(_("region"), max_length=100, blank=True)
    city = models.CharField(_("city"), max_length=100, blank=True)
    postcode = PersonalText(_("postcode"), max_length=20, blank=True, default="", db_default="")
    address = PersonalText(_("address"), max_length=300, blank=True)
    birthday = PersonalDay(_("birthday"), null=True, blank=True)
    gender = models.CharField(_("gender"), max_length=10, blank=True, choices=Gender.choices)
    language = models.CharField(_("language"), max_length=10, blank=True)
    source = models.CharField(_("source"), max_length=100, blank=True)
    owner = TenantForeignKey(
        "crm.Member",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="customers",
        verbose_name=_("owner"),
    )
    review = models.CharField(_("review"), max_length=8, choices=Review.choices, default=Review.ACCEPTED)
    notes = models.TextField(_("notes"), blank=True)
    custom = PersonalValues(
        _("custom fields"), default=dict, db_default=Value({}, models.JSONField()), blank=True
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    updated_at = models.DateTimeField(_("changed"), default=timezone.now, editable=False)
    deleted_at = models.DateTimeField(_("deleted"), null=True, editable=False)
    merged_into = TenantForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="merged_records",
        verbose_name=_("merged into"),
    )
    erased_at = models.DateTimeField(_("erased"), null=True, editable=False)
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    name_norm = models.CharField(max_length=200, blank=True, editable=False, db_collation="C")
    email_norm = PersonalEmail(max_length=254, blank=True, editable=False, db_collation="C")
    phone_norm = PersonalPhone(max_length=32, blank=True, editable=False, db_collation="C")
    pinyin = models.CharField(max_length=400, blank=True, editable=False, db_collation="C")
    initials = models.CharField(max_length=100, blank=True, editable=False, db_collation="C")
    quality = models.GeneratedField(
        expression=quality.expression(),
        output_field=models.SmallIntegerField(),
        db_persist=True,
        verbose_name=_("data quality"),
    )

    objects = CustomerQuerySet.as_manager()

    class Meta:
        ordering = ["name_norm", "id"]
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "external_id"],
                condition=~Q(external_id=""),
                name="customer_external_id_unique",
            )
        ]
        indexes = [
            models.Index(
                fields=["tenant", "name_norm", "id"], condition=Q(deleted_at=None), name="customer_name"
            ),
            models.Index(
                fields=["tenant", "-created_at", "-id"], condition=Q(deleted_at=None), name="customer_newest"
            ),
            models.Index(
                fields=["tenant", "quality", "id"], condition=Q(deleted_at=None), name="customer_quality"
            ),
            models.Index(fields=["tenant", "owner", "name_norm"], name="customer_owner"),
            models.Index(fields=["tenant", "email_norm"], condition=~Q(email_norm=""), name="customer_email"),
            models.Index(fields=["tenant", "phone_norm"], condition=~Q(phone_norm=""), name="customer_phone"),
            models.Index(
                fields=["tenant", "-deleted_at"],
                condition=Q(deleted_at__isnull=False),
                name="customer_deleted",
            ),
            models.Index(fields=["tenant", "pinyin"], condition=~Q(pinyin=""), name="customer_pinyin"),
            models.Index(fields=["tenant", "initials"], condition=~Q(initials=""), name="customer_initials"),
            models.Index(
                fields=["tenant", "industry", "name_norm"],
                condition=~Q(industry=""),
                name="customer_industry",
            ),
            models.Index(
                fields=["tenant", "city", "name_norm"],
                condition=~Q(city=""),
                name="customer_city",
            ),
            models.Index(
                fields=["tenant", "region", "name_norm"],
                condition=~Q(region=""),
                name="customer_region",
            ),
            models.Index(
                fields=["tenant", "source", "name_norm"],
                condition=~Q(source=""),
                name="customer_source",
            ),
            models.Index(
                fields=["tenant", "name_norm", "id"],
                condition=Q(email_norm="", deleted_at=None),
                name="customer_without_email",
            ),
            models.Index(
                fields=["tenant", "name_norm", "id"],
                condition=Q(phone_norm="", deleted_at=None),
                name="customer_without_phone",
            ),
            models.Index(
                fields=["tenant", "review", "created_at"],
                condition=~Q(review="accepted"),
                name="customer_review",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def size_words(self) -> str:
        """The size in words; what a file called it, where it is none of ours."""
        return str(dict(self.Size.choices).get(self.size, self.size))
