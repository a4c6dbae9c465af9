from types import SimpleNamespace

from django.test import RequestFactory, SimpleTestCase

from crm import navigation
from crm.navigation import Frame, Item, items_for, register
from tests.cases import BrowserTestCase


def member(*capabilities):
    return SimpleNamespace(can=lambda capability: capability in capabilities)


class Socket(SimpleTestCase):
    def setUp(self):
        kept = dict(navigation._items)
        navigation._items.clear()
        self.addCleanup(lambda: (navigation._items.clear(), navigation._items.update(kept)))
        register(Item("later", "Later", "clock", "account_reset_password", 20, "later.view"))
        register(Item("sooner", "Sooner", "clock", "account_login", 10))

    def test_members_see_what_they_may_use_in_order(self):
        keys = [item.key for item in items_for(member("later.view"), "place")]
        self.assertEqual(keys, ["sooner", "later"])
        self.assertEqual([item.key for item in items_for(member(), "place")], ["sooner"])

    def test_a_key_stands_for_one_item(self):
        with self.assertRaises(ValueError):
            register(Item("later", "Other", "clock", "account_login", 1))

    def frame(self, path, **cookies):
        request = RequestFactory().get(path)
        request.COOKIES.update(cookies)
        request.member, request.tenant = member("later.view"), None
        return Frame(request)

    def test_the_longest_address_above_a_page_is_its_place(self):
        self.assertEqual(self.frame("/accounts/password/reset/done/").menu.current, "later")
        self.assertEqual(self.frame("/elsewhere/").menu.current, "")

    def test_a_browser_chooses_only_among_what_there_is(self):
        self.assertEqual(self.frame("/", tenure_theme="dark").theme, "dark")
        self.assertEqual(self.frame("/", tenure_theme='"><script>').theme, "auto")

    def test_nobody_signed_in_sees_no_menu(self):
        frame = Frame(RequestFactory().get("/"))
        self.assertEqual((frame.menu.places, frame.companies), ((), []))


class Settings(BrowserTestCase):
    ADDRESSES = tuple(f"/settings/{end}" for end in ("", "fields/", "web-forms/", "webhooks/", "periods/"))

    def test_its_sections_are_tabs_and_stand_in_no_rail(self):
        client = self.sign_in(self.admin)
        for address in self.ADDRESSES:
            with self.subTest(address):
                page = client.get(address)
                frame = page.context["frame"]
                places = [item.key for item in (*frame.menu.places, *frame.menu.settings)]
                self.assertEqual(places[-2:], ["notifications", "settings"])
                self.assertEqual(frame.menu.current, "settings")
                tabs = [(tab["url"], tab["current"]) for tab in frame.sections]
                self.assertEqual(tabs, [(url, url == address) for url in self.ADDRESSES])
                for url, _current in tabs:
                    self.assertContains(page, f'<a class="view-tab" href="{url}"')
                self.assertContains(page, '<h1 class="page-name">Settings</h1>', html=True)

    def test_whoever_may_not_set_up_sees_no_section(self):
        frame = self.sign_in(self.alice).get("/").context["frame"]
        self.assertEqual(
            (frame.sections, [item.key for item in frame.menu.settings]), ([], ["notifications"])
        )
