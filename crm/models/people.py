"""Companies, the people who sign in, and who they are in a company."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.ids import uuid7
from crm.lines import EmailLine, NameLine
from crm.people.roles import Role, Visibility, may
from crm.tenancy.fields import TenantForeignKey, TenantModel, TenantQuerySet


class Locale(models.TextChoices):
    ENGLISH = "en", "English"
    SIMPLIFIED = "zh-hans", "简体中文"
    TRADITIONAL = "zh-hant", "繁體中文"


class Tenant(models.Model):
    """A company that uses Tenure. The registry itself is global and holds nothing of its customers."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = NameLine(_("name"), max_length=200)
    slug = models.SlugField(_("short name in addresses"), max_length=50, unique=True)
    locale = models.CharField(_("language"), max_length=10, choices=Locale.choices, default=Locale.ENGLISH)
    timezone = models.CharField(_("time zone"), max_length=50, default="UTC")
    currency = models.CharField(_("currency"), max_length=3, default="USD")
    accent_color = models.CharField(
        _("accent colour"), max_length=7, default="#0f6b66", validators=[RegexValidator(r"^#[0-9a-fA-F]{6}$")]
    )
    churn_horizon_days = models.PositiveSmallIntegerField(_("churn horizon in days"), default=90)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True, editable=False)

    class Meta:
        ordering = ["name"]
        verbose_name = _("company")
        verbose_name_plural = _("companies")

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def today(self, at: datetime | None = None) -> date:
        """The company's own calendar day at a moment."""
        return (at or timezone.now()).astimezone(self.zone).date()


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save()
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person's sign-in, the same in every company: e-mail, password, factors, nothing of a tenant."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = EmailLine(_("e-mail"), unique=True)
    name = NameLine(_("name"), max_length=150, blank=True)
    language = models.CharField(_("language"), max_length=10, choices=Locale.choices, blank=True)
    is_staff = models.BooleanField(_("may enter the admin"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    date_joined = models.DateTimeField(_("joined"), auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []

    class Meta:
        verbose_name = _("sign-in")
        verbose_name_plural = _("sign-ins")
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_any_case")]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name or self.email


class Team(TenantModel):
    """Members who look after customers together."""

    name = NameLine(_("name"), max_length=100)
    lead = TenantForeignKey(
        "crm.Member", models.SET_NULL, null=True, blank=True, related_name="teams_led", verbose_name=_("lead")
    )

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="team_name_unique")]
        verbose_name = _("team")
        verbose_name_plural = _("teams")

    def __str__(self) -> str:
        return self.name


class MemberQuerySet(TenantQuerySet):
    def active(self) -> MemberQuerySet:
        return self.filter(active=True)


class Member(TenantModel):
    """A person in one company. Every owner, actor and assignee is a member."""

    user = models.ForeignKey(
        "crm.User", models.PROTECT, related_name="+", verbose_name=_("sign-in"), db_index=False
    )
    display_name = NameLine(_("name"), max_length=100)
    email = EmailLine(_("e-mail"))
    role = models.CharField(_("role"), max_length=20, choices=Role.choices, default=Role.MANAGER)
    visibility = models.CharField(
        _("sees records of"), max_length=10, choices=Visibility.choices, default=Visibility.ALL
    )
    team = TenantForeignKey(
        "crm.Team", models.SET_NULL, null=True, blank=True, related_name="members", verbose_name=_("team")
    )
    active = models.BooleanField(_("active"), default=True)
    joined_at = models.DateTimeField(_("joined"), auto_now_add=True)

    objects = MemberQuerySet.as_manager()

    class Meta:
        ordering = ["display_name", "id"]
        constraints = [models.UniqueConstraint(fields=["tenant", "user"], name="member_once_per_company")]
        verbose_name = _("member")
        verbose_name_plural = _("members")

    def __str__(self) -> str:
        return self.display_name

    def can(self, capability: str) -> bool:
        return self.active and may(self.role, capability)


class Invitation(TenantModel):
    """An offer to join a company, sent by e-mail; its secret is kept only as a hash."""

    audit_hidden = ("secret_hash",)

    class Ending(models.TextChoices):
        USED = "used", _("This invitation was used already")
        WITHDRAWN = "withdrawn", _("This invitation was withdrawn")
        EXPIRED = "expired", _("This invitation has expired")

    email = EmailLine(_("e-mail"))
    role = models.CharField(_("role"), max_length=20, choices=Role.choices, default=Role.MANAGER)
    visibility = models.CharField(
        _("sees records of"), max_length=10, choices=Visibility.choices, default=Visibility.ALL
    )
    team = TenantForeignKey(
        "crm.Team", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("team")
    )
    secret_hash = models.CharField(max_length=64, editable=False)
    invited_by = TenantForeignKey(
        "crm.Member", models.SET_NULL, null=True, related_name="+", verbose_name=_("invited by")
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires"))
    accepted_at = models.DateTimeField(_("accepted"), null=True, editable=False)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, editable=False)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "secret_hash"], name="invitation_secret_unique"),
            models.CheckConstraint(
                condition=Q(accepted_at=None) | Q(withdrawn_at=None), name="invitation_ends_one_way"
            ),
        ]

    def __str__(self) -> str:
        return self.email

    def ending(self, at: datetime) -> Ending | None:
        """How it ended by ``at``; ``None`` while it can be accepted."""
        if self.accepted_at:
            return self.Ending.USED
        if self.withdrawn_at:
            return self.Ending.WITHDRAWN
        return self.Ending.EXPIRED if self.expires_at <= at else None
