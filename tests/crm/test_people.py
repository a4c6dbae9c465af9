import re
from pathlib import Path

from django.conf import settings
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import SimpleTestCase
from django.urls import reverse
from django.utils import timezone

from crm.errors import Conflict
from crm.ids import uuid7
from crm.models import Delivery, Invitation, Member, Tenant
from crm.people.backends import SignIn
from crm.people.roles import ALL_CAPABILITIES, Role
from crm.people.sessions import SessionStore
from crm.saved_views.lists import _lists
from crm.services import people
from crm.tenancy import tokens
from tests import factories as make
from tests.cases import BrowserTestCase, TenantTestCase


class Capabilities(SimpleTestCase):
    """Read from the code itself."""

    def test_each_that_a_role_holds_guards_something(self):
        apps = [f.parent for f in Path(settings.BASE_DIR).glob("*/apps.py")]
        files = [f for app in apps for f in app.rglob("*.py") if f.parent.name != "migrations"]
        code = "".join(f.read_text() for f in files if f.name != "roles.py")
        named = {name for name in ALL_CAPABILITIES if f'"{name}"' in code}
        shared = {kind.manage for kind in _lists.values()}
        self.assertEqual(ALL_CAPABILITIES, named | shared)


class Members(TenantTestCase):
    def test_the_last_administrator_stays(self):
        with self.assertRaises(people.LastAdministrator):
            people.change_member(member=self.admin, actor=self.admin, role=Role.READER)
        self.assertEqual(Member.objects.get(pk=self.admin.pk).role, Role.ADMIN)
        people.change_member(member=self.lead, actor=self.admin, role=Role.ADMIN)
        people.change_member(member=self.admin, actor=self.admin, active=False)
        self.assertFalse(Member.objects.get(pk=self.admin.pk).active)

    def test_a_member_is_not_invited_again(self):
        with self.assertRaises(Conflict):
            people.invite(
                email=self.alice.email, role=Role.READER, visibility="all", team=None, actor=self.admin
            )

    def test_a_new_invitation_ends_the_older_one(self):
        for _ in range(2):
            people.invite(
                email="new@example.com", role=Role.READER, visibility="all", team=None, actor=self.admin
            )
        self.assertEqual(Invitation.objects.filter(withdrawn_at=None).count(), 1)
        self.assertEqual(Delivery.objects.filter(kind="email").count(), 2)


class Joining(BrowserTestCase):
    def invite(self, email: str = "new@example.com") -> str:
        client = self.sign_in(self.admin)
        form = {"email": email, "role": "manager", "visibility": "own"}
        answer = client.post(reverse("invite"), form)
        client.logout()
        return re.search(r"/join/[^\"/]+/", answer.content.decode())[0]

    def test_a_person_joins_by_the_link_once(self):
        link = self.invite()
        form = {"name": "Newt", "password": "a quite long phrase"}
        self.assertRedirects(self.client.post(link, form), "/", fetch_redirect_response=False)
        self.assertContains(self.client.get("/"), "Newt")
        with self.inside():
            joined = Member.objects.get(email="new@example.com")
            self.assertEqual((joined.role, joined.visibility), (Role.MANAGER, "own"))
        self.client.logout()
        self.assert_over(link, "This invitation was used already", "sign in with the address it was sent to")
        self.assertNotContains(self.client.get(link), "new@example.com", status_code=409)
        self.assertContains(self.client.post(link, form), "used already", status_code=409)

    def assert_over(self, link: str, heading: str, advice: str) -> None:
        """The page says which end the invitation had, what to do, and leads to signing in."""
        page = self.client.get(link)
        self.assertContains(page, f"<h1>{heading}</h1>", html=True, status_code=409)
        self.assertContains(page, advice, status_code=409)
        self.assertContains(page, f'href="{reverse("account_login")}"', status_code=409)

    def test_an_invitation_that_was_withdrawn_or_replaced_says_so(self):
        link = self.invite()
        newer = self.invite()
        self.assert_over(link, "This invitation was withdrawn", "A newer one may have taken its place")
        client = self.sign_in(self.admin)
        with self.inside():
            pk = Invitation.objects.get(withdrawn_at=None).pk
        client.post(reverse("withdraw-invitation", args=[pk]))
        self.assertContains(client.get(newer), 'href="/">To Today', status_code=409)
        again = client.post(reverse("withdraw-invitation", args=[pk]), headers={"HX-Request": "true"})
        self.assertContains(again, "This invitation was withdrawn", status_code=409)

    def test_an_invitation_that_is_too_old_says_so_in_the_chosen_language(self):
        link = self.invite()
        with self.inside():
            Invitation.objects.update(expires_at=timezone.now())
        self.assert_over(link, "This invitation has expired", f"administrator of {self.acme.name}")
        for language, words in (("zh-hans", "此邀请已过期"), ("zh-hant", "此邀請已過期")):
            self.client.cookies["django_language"] = language
            self.assertContains(self.client.get(link), words, status_code=409)

    def test_of_two_who_join_at_once_the_second_reads_that_it_was_used(self):
        self.invite()
        with self.inside():
            seen = Invitation.objects.get()
            Invitation.objects.update(accepted_at=timezone.now())
            with self.assertRaisesMessage(people.InvitationOver, "This invitation was used already"):
                people.accept_invitation(
                    invitation=seen, name="Late", user=None, password="a quite long phrase"
                )

    def test_who_signs_in_to_another_company_joins_this_one_too(self):
        link = self.invite(self.mallory.user.email)
        self.assertContains(self.client.get(link), f"/accounts/login/?next={link}")
        self.assertEqual(
            self.client.post(link, {"name": "M", "password": "a quite long phrase"}).status_code, 409
        )

        client = self.sign_in(self.mallory)
        self.assertEqual(client.get(link).status_code, 200)
        self.assertRedirects(client.post(link, {"name": "Mallory here"}), "/", fetch_redirect_response=False)

        self.assertContains(client.get("/"), "Mallory here")
        with self.inside():
            self.assertEqual(Member.objects.get(user=self.mallory.user).role, Role.MANAGER)
        with self.inside(self.other):
            self.assertTrue(Member.objects.active().filter(pk=self.mallory.pk).exists())

    def test_nobody_joins_by_another_sign_in(self):
        link = self.invite()
        client = self.sign_in(self.mallory)
        self.assertContains(client.get(link), self.mallory.user.email)
        self.assertEqual(client.post(link, {"name": "Mallory here"}).status_code, 409)
        with self.inside():
            self.assertFalse(Member.objects.filter(user=self.mallory.user).exists())
            self.assertEqual(Invitation.objects.get().accepted_at, None)

    def test_the_invitation_is_read_in_the_language_one_chooses(self):
        link, address = self.invite(), reverse("change-language")
        self.assertContains(self.client.get(link), f'name="next" value="{link}"')
        for language, words in (("zh-hant", "加入"), ("en", "Join"), ("zh-hans", "加入")):
            chosen = self.client.post(address, {"language": language, "next": link})
            self.assertRedirects(chosen, link, fetch_redirect_response=False)
            page = self.client.get(link)
            self.assertContains(page, words)
            self.assertContains(page, f'lang="{language}"')
        self.client.cookies["django_language"] = "../xx"
        self.assertContains(self.client.get(link), "Join")
        away = self.client.post(address, {"language": "en", "next": "https://elsewhere.example/"})
        self.assertRedirects(away, "/", fetch_redirect_response=False)

    def test_whoever_is_signed_in_keeps_the_language_in_every_browser(self):
        client = self.sign_in(self.alice)
        client.post(reverse("change-language"), {"language": "zh-hans"})
        self.alice.user.refresh_from_db()
        self.assertEqual(self.alice.user.language, "zh-hans")

    def test_a_weak_password_is_refused_and_the_link_stays_good(self):
        link = self.invite()
        self.assertEqual(self.client.post(link, {"name": "Newt", "password": "short"}).status_code, 422)
        self.assertEqual(self.client.get(link).status_code, 200)

    def test_a_short_password_is_refused_in_the_chosen_language(self):
        link = self.invite()
        told = {
            "en": "it needs at least 10 characters",
            "zh-hans": "密码太短，至少需要10个字符。",
            "zh-hant": "密碼太短，至少需要10個字元。",
        }
        for language, words in told.items():
            self.client.cookies["django_language"] = language
            answer = self.client.post(link, {"name": "Newt", "password": "x7-Q"})
            self.assertContains(answer, words, status_code=422)

    def test_a_made_up_link_is_unknown(self):
        for company in (self.acme.pk, uuid7()):
            token = tokens.make(company).text("")
            self.assertEqual(self.client.get(f"/join/{token}/").status_code, 404)

    def test_nobody_joins_a_closed_company(self):
        link = self.invite()
        Tenant.objects.filter(pk=self.acme.pk).update(closed_at=timezone.now())
        self.assertEqual(self.client.get(link).status_code, 404)


class Sessions(BrowserTestCase):
    def test_a_session_is_read_until_it_ends(self):
        client = self.sign_in(self.alice)
        key = client.session.session_key
        store = SessionStore(key)
        self.assertEqual(store["_auth_user_id"], str(self.alice.user_id))
        Session.objects.filter(pk=key).update(expire_date=timezone.now())
        for gone in (key, "a" * 32):
            store = SessionStore(gone)
            self.assertNotIn("_auth_user_id", store)
            self.assertIsNone(store.session_key)
        self.assertEqual(client.get("/").status_code, 302)

    def test_who_signed_in_is_found_before_any_company(self):
        backend = SignIn()
        user = self.alice.user
        self.assertEqual(backend.get_user(user.pk), user)
        self.assertIsNone(backend.get_user(self.acme.pk))
        type(user).objects.filter(pk=user.pk).update(is_active=False)
        self.assertIsNone(backend.get_user(user.pk), "who is locked out is signed in no longer")

    def test_entering_another_company_is_a_new_session(self):
        with self.inside(self.other):
            make.member(user=self.alice.user, display_name="Alice elsewhere")
        client = self.sign_in(self.alice)
        client.get("/")
        before = client.session.session_key
        client.post(reverse("enter-company", args=[self.other.pk]))
        self.assertNotEqual(client.session.session_key, before)
        self.assertContains(client.get("/"), "Alice elsewhere")

    def test_a_company_one_does_not_belong_to_cannot_be_entered(self):
        client = self.sign_in(self.alice)
        self.assertEqual(client.post(reverse("enter-company", args=[self.other.pk])).status_code, 404)
        self.assertContains(client.get("/"), "Alice")


class Factors(BrowserTestCase):
    def test_an_address_nobody_verified_keeps_nobody_from_a_second_factor(self):
        client = self.sign_in(self.alice)
        client.get(reverse("account_email"))
        login = client.post(reverse("account_reauthenticate"), {"password": make.PASSWORD})
        self.assertEqual(login.status_code, 302)
        for name in ("mfa_activate_totp", "mfa_add_webauthn"):
            with self.subTest(name):
                self.assertEqual(client.get(reverse(name)).status_code, 200)


class ForgottenPassword(BrowserTestCase):
    def test_the_mail_comes_from_tenure_and_not_from_an_address(self):
        self.client.post(reverse("account_reset_password"), {"email": self.alice.user.email})
        text = mail.outbox[0].body
        self.assertIn("/password/reset/key/", text)
        self.assertNotIn("Hello from", text)
        self.assertEqual(text.strip().splitlines()[-1], "Tenure")
