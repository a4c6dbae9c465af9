"""People at a customer."""

from __future__ import annotations

from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.personal import PersonalDay, PersonalEmail, PersonalPhone, PersonalValues
from crm.tenancy.fields import TenantForeignKey, TenantModel

# A list goes by the letters a name is typed with: Chinese ones by their pinyin, among the others.
SORT_NAME = Coalesce(NullIf("pinyin", Value("")), "name_norm")


class Contact(TenantModel):
    """A person at a company we serve, with what they are to the relationship."""

    class Role(models.TextChoices):
        DECIDES = "decides", _("Decides")
        INFLUENCES = "influences", _("Influences")
        USES = "uses", _("Uses")
        PAYS = "pays", _("Pays")
        OTHER = "other", _("Other")

    audit_hidden = ("name_norm", "email_norm", "phone_norm", "pinyin", "initials")

    customer = TenantForeignKey("customers.Customer", models.CASCADE, related_name="contacts")
    name = models.CharField(_("name"), max_length=200)
    job_title = models.CharField(_("job title"), max_length=100, blank=True)
    role = models.CharField(_("role"), max_length=10, choices=Role.choices, default=Role.OTHER)
    email = PersonalEmail(_("e-mail"), max_length=254, blank=True)
    phone = PersonalPhone(_("phone"), max_length=50, blank=True)
    birthday = PersonalDay(_("birthday"), null=True, blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    primary = models.BooleanField(_("first contact"), default=False)
    custom = PersonalValues(
        _("custom fields"), default=dict, db_default=Value({}, models.JSONField()), blank=True
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)
    name_norm = models.CharField(max_length=200, blank=True, editable=False, db_collation="C")
    email_norm = PersonalEmail(max_length=254, blank=True, editable=False, db_collation="C")
    phone_norm = PersonalPhone(max_length=32, blank=True, editable=False, db_collation="C")
    pinyin = models.CharField(max_length=400, blank=True, editable=False, db_collation="C")
    initials = models.CharField(max_length=100, blank=True, editable=False, db_collation="C")

    class Meta:
        ordering = ["-primary", "name_norm", "id"]
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "customer"], condition=Q(primary=True), name="contact_one_primary"
            )
        ]
        indexes = [
            models.Index(fields=["tenant", "customer", "name_norm"], name="contact_customer"),
            models.Index(fields=["tenant", "name_norm"], name="contact_name"),
            models.Index(fields=["tenant", "email_norm"], condition=~Q(email_norm=""), name="contact_email"),
            models.Index(fields=["tenant", "phone_norm"], condition=~Q(phone_norm=""), name="contact_phone"),
            models.Index(fields=["tenant", "pinyin"], condition=~Q(pinyin=""), name="contact_pinyin"),
            models.Index(fields=["tenant", "initials"], condition=~Q(initials=""), name="contact_initials"),
            models.Index("tenant", SORT_NAME, "id", name="contact_sort_name"),
        ]

    def __str__(self) -> str:
        return self.name
