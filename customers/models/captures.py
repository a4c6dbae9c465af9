"""What came from outside and waits for a reviewer."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.lines import NameLine
from crm.models import Member
from crm.people.roles import Visibility
from crm.personal import PersonalJSON
from crm.tenancy.fields import TenantForeignKey, TenantModel, TenantQuerySet
from customers.models.consents import Consent


class CaptureTemplateQuerySet(TenantQuerySet):
    def living(self) -> CaptureTemplateQuerySet:
        return self.filter(deleted_at=None)

    def deleted(self) -> CaptureTemplateQuerySet:
        return self.exclude(deleted_at=None)


class CaptureTemplate(TenantModel):
    """What is to be collected from somebody outside: which fields, in which order, and the page that asks for them.

    ``fields`` is a list of ``{"name", "label", "help", "required"}`` by the names of ``customers.capture.fields``;
    a blank label is the field's own. ``sites`` may show the page in a frame; none named, any may.
    """

    audit_hidden = ("secret_hash",)

    name = NameLine(_("name"), max_length=100)
    title = NameLine(_("title shown to visitors"), max_length=200)
    intro = models.TextField(_("introduction"), blank=True)
    thanks = models.CharField(_("thanks"), max_length=300, blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    fields = models.JSONField(_("fields"), default=list, blank=True)
    source = models.CharField(_("source"), max_length=100, blank=True)
    campaign = models.CharField(_("campaign"), max_length=100, blank=True)
    owner = TenantForeignKey(
        "crm.Member", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("for")
    )
    consent = models.TextField(_("consent"), blank=True)
    consent_required = models.BooleanField(_("consent is required"), default=False)
    consent_channel = models.CharField(
        _("consent is for"),
        max_length=7,
        choices=Consent.Channel.choices,
        default=Consent.Channel.EMAIL,
    )
    consent_purpose = models.CharField(
        _("consent is about"),
        max_length=9,
        choices=Consent.Purpose.choices,
        default=Consent.Purpose.MARKETING,
    )
    sites = models.JSONField(_("sites that embed it"), default=list, blank=True)
    puzzle = models.BooleanField(_("puzzle for programs"), default=False)
    active = models.BooleanField(_("open"), default=True)
    secret_hash = models.CharField(max_length=64, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    deleted_at = models.DateTimeField(_("deleted"), null=True, editable=False)

    objects = CaptureTemplateQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        verbose_name = _("capture template")
        verbose_name_plural = _("capture templates")
        constraints = [
            models.UniqueConstraint(fields=["tenant", "secret_hash"], name="capture_template_secret")
        ]

    def __str__(self) -> str:
        return self.name


class Inlet(TenantModel):
    """An address to which a WeChat account or a mail server delivers. Its secrets are derived, not kept."""

    class Kind(models.TextChoices):
        WECHAT = "wechat", _("WeChat official account")
        MAIL = "mail", _("Mailbox")

    audit_hidden = ("secret_hash",)

    kind = models.CharField(_("kind"), max_length=6, choices=Kind.choices)
    name = NameLine(_("name"), max_length=100)
    source = models.CharField(_("source"), max_length=100, blank=True)
    campaign = models.CharField(_("campaign"), max_length=100, blank=True)
    owner = TenantForeignKey(
        "crm.Member", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("for")
    )
    app_id = models.CharField(_("AppID"), max_length=64, blank=True, db_collation="C")
    active = models.BooleanField(_("open"), default=True)
    secret_hash = models.CharField(max_length=64, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        ordering = ["name", "id"]
        verbose_name = _("inlet")
        verbose_name_plural = _("inlets")
        constraints = [models.UniqueConstraint(fields=["tenant", "secret_hash"], name="inlet_secret")]

    def __str__(self) -> str:
        return self.name


class CaptureQuerySet(TenantQuerySet):
    def waiting(self) -> CaptureQuerySet:
        return self.filter(state=Capture.State.WAITING)

    def visible_to(self, member: Member) -> CaptureQuerySet:
        """Those meant for the member or the member's team, and those meant for nobody."""
        if member.visibility == Visibility.ALL:
            return self
        mine = Q(owner=None) | Q(owner=member)
        if member.visibility == Visibility.TEAM and member.team_id:
            mine |= Q(owner__team=member.team_id)
        return self.filter(mine)


class Capture(TenantModel):
    """One thing somebody outside sent us: a filled form, a partner's record, a message.

    ``values`` holds what was given by the names of ``customers.capture.fields``; ``context`` what came with it
    (address of the page, consent with its text, marks of the campaign). Until it is decided ``customer`` is
    whom it seems to come from, afterwards the record it became or joined. ``journal`` is what undoing needs.
    """

    class Channel(models.TextChoices):
        FORM = "form", _("Web form")
        API = "api", _("Partner")
        WECHAT = "wechat", _("WeChat")
        MAIL = "mail", pgettext_lazy("channel", "E-mail")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting for review")
        ACCEPTED = "accepted", _("Accepted")
        MERGED = "merged", _("Merged")
        REJECTED = "rejected", _("Rejected")

    audit_hidden = ("journal", "candidates")

    channel = models.CharField(_("channel"), max_length=8, choices=Channel.choices)
    template = TenantForeignKey(
        "customers.CaptureTemplate",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="captures",
        verbose_name=_("template"),
    )
    external_id = models.CharField(_("sender's id"), max_length=255, blank=True, db_collation="C")
    sender = models.CharField(max_length=255, blank=True, editable=False, db_collation="C")
    source = models.CharField(_("source"), max_length=100, blank=True)
    campaign = models.CharField(_("campaign"), max_length=100, blank=True)
    title = models.CharField(_("name"), max_length=200, blank=True)
    values = PersonalJSON(_("what was given"), default=dict)
    context = PersonalJSON(_("what came with it"), default=dict, blank=True)
    candidates = models.JSONField(_("possible duplicates"), default=list, blank=True)
    customer = TenantForeignKey(
        "customers.Customer",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="captures",
        verbose_name=_("customer"),
    )
    contact = TenantForeignKey(
        "customers.Contact",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("contact"),
    )
    owner = TenantForeignKey(
        "crm.Member", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("owner")
    )
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.WAITING)
    reason = models.CharField(_("why"), max_length=300, blank=True)
    received_at = models.DateTimeField(_("received"), default=timezone.now)
    decided_at = models.DateTimeField(_("decided"), null=True, editable=False)
    decided_by = TenantForeignKey("crm.Member", models.SET_NULL, null=True, editable=False, related_name="+")
    decided_in = models.UUIDField(null=True, editable=False)
    journal = models.JSONField(default=dict, editable=False)

    objects = CaptureQuerySet.as_manager()

    class Meta:
        ordering = ["-received_at", "-id"]
        verbose_name = _("capture")
        verbose_name_plural = _("captures")
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "channel", "external_id"],
                condition=~Q(external_id=""),
                name="capture_external_id_once",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", decided_at=None)
                | (~Q(state="waiting") & Q(decided_at__isnull=False)),
                name="capture_decided_at",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "state", "-received_at", "-id"], name="capture_state"),
            models.Index(fields=["tenant", "customer", "-received_at"], name="capture_customer"),
            models.Index(
                fields=["tenant", "sender", "-received_at"], condition=~Q(sender=""), name="capture_sender"
            ),
            models.Index(
                fields=["tenant", "decided_in"],
                condition=Q(decided_in__isnull=False),
                name="capture_decided_in",
            ),
        ]

    def __str__(self) -> str:
        return self.title or str(self.get_channel_display())
