"""Settings: the company, its members, teams, invitations and API keys; and joining by invitation."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from django.conf import settings as installed
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm import answers
from crm.access import needs, open_to_all
from crm.api.scopes import all_scopes
from crm.errors import DomainError, NotFound
from crm.models import ApiKey, Invitation, Member, Team, Tenant
from crm.models.people import Locale
from crm.people import selectors, viewing
from crm.people.forms import CompanyForm, InvitationForm, JoinForm, KeyForm, MemberForm, TeamForm
from crm.services import keys, people
from crm.tenancy import tokens
from crm.tenancy.context import tenant_context
from crm.tenancy.middleware import SESSION_KEY

form_view = require_http_methods(["GET", "POST"])


@require_GET
@needs("people.manage")
def settings(request: HttpRequest) -> HttpResponse:
    """The company, its people, teams, open invitations and keys on one page."""
    page = {
        "members": Member.objects.select_related("team"),
        "teams": Team.objects.select_related("lead"),
        "invitations": Invitation.objects.filter(accepted_at=None, withdrawn_at=None),
        "keys": ApiKey.objects.filter(revoked_at=None).select_related("member"),
    }
    template = "crm/settings/_people.html" if request.htmx else "crm/settings/home.html"
    return render(request, template, page)


@form_view
@needs("settings.manage")
def company(request: HttpRequest) -> HttpResponse:
    form = CompanyForm(request.POST or None, instance=Tenant.objects.get(pk=request.tenant.pk))
    if request.method == "POST" and form.is_valid():
        people.change_company(tenant=request.tenant, actor=request.member, **form.cleaned_data)
        return answers.go(request.headers.get("HX-Current-URL") or "/settings/")
    return answers.sheet(request, form, _("Company"))


@form_view
@needs("people.manage")
def invite(request: HttpRequest) -> HttpResponse:
    form = InvitationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            invitation, link = people.invite(actor=request.member, **form.cleaned_data)
        except DomainError as error:
            answers.refuse(form, error)
        else:
            page = {"title": _("Invited %(email)s") % {"email": invitation.email}, "secret": link}
            response = render(request, "crm/settings/_secret.html", page)
            response["HX-Trigger-After-Swap"] = "records-changed"
            return response
    return answers.sheet(request, form, _("Invite"), submit=_("Send invitation"))


@require_POST
@needs("people.manage")
def withdraw_invitation(request: HttpRequest, pk: UUID) -> HttpResponse:
    invitation = Invitation.objects.filter(pk=pk).first()
    if invitation is None:
        raise NotFound
    people.withdraw_invitation(invitation=invitation, actor=request.member)
    return answers.done(_("Invitation withdrawn"))


@form_view
@needs("people.manage")
def member(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = people.member_or_404(pk)
    form = MemberForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        fields = {name: form.cleaned_data[name] for name in form.fields}
        try:
            people.change_member(member=people.member_or_404(pk), actor=request.member, **fields)
        except DomainError as error:
            answers.refuse(form, error)
        else:
            return answers.done(_("Saved"))
    return answers.sheet(request, form, found.display_name)


@require_POST
@needs("people.manage")
def view_as(request: HttpRequest, pk: UUID) -> HttpResponse:
    """See the pages as a member sees them, to read only, for the ``minutes`` the address names."""
    minutes = request.GET.get("minutes", "")
    found = people.member_or_404(pk)
    viewing.begin(
        request.session,
        member=found,
        actor=request.member,
        minutes=int(minutes) if minutes.isdecimal() and len(minutes) < 4 else 0,
    )
    return answers.go("/")


@require_POST
@needs("today.view")
def end_view(request: HttpRequest) -> HttpResponse:
    """See one's own pages again."""
    viewing.end(request.session, actor=request.member)
    return redirect("settings")


@form_view
@needs("people.manage")
def team(request: HttpRequest, pk: UUID | None = None) -> HttpResponse:
    found = Team.objects.filter(pk=pk).first() if pk else None
    if pk and found is None:
        raise NotFound
    form = TeamForm(request.POST or None, instance=found)
    if answers.taken(form, partial(people.save_team, team=found, actor=request.member)):
        return answers.done(_("Saved"))
    return answers.sheet(request, form, found.name if found else _("New team"))


@form_view
@needs("settings.manage")
def new_key(request: HttpRequest) -> HttpResponse:
    form = KeyForm(request.POST or None, scopes=all_scopes(), initial={"member": request.member})
    if request.method == "POST" and form.is_valid():
        _key, text = keys.create_key(actor=request.member, **form.cleaned_data)
        response = render(request, "crm/settings/_secret.html", {"title": _("New API key"), "secret": text})
        response["HX-Trigger-After-Swap"] = "records-changed"
        return response
    return answers.sheet(request, form, _("New API key"), submit=_("Make the key"))


@require_POST
@needs("settings.manage")
def revoke_key(request: HttpRequest, pk: UUID) -> HttpResponse:
    key = ApiKey.objects.filter(pk=pk).first()
    if key is None:
        raise NotFound
    keys.revoke_key(key=key, actor=request.member)
    return answers.done(_("Key revoked"))


@require_POST
@open_to_all("a language is chosen before one signs in, too")
def language(request: HttpRequest) -> HttpResponse:
    """Choose one's own language: it goes with the sign-in, and with the browser before there is one."""
    viewing.check(request, "profile.change")
    choice, response = request.POST.get("language", ""), redirect(_own_page(request))
    if choice in Locale.values:
        response.set_cookie(installed.LANGUAGE_COOKIE_NAME, choice, samesite="Lax", secure=installed.HTTPS)
        if request.user.is_authenticated:
            request.user.language = choice
            request.user.save(update_fields=["language"])
    return response


def _own_page(request: HttpRequest) -> str:
    back = request.POST.get("next") or request.headers.get("Referer", "/")
    return back if url_has_allowed_host_and_scheme(back, {request.get_host()}) else "/"


@form_view
@open_to_all("an invitation's link carries its own secret")
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Accept an invitation: with the sign-in one has, in whichever company, or a new one."""
    parsed = tokens.parse(token)
    with tenant_context(parsed.tenant_id, source="web"):
        tenant = Tenant.objects.filter(pk=parsed.tenant_id, closed_at=None).first()
        if tenant is None:
            raise NotFound
        chosen = request.COOKIES.get(installed.LANGUAGE_COOKIE_NAME)
        with translation.override(chosen if chosen in Locale.values else tenant.locale):
            try:
                return _join(request, tenant, people.open_invitation(parsed))
            except people.InvitationOver as over:
                page = {"tenant": tenant, "over": over}
                return render(request, "crm/join_over.html", page, status=over.status)


def _join(request: HttpRequest, tenant: Tenant, invitation: Invitation) -> HttpResponse:
    user = request.user if request.user.is_authenticated else None
    page = {"tenant": tenant, "invitation": invitation}
    known = selectors.has_sign_in(invitation.email)
    if user.email.lower() != invitation.email if user else known:
        return render(request, "crm/join_as.html", page, status=409 if request.method == "POST" else 200)
    form = JoinForm(request.POST or None, initial={"name": user.name if user else ""})
    if user is not None:
        form.fields.pop("password")
    if request.method == "POST" and form.is_valid():
        try:
            joined = people.accept_invitation(invitation=invitation, user=user, **form.cleaned_data)
        except people.InvitationOver:
            raise  # somebody else was quicker
        except DomainError as error:
            answers.refuse(form, error)
        else:
            login(request, joined.user)
            request.session[SESSION_KEY] = str(tenant.pk)
            return redirect("/")
    return render(request, "crm/join.html", page | {"form": form}, status=422 if form.is_bound else 200)
