"""Views of lists that members keep: what is shown of which list, for whom."""

from __future__ import annotations

from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.lines import NameLine
from crm.models.people import Member
from crm.tenancy.fields import OfPeople, TenantForeignKey, TenantModel, TenantQuerySet


class SavedViewQuerySet(TenantQuerySet):
    def living(self) -> SavedViewQuerySet:
        return self.filter(deleted_at=None)

    def visible_to(self, member: Member) -> SavedViewQuerySet:
        """A member's own, those of the member's team, and everybody's."""
        return self.seen_by(member.pk, member.team_id)

    def seen_by(self, member_id: UUID, team_id: UUID | None) -> SavedViewQuerySet:
        seen = Q(owner=member_id) | Q(sharing=SavedView.Sharing.EVERYONE)
        if team_id:
            seen |= Q(sharing=SavedView.Sharing.TEAM, team=team_id)
        return self.filter(seen)


class SavedView(TenantModel):
    """A list as somebody wants to see it again: ``filters`` are names and values of its address.

    ``pinned`` shows it as a tab to everyone who sees it, unless their own ``ViewMark`` says otherwise.
    """

    of_people = OfPeople.ASKS
    impersonal = ("listing",)

    class Sharing(models.TextChoices):
        PRIVATE = "private", _("Only me")
        TEAM = "team", _("My team")
        EVERYONE = "everyone", _("Everyone")

    audit_hidden = ("version",)

    listing = models.CharField(_("list"), max_length=20, db_collation="C", editable=False)
    name = NameLine(_("name"), max_length=60)
    filters = models.JSONField(_("filters"), default=dict, blank=True)
    sort = models.CharField(_("order"), max_length=60, blank=True, default="")
    columns = models.JSONField(_("columns"), default=list, blank=True)
    sharing = models.CharField(_("seen by"), max_length=8, choices=Sharing.choices, default=Sharing.PRIVATE)
    pinned = models.BooleanField(_("shown as a tab"), default=True)
    owner = TenantForeignKey(
        "crm.Member", models.SET_NULL, null=True, related_name="+", verbose_name=_("owner"), editable=False
    )
    team = TenantForeignKey(
        "crm.Team", models.SET_NULL, null=True, related_name="+", verbose_name=_("team"), editable=False
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    deleted_at = models.DateTimeField(_("deleted"), null=True, editable=False)
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        indexes = [
            models.Index(
                fields=["tenant", "listing", "name"], condition=Q(deleted_at=None), name="saved_view_list"
            )
        ]
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")

    def __str__(self) -> str:
        return self.name


class ViewMark(TenantModel):
    """What one member made of a view: ``pinned`` where it differs from the view's own, and the list's first page."""

    audited = False
    unaudited_because = "a member's own arrangement of tabs"

    member = TenantForeignKey("crm.Member", models.CASCADE, related_name="+")
    view = TenantForeignKey("crm.SavedView", models.CASCADE, related_name="marks")
    pinned = models.BooleanField(null=True)
    default = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "member", "view"], name="view_mark_once")]
