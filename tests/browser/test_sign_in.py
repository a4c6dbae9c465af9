"""Second factors, walked by a person: an authenticator app, recovery codes, a passkey."""

from __future__ import annotations

import time

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from django.urls import reverse
from playwright.sync_api import Page

from tests import factories as make
from tests.browser.cases import BrowserCase

PERIOD = 30


def code_of(secret: str, ahead: int = 0) -> str:
    """The code that an authenticator app shows; the next one is taken too, and none is taken twice."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // PERIOD + ahead))


class SecondFactors(BrowserCase):
    def setUp(self) -> None:
        super().setUp()
        cache.clear()  # the limits of failed sign-ins
        self.page = self.browser.new_page(viewport={"width": 1440, "height": 900})
        self.sign_in(self.page)

    def open(self, name: str) -> Page:
        """The page; what changes a factor asks for the password once more first."""
        self.page.goto(self.live_server_url + reverse(name))
        if reverse("account_reauthenticate") in self.page.url:
            self.look(self.page)
            self.page.fill("input[name=password]", make.PASSWORD)
            self.page.locator("main form button[type=submit]").first.click()
            self.page.wait_for_url("**" + reverse(name))
        return self.page

    def submit(self, label: str) -> None:
        self.page.locator("main").get_by_role("button", name=label, exact=True).click()
        self.page.wait_for_load_state("networkidle")

    def sign_out(self) -> None:
        self.open("account_logout").locator("main button[type=submit]").click()
        self.page.wait_for_load_state("networkidle")

    def give_code(self, code: str) -> None:
        self.page.wait_for_url("**" + reverse("mfa_authenticate"))
        self.look(self.page)
        self.page.fill("input[name=code]", code)
        self.submit("Sign in")

    def test_an_authenticator_app_and_a_recovery_code_open_the_door(self) -> None:
        page = self.open("mfa_activate_totp")
        self.look(page)
        secret = page.input_value("#authenticator_secret")
        page.fill("input[name=code]", code_of(secret))
        self.submit("Switch on")
        codes = self.open("mfa_view_recovery_codes").locator("#recovery_codes").input_value().split()
        self.look(page)
        self.assertEqual(len(codes), 10)
        self.open("mfa_index")
        self.look(page)

        for code in (code_of(secret, 1), codes[0]):
            self.sign_out()
            self.give_password(page, self.admin.user)
            self.give_code(code)
            self.assertEqual(page.url, self.live_server_url + "/")

        self.sign_out()
        self.give_password(page, self.admin.user)
        self.give_code(codes[0])
        self.assertTrue(page.url.endswith(reverse("mfa_authenticate")), "a recovery code opens once")

    def test_a_passkey_opens_the_door_without_a_password(self) -> None:
        session = self.page.context.new_cdp_session(self.page)
        session.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        page = self.open("mfa_add_webauthn")
        self.look(page)
        page.fill("input[name=name]", "My laptop")
        page.check("input[name=passwordless]")
        page.click("#mfa_webauthn_add")
        page.wait_for_url(lambda address: "/webauthn/add" not in address)
        self.open("mfa_list_webauthn").get_by_text("My laptop").first.wait_for()
        self.look(page)

        self.sign_out()
        page.goto(self.live_server_url + reverse("account_login"))
        page.click("#passkey_login")
        page.wait_for_url(self.live_server_url + "/")
