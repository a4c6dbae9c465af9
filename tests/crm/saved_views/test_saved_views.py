from urllib.parse import parse_qsl, urlsplit

from django.urls import reverse

from crm.models import AuditEntry, SavedView, ViewMark
from crm.saved_views.lists import WrongView, all_lists, list_of
from crm.saved_views.selectors import tabs_of
from crm.services import saved_views as services
from tests import factories as make
from tests.cases import ApiTestCase, BrowserTestCase, TenantTestCase


def saved(actor, name="North", **fields):
    return services.save_view(actor=actor, listing="customers", name=name, **fields)


def names(member):
    return [tab.view.name for tab in tabs_of(list_of("customers"), member)]


class Sharing(TenantTestCase):
    def test_private_ones_are_the_owners_and_shared_ones_their_circles(self):
        saved(self.alice, "Mine")
        saved(self.alice, "Teams", sharing="team")
        saved(self.lead, "All", sharing="everyone")
        self.assertEqual(names(self.alice), ["All", "Mine", "Teams"])
        self.assertEqual(names(self.lead), ["All", "Teams"])
        self.assertEqual(names(self.reader), ["All"])

    def test_sharing_beyond_ones_rights_is_refused(self):
        for actor, sharing in ((self.alice, "everyone"), (self.reader, "team"), (self.admin, "team")):
            with self.assertRaises(services.MayNotShare):
                saved(actor, sharing=sharing)
        view = saved(self.alice)
        with self.assertRaises(services.MayNotShare):
            services.change_view(view=view, actor=self.alice, sharing="everyone")
        self.assertEqual(SavedView.objects.get().sharing, "private")

    def test_shared_ones_are_changed_by_their_owner_and_by_who_manages(self):
        view = saved(self.alice, sharing="team")
        bob = make.member(team=self.team)
        for deed in (services.delete_view, lambda **who: services.change_view(name="X", **who)):
            with self.assertRaises(services.NotYours):
                deed(view=view, actor=bob)
        self.assertEqual(services.change_view(view=view, actor=self.lead, name="Ours").name, "Ours")

    def test_a_view_of_what_the_list_does_not_know_is_refused(self):
        make.custom_field("number", "fee")
        for wrong in (
            {"filters": {"colour": "red"}},
            {"sort": "x"},
            {"columns": ["custom:no"]},
            {"name": " "},
        ):
            with self.subTest(wrong), self.assertRaises(WrongView):
                saved(self.alice, **{"name": "V", **wrong})
        view = saved(
            self.alice,
            filters={"owner": "me", "custom.fee__gte": "3"},
            sort="-custom.fee",
            columns=["custom:fee"],
        )
        self.assertEqual(view.columns, ["custom:fee"])


class Arranging(TenantTestCase):
    def test_pins_and_the_first_page_are_each_members_own(self):
        one, two = saved(self.lead, "One", sharing="everyone"), saved(self.lead, "Two", sharing="everyone")
        services.arrange_view(view=one, actor=self.alice, default=True)
        services.arrange_view(view=two, actor=self.alice, default=True)
        services.arrange_view(view=one, actor=self.alice, pinned=False)
        mine = {tab.view.name: (tab.pinned, tab.default) for tab in tabs_of(list_of("customers"), self.alice)}
        leads = {tab.view.name: (tab.pinned, tab.default) for tab in tabs_of(list_of("customers"), self.lead)}
        self.assertEqual(mine, {"One": (False, False), "Two": (True, True)})
        self.assertEqual(leads, {"One": (True, False), "Two": (True, False)})

    def test_deleted_and_brought_back_with_its_marks(self):
        view = saved(self.alice)
        services.arrange_view(view=view, actor=self.alice, default=True)
        services.delete_view(view=view, actor=self.alice)
        self.assertEqual(names(self.alice), [])
        with self.assertRaises(services.ViewGone):
            services.delete_view(view=view, actor=self.alice)
        services.restore_view(view=view, actor=self.alice)
        self.assertTrue(ViewMark.objects.get().default)
        deeds = list(AuditEntry.objects.filter(kind="deed").order_by("at").values_list("deed", flat=True))
        self.assertEqual(deeds, ["view.saved", "view.deleted", "view.restored"])


class Pages(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.list = reverse("customers:list")

    def post(self, client, address, *args, shown="", **data):
        headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{self.list}{shown}"}
        return client.post(reverse(address, args=args), data, headers=headers)

    def test_what_one_looks_at_is_kept_and_its_address_shows_it(self):
        with self.inside():
            make.customer(name="Alder", industry="Retail")
            make.customer(name="Birch", industry="Food")
        client = self.sign_in(self.alice)
        shown = "?industry=Retail&sort=-spend&cols=name.region&cursor=x"
        answer = self.post(
            client, "new-view", "customers", shown=shown, name="Shops", sharing="private", pinned="on"
        )
        url = answer.headers["HX-Redirect"]
        query = dict(parse_qsl(urlsplit(url).query))
        self.assertEqual(
            {name: value for name, value in query.items() if name != "view"},
            {"industry": "Retail", "sort": "-spend", "cols": "name.region"},
        )
        page = client.get(url).content.decode()
        self.assertIn('aria-current="page">Shops</a>', page)
        self.assertIn("Alder", page)
        self.assertNotIn("Birch", page)

    def test_saving_anew_keeps_the_columns_chosen_within_the_view(self):
        with self.inside():
            view = saved(self.alice, filters={"industry": "Retail"})
            make.customer(industry="Retail")
        client = self.sign_in(self.alice)
        page = client.get(self.list, {"view": view.pk, "industry": "Retail", "columns": ["city", "phone"]})
        self.assertIn("cols=name.phone", page.content.decode().replace("&amp;", "&"))
        self.post(client, "save-view", view.pk, shown="?industry=Food&cols=name.phone&view=x")
        with self.inside():
            view.refresh_from_db()
            self.assertEqual((view.filters, view.columns), ({"industry": "Food"}, ["name", "phone"]))

    def test_the_bare_list_begins_with_the_default_and_all_is_still_there(self):
        with self.inside():
            view = saved(self.alice, filters={"owner": "me"})
        client = self.sign_in(self.alice)
        self.assertEqual(client.get(self.list).status_code, 200)
        self.post(client, "default-view", view.pk)
        self.assertRedirects(client.get(self.list), f"{self.list}?view={view.pk}&owner=me")
        self.assertContains(
            client.get(self.list, {"view": "all"}), f'href="{self.list}?view=all" aria-current'
        )

    def test_deleted_with_undo_and_not_by_others(self):
        with self.inside():
            view = saved(self.alice)
        self.assertEqual(self.post(self.sign_in(self.lead), "delete-view", view.pk).status_code, 404)
        client = self.sign_in(self.alice)
        answer = self.post(client, "delete-view", view.pk)
        undo = next(m.extra_tags for m in answer.wsgi_request._messages).removeprefix("undo:")
        with self.inside():
            self.assertEqual(names(self.alice), [])
        client.post(undo)
        with self.inside():
            self.assertEqual(names(self.alice), ["North"])


class EveryList(BrowserTestCase):
    """Whatever list an app registers."""

    def test_each_keeps_shows_and_begins_with_views(self):
        client = self.sign_in(self.alice)
        for kind in all_lists():
            with self.subTest(kind.key):
                whole = client.get(kind.url, {"view": "all"})
                self.assertContains(whole, reverse("new-view", args=[kind.key]))
                behind = f"http://testserver{kind.url}?q=harbour&cursor=x"
                told = {"name": f"My {kind.key}", "sharing": "private", "pinned": "on"}
                new = reverse("new-view", args=[kind.key])
                url = client.post(new, told, headers={"HX-Request": "true", "HX-Current-URL": behind})
                url = url.headers["HX-Redirect"]
                query = dict(parse_qsl(urlsplit(url).query))
                self.assertEqual((urlsplit(url).path, query.pop("q")), (kind.url, "harbour"))
                page = client.get(url)
                self.assertContains(page, f'aria-current="page">My {kind.key}</a>')
                self.assertContains(page, 'value="harbour"')
                client.post(reverse("default-view", args=[query["view"]]))
                self.assertRedirects(client.get(kind.url), url, fetch_redirect_response=False)

    def test_each_refuses_what_it_does_not_know(self):
        with self.inside():
            for kind in all_lists():
                for wrong in ({"filters": {"colour": "red"}}, {"sort": "colour"}, {"columns": ["colour"]}):
                    with self.subTest(kind.key, **wrong), self.assertRaises(WrongView):
                        services.save_view(actor=self.alice, listing=kind.key, name="No", **wrong)


class Api(ApiTestCase):
    def test_made_changed_deleted_and_restored(self):
        key = self.key_of(self.alice)
        body = {"list": "customers", "name": "Shops", "filters": {"industry": "Retail"}, "sort": "-spend"}
        made = self.call("POST", "saved-views", body, key=key)
        self.assertEqual((made.status_code, made.json()["sharing"]), (201, "private"))
        address = f"saved-views/{made.json()['id']}"
        self.assertEqual(
            self.call("PATCH", address, {"sharing": "team"}, key=key).json()["team"], str(self.team.pk)
        )
        self.assertEqual(
            self.call("PATCH", address, {"sharing": "everyone"}, key=key).json()["code"], "may_not_share"
        )
        self.assertEqual(self.call("GET", address, key=self.key_of(self.reader)).status_code, 404)
        self.assertEqual(self.call("DELETE", address, key=self.key_of(self.lead)).status_code, 204)
        self.assertEqual(self.call("GET", address, key=key).status_code, 404)
        self.assertEqual(self.call("POST", f"{address}/restore", key=key).status_code, 200)
        wrong = self.call("POST", "saved-views", {**body, "filters": {"colour": "red"}}, key=key)
        self.assertEqual((wrong.status_code, list(wrong.json()["errors"])), (400, ["colour"]))

    def test_another_companys_views_are_not_there(self):
        with self.inside():
            view = saved(self.lead, sharing="everyone")
        key = self.key_of(self.mallory)
        self.assertEqual(self.call("GET", "saved-views", key=key).json()["results"], [])
        for method in ("GET", "PATCH", "DELETE"):
            self.assertEqual(self.call(method, f"saved-views/{view.pk}", {}, key=key).status_code, 404)
