"""A file that was brought in: what was asked, what became of it."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.tenancy.fields import OfPeople, TenantForeignKey, TenantModel


class Import(TenantModel):
    """One import. Its rows' history carries the import's ``request_id``."""

    of_people = OfPeople.PARTS
    impersonal = ("kind", "path", "errors_path", "encoding", "delimiter")

    class Kind(models.TextChoices):
        CUSTOMERS = "customers", _("Customers")
        CONTACTS = "contacts", _("Contacts")
        PRODUCTS = "products", _("Products")
        PURCHASES = "purchases", _("Purchases")
        INTERACTIONS = "interactions", _("Interactions")
        VISITS = "visits", _("Visits with next steps")
        CONTRACTS = "contracts", _("Contracts")

    class Mode(models.TextChoices):
        CREATE = "create", _("Create new ones only")
        UPDATE = "update", _("Update known ones only")
        BOTH = "both", _("Create and update")

    class Unknown(models.TextChoices):
        CREATE = "create", _("Create the customer")
        REVIEW = "review", _("Create the customer for review")
        REJECT = "reject", _("Reject the row")

    class Alike(models.TextChoices):
        APART = "apart", _("A customer each")
        ONE = "one", _("One customer of each name")

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("Uploaded")
        CHECKED = "checked", _("Checked")
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", pgettext_lazy("state", "Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")
        UNDONE = "undone", _("Undone")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    file_name = models.CharField(_("file"), max_length=255)
    path = models.CharField(max_length=500, blank=True, editable=False)
    encoding = models.CharField(_("encoding"), max_length=20, default="utf-8")
    delimiter = models.CharField(_("delimiter"), max_length=1, default=",")
    mapping = models.JSONField(_("columns"), default=dict)
    mode = models.CharField(_("mode"), max_length=6, choices=Mode.choices, default=Mode.BOTH)
    key = models.CharField(_("key"), max_length=30, blank=True)
    unknown = models.CharField(
        _("unknown customers"), max_length=6, choices=Unknown.choices, default=Unknown.REJECT
    )
    alike = models.CharField(
        _("lines that look like another"), max_length=5, choices=Alike.choices, default=Alike.APART
    )
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.UPLOADED)
    counts = models.JSONField(_("counts"), default=dict)
    preview = models.JSONField(default=dict)
    errors_path = models.CharField(max_length=500, blank=True, editable=False)
    error = models.TextField(_("error"), blank=True)
    job = TenantForeignKey("crm.Job", models.SET_NULL, null=True, related_name="+")
    request_id = models.UUIDField(null=True, editable=False)
    created_by = TenantForeignKey(
        "crm.Member", models.SET_NULL, null=True, related_name="+", verbose_name=_("started by")
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True, editable=False)
    undone = models.JSONField(_("what became of the undo"), default=dict, editable=False)
    undone_at = models.DateTimeField(_("undone"), null=True, editable=False)
    undone_by = TenantForeignKey(
        "crm.Member",
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("undone by"),
    )

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        indexes = [models.Index(fields=["tenant", "-created_at"], name="import_newest")]

    def __str__(self) -> str:
        return self.file_name
