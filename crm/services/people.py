"""Members, teams and invitations."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from crm import audit
from crm.errors import Conflict, DomainError, NotFound
from crm.models import Invitation, Member, Team, Tenant, User
from crm.people.roles import Role
from crm.services import deliveries
from crm.tenancy import tokens
from crm.tenancy.context import current

INVITATION_LASTS = timedelta(days=14)


class LastAdministrator(Conflict):
    """Somebody must stay able to manage the company."""

    code = "last_administrator"

    def __init__(self) -> None:
        super().__init__(_("This is the last administrator. Make somebody else one first."))


class InvitationOver(Conflict):
    """The invitation was used, was withdrawn or is too old: ``why`` says which."""

    code = "invitation_over"

    def __init__(self, why: Invitation.Ending) -> None:
        super().__init__(why.label)
        self.why = why


@transaction.atomic
def invite(
    *, email: str, role: str, visibility: str, team: Team | None, actor: Member
) -> tuple[Invitation, str]:
    """Offer ``email`` a place; the link goes by mail and is returned once. An older open offer ends."""
    email = email.strip().lower()
    if Member.objects.active().filter(email__iexact=email).exists():
        raise Conflict(_("%(email)s is a member already.") % {"email": email})
    now = timezone.now()
    Invitation.objects.filter(email=email, accepted_at=None, withdrawn_at=None).update(withdrawn_at=now)
    token = tokens.make(current().tenant_id)
    invitation = Invitation.objects.create(
        email=email,
        role=role,
        visibility=visibility,
        team=team,
        secret_hash=token.hash,
        invited_by=actor,
        expires_at=now + INVITATION_LASTS,
    )
    link = f"{settings.PUBLIC_URL}/join/{token.text('')}/"
    deliveries.enqueue(
        kind="email",
        dedup_key=f"invitation:{invitation.pk}",
        address=email,
        payload={
            "subject": _("%(name)s invites you to Tenure") % {"name": actor.display_name},
            "text": _("Open this link to join. It is valid for 14 days."),
            "url": link,
        },
    )
    audit.record("member.invited", invitation, actor=actor, email=email)
    return invitation, link


@transaction.atomic
def withdraw_invitation(*, invitation: Invitation, actor: Member) -> None:
    """End an open offer; its link stops working."""
    open_ones = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, withdrawn_at=None)
    if not open_ones.update(withdrawn_at=timezone.now()):
        invitation.refresh_from_db()
        _refuse_ended(invitation)
    audit.record("invitation.withdrawn", invitation, actor=actor)


def open_invitation(token: tokens.Token) -> Invitation:
    """The invitation behind a link, inside its company's context, or ``NotFound`` / ``InvitationOver``."""
    invitation = Invitation.objects.filter(secret_hash=token.hash).first()
    if invitation is None:
        raise NotFound
    _refuse_ended(invitation)
    return invitation


def _refuse_ended(invitation: Invitation) -> None:
    if why := invitation.ending(timezone.now()):
        raise InvitationOver(why)


@transaction.atomic
def accept_invitation(*, invitation: Invitation, name: str, user: User | None, password: str = "") -> Member:
    """Join: as the signed-in person whose e-mail was invited, or by making a sign-in."""
    taken = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, withdrawn_at=None)
    if not taken.update(accepted_at=timezone.now()):
        invitation.refresh_from_db()
        _refuse_ended(invitation)
    if user is None:
        user = _new_user(invitation.email, name, password)
    elif user.email.lower() != invitation.email:
        raise DomainError(
            _("This invitation is for %(email)s. Sign in with that address.") % {"email": invitation.email}
        )
    member, _created = Member.objects.update_or_create(
        user=user,
        defaults={
            "display_name": name or user.name or user.email,
            "email": user.email,
            "role": invitation.role,
            "visibility": invitation.visibility,
            "team": invitation.team,
            "active": True,
        },
    )
    audit.record("member.joined", member, actor=member)
    return member


def _new_user(email: str, name: str, password: str) -> User:
    if User.objects.filter(email__iexact=email).exists():
        raise Conflict(
            _("%(email)s has a sign-in already. Sign in first, then open the link again.") % {"email": email}
        )
    try:
        validate_password(password, User(email=email, name=name))
    except ValidationError as error:
        raise DomainError(errors={"password": list(error.messages)}) from error
    return User.objects.create_user(email, password, name=name)


@transaction.atomic
def change_member(*, member: Member, actor: Member, **fields: Any) -> Member:
    """Change role, visibility, team, name or whether the member is active."""
    if member.role == Role.ADMIN:
        keep_an_administrator(member.pk, fields.get("role", Role.ADMIN), fields.get("active", True))
    for name, value in fields.items():
        setattr(member, name, value)
    member.save(update_fields=list(fields))
    audit.record("member.changed", member, actor=actor)
    return member


def keep_an_administrator(member_id: UUID, role: str, active: bool) -> None:
    """Refuse, as ``LastAdministrator``, what would leave the company without one. Inside a transaction."""
    if role == Role.ADMIN and active:
        return
    admins = Member.objects.active().filter(role=Role.ADMIN).order_by("pk").select_for_update()
    # All of them, in one order: of two who give it up at once the second waits and is refused.
    if set(admins.values_list("pk", flat=True)) == {member_id}:
        raise LastAdministrator


@transaction.atomic
def save_team(*, team: Team | None, name: str, lead: Member | None, actor: Member) -> Team:
    """Make or change a team."""
    team = team or Team()
    team.name, team.lead = name.strip(), lead
    try:
        with transaction.atomic():
            team.save()
    except IntegrityError as error:
        raise Conflict(
            _("There is a team of that name already."), errors={"name": [_("Choose another name.")]}
        ) from error
    audit.record("team.saved", team, actor=actor)
    return team


@transaction.atomic
def change_company(*, tenant: Tenant, actor: Member, **fields: Any) -> Tenant:
    """Change the company's own settings: name, language, time zone, colour, churn horizon."""
    for name, value in fields.items():
        setattr(tenant, name, value)
    tenant.full_clean()
    stored = Tenant.objects.get(pk=tenant.pk)
    before = {name: str(getattr(stored, name)) for name in fields}
    tenant.save(update_fields=list(fields))
    changed = {n: [before[n], str(v)] for n, v in fields.items() if before[n] != str(v)}
    audit.record("company.changed", actor=actor, changed=changed)
    return tenant


def member_or_404(pk: UUID) -> Member:
    member = Member.objects.filter(pk=pk).select_related("team").first()
    if member is None:
        raise NotFound
    return member
