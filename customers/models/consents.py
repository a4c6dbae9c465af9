"""What customers agreed to, and what they took back."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models import Member
from crm.tenancy.fields import TenantForeignKey, TenantModel, TenantQuerySet
from customers.models.sight import within_sight


class ConsentQuerySet(TenantQuerySet):
    def standing(self) -> ConsentQuerySet:
        """Of each person, channel and purpose the newest word: that one counts."""
        key = ("customer_id", "contact_id", "channel", "purpose")
        return self.order_by(*key, "-at", "-id").distinct(*key)

    def visible_to(self, member: Member) -> ConsentQuerySet:
        return within_sight(self, member)


class Consent(TenantModel):
    """One word about one channel and purpose: given or withdrawn, when, where from, with what proof.

    Words are only added: the newest counts, the others are its history. Without a contact it is the
    customer's own word.
    """

    class Channel(models.TextChoices):
        EMAIL = "email", pgettext_lazy("channel", "E-mail")
        PHONE = "phone", _("Phone")
        MESSAGE = "message", _("Message")
        WECHAT = "wechat", _("WeChat")
        POST = "post", pgettext_lazy("channel", "Post")

    class Purpose(models.TextChoices):
        MARKETING = "marketing", _("Advertising and offers")
        SURVEYS = "surveys", _("Surveys")
        CARE = "care", _("Greetings and care")

    class Source(models.TextChoices):
        MEMBER = "member", _("Entered by a member")
        PERSON = "person", _("The person's own link")
        FORM = "form", _("Web form")
        API = "api", _("API")
        IMPORT = "import", _("Imported file")

    customer = TenantForeignKey("customers.Customer", models.CASCADE, related_name="consents")
    contact = TenantForeignKey(
        "customers.Contact",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="consents",
        verbose_name=_("contact"),
    )
    channel = models.CharField(_("channel"), max_length=7, choices=Channel.choices)
    purpose = models.CharField(_("purpose"), max_length=9, choices=Purpose.choices)
    given = models.BooleanField(_("given"))
    at = models.DateTimeField(_("said on"), default=timezone.now)
    source = models.CharField(_("came by"), max_length=6, choices=Source.choices, default=Source.MEMBER)
    proof = models.TextField(_("proof"), blank=True, max_length=2_000)
    author = TenantForeignKey("crm.Member", models.SET_NULL, null=True, editable=False, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        indexes = [
            models.Index(
                fields=["tenant", "customer", "contact", "channel", "purpose", "-at"], name="consent_word"
            ),
            models.Index(fields=["tenant", "channel", "purpose", "customer"], name="consent_purpose"),
            models.Index(fields=["tenant", "-at", "-id"], name="consent_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} · {self.get_purpose_display()}"
