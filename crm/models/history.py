"""The history of every record: written by triggers and services, never changed."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.personal import PersonalJSON
from crm.tenancy.fields import TenantModel, TenantQuerySet


class AuditQuerySet(TenantQuerySet):
    def about(self, record: models.Model) -> AuditQuerySet:
        return self.filter(subject_type=record._meta.label_lower, subject_id=record.pk)


class AuditEntry(TenantModel):
    """One change of one row (``insert``, ``update``, ``delete``), or one deed a service names.

    ``before`` and ``after`` hold only the columns that changed. Ids are plain values, not keys: the
    history outlives what it speaks of.
    """

    impersonal = ("deed", "subject_type", "source")

    audited = False
    unaudited_because = "it is the history"

    class Kind(models.TextChoices):
        INSERT = "insert", _("Created")
        UPDATE = "update", _("Changed")
        DELETE = "delete", _("Deleted")
        DEED = "deed", _("Done")

    at = models.DateTimeField(_("moment"), default=timezone.now)
    kind = models.CharField(_("kind"), max_length=6, choices=Kind.choices)
    deed = models.CharField(_("deed"), max_length=60, blank=True)
    subject_type = models.CharField(_("type of record"), max_length=60)
    subject_id = models.UUIDField(_("record"), null=True)
    member_id = models.UUIDField(_("member"), null=True)
    request_id = models.UUIDField(_("request"), null=True)
    source = models.CharField(_("source"), max_length=10, blank=True)
    before = PersonalJSON(_("before"), null=True)
    after = PersonalJSON(_("after"), null=True)

    objects = AuditQuerySet.as_manager()

    class Meta:
        verbose_name = _("history entry")
        verbose_name_plural = _("history")
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["tenant", "subject_id", "at"], name="audit_subject"),
            models.Index(fields=["tenant", "at"], name="audit_at"),
            models.Index(
                fields=["tenant", "request_id"], condition=~Q(request_id=None), name="audit_request"
            ),
        ]

    def __str__(self) -> str:
        return self.deed or f"{self.get_kind_display()} {self.subject_type}"


class AuditSeal(TenantModel):
    """A link of the company's hash chain: entry ``position`` sealed over the link before it.

    ``hash`` covers the link before, the entry's columns and ``values_hash``; that one covers what was
    and what became, so that the chain still holds once a person's data had to be erased from an entry.
    """

    audited = False
    unaudited_because = "it seals the history"

    position = models.BigIntegerField()
    entry_id = models.UUIDField()
    values_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    sealed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "position"], name="seal_position_unique"),
            models.UniqueConstraint(fields=["tenant", "entry_id"], name="seal_entry_once"),
        ]


class AuditErasure(TenantModel):
    """Values of an entry were taken out because they spoke of a person who is erased; the entry itself stays.

    ``values_hash`` is that of what is left, and ``deed_id`` the entry that says who erased, when and why: it holds
    a digest of its erasures and is sealed itself, so that nobody can pass off a change as an erasure.
    """

    audited = False
    unaudited_because = "part of the history"

    entry_id = models.UUIDField()
    deed_id = models.UUIDField()
    values_hash = models.CharField(max_length=64)
    erased_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["tenant", "entry_id"], name="erasure_entry"),
            models.Index(fields=["tenant", "deed_id"], name="erasure_deed"),
        ]


class AuditMark(TenantModel):
    """One row per company: every entry older than ``looked_from`` is sealed, and none can still appear."""

    audited = False
    unaudited_because = "it only remembers how far the seals reach"

    looked_from = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant"], name="audit_mark_one")]
