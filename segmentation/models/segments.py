"""Segments: saved rules that say who is meant, counted live."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.lines import NameLine
from crm.tenancy.fields import OfPeople, TenantForeignKey, TenantModel
from segmentation.criteria import Rule, parse
from segmentation.members import customers_matching

if TYPE_CHECKING:
    from customers.models.customers import CustomerQuerySet


class Segment(TenantModel):
    """A named rule over the same criteria as classes; membership is never stored."""

    of_people = OfPeople.ASKS

    name = NameLine(_("name"), max_length=100)
    description = models.CharField(_("description"), max_length=300, blank=True)
    criteria = models.JSONField(_("criteria"), default=list)
    created_by = TenantForeignKey("crm.Member", models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering = ["name"]
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="segment_name_unique")]

    def __str__(self) -> str:
        return self.name

    @property
    def rule(self) -> Rule:
        return parse(self.criteria)

    @property
    def hidden(self) -> bool:
        """Whether its rule, and so who is in it, is kept from whoever asks now."""
        return self.rule.hidden

    def customers(self) -> CustomerQuerySet:
        """Who the segment means now; narrow it with ``visible_to`` before showing it to a member.

        Nobody, where the rule is ``hidden`` from whoever asks.
        """
        return customers_matching(self.rule)
