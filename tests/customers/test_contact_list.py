"""The list of contacts: who is on it, in which order, what is shown to whom, and its file."""

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from crm.models import SavedView
from customers.models import Contact, MailBounce
from customers.services.contacts import create_contact
from tests import factories as make
from tests.cases import BrowserTestCase


def person(customer, name, **fields):
    return create_contact(customer=customer, actor=None, name=name, **fields)


class ContactList(BrowserTestCase):
    address = "/customers/contacts/"

    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        with cls.inside(cls):
            cls.harbour = make.customer(name="Harbour", owner=cls.alice, stats__class_code="key")
            cls.mill = make.customer(name="Mill", owner=cls.admin)
            gone = make.customer(name="Gone", deleted_at=timezone.now())
            person(cls.harbour, "Walter", email="walter@harbour.example", phone="+44 20 7946 0958")
            cls.wang = person(cls.harbour, "王伟", role="decides")
            person(cls.mill, "Xaver", email="x@mill.example")
            person(gone, "Unseen")
            MailBounce.objects.create(
                email_norm="x@mill.example", kind="hard", status="5.1.1", marks=True, at=timezone.now()
            )

    def names(self, member=None, **query):
        page = self.sign_in(member or self.admin).get(self.address, query)
        return [row.name for row in page.context["listing"]["rows"]]

    def test_goes_by_name_chinese_by_pinyin_and_by_age(self):
        self.assertEqual(self.names(), ["Walter", "王伟", "Xaver"])
        self.assertEqual(self.names(sort="-name"), ["Xaver", "王伟", "Walter"])
        self.assertEqual(self.names(sort="added"), ["Xaver", "王伟", "Walter"])

    def test_filters(self):
        for query, names in (
            ({"owner": "me"}, ["Xaver"]),
            ({"owner": str(self.alice.pk)}, ["Walter", "王伟"]),
            ({"owner": "odd"}, []),
            ({"primary": "1"}, ["Walter", "Xaver"]),
            ({"role": "decides"}, ["王伟"]),
            ({"missing": "both"}, ["王伟"]),
            ({"missing": "phone"}, ["王伟", "Xaver"]),
            ({"missing": "odd"}, []),
            ({"bouncing": "1"}, ["Xaver"]),
            ({"class": "key"}, ["Walter", "王伟"]),
        ):
            with self.subTest(query=query):
                self.assertEqual(self.names(**query), names)

    def test_found_by_name_number_address_and_customer(self):
        for words, names in (
            ("wangwei", ["王伟"]),
            ("020 7946 0958", ["Walter"]),
            ("x@mill", ["Xaver"]),
            ("harbour", ["Walter", "王伟"]),
        ):
            with self.subTest(words=words):
                self.assertEqual(self.names(q=words), names)

    def test_who_sees_less_sees_fewer(self):
        with self.inside():
            for member, visibility in ((self.lead, "team"), (self.alice, "own"), (self.reader, "own")):
                member.visibility = visibility
                member.save()
        for member in (self.lead, self.alice):
            self.assertEqual(self.names(member), ["Walter", "王伟"])
        self.assertContains(self.sign_in(self.reader).get(self.address), "No contacts yet")

    def test_masks_are_no_links(self):
        page = self.sign_in(self.reader).get(self.address)
        self.assertContains(page, "w•••@•••")
        for hidden in ("walter@harbour", "mailto:", "tel:", "0958", 'data-edit"'):
            self.assertNotContains(page, hidden)
        self.assertContains(
            self.sign_in(self.admin).get(self.address), 'href="mailto:walter@harbour.example"'
        )

    def test_pages_follow_on_without_gap(self):
        with self.inside():
            for number in range(60):
                Contact.objects.create(customer=self.mill, name=f"N{number}", name_norm=f"n{number // 2:02}")
        client, seen, url = self.sign_in(self.admin), [], self.address
        while url:
            listing = client.get(f"{self.address}{url.removeprefix(self.address)}").context["listing"]
            seen += [row.pk for row in listing["rows"]]
            url = listing["next_url"]
        self.assertEqual((len(seen), len(set(seen)), listing["count"]), (63, 63, 63))
        back = client.get(f"{self.address}{listing['previous_url']}").context["listing"]
        self.assertEqual([row.pk for row in back["rows"]], seen[:50])

    def test_thirty_rows_take_no_more_queries_than_one(self):
        client, counts = self.sign_in(self.admin), []
        for many in (1, 30):
            with self.inside():
                for number in range(many):
                    person(make.customer(owner=self.alice), f"P{number}", email="x@mill.example")
            client.get(self.address)
            with CaptureQueriesContext(connection) as queries:
                client.get(self.address)
            counts.append(len(queries))
        self.assertEqual(counts[0], counts[1])

    def test_a_filter_that_hides_all_says_so(self):
        page = self.sign_in(self.admin).get(self.address, {"q": "zzzz"})
        self.assertContains(page, "Nothing matches")
        self.assertNotContains(page, "No contacts yet")

    def test_a_view_keeps_filters_and_order(self):
        client = self.sign_in(self.alice)
        shown = {
            "HX-Request": "true",
            "HX-Current-URL": f"http://testserver{self.address}?missing=phone&sort=-name",
        }
        client.post(reverse("new-view", args=["contacts"]), {"name": "No phone", "sharing": "private", "pinned": "on"},
                    headers=shown)  # fmt: skip
        with self.inside():
            view = SavedView.objects.get()
        self.assertEqual((view.listing, view.filters, view.sort), ("contacts", {"missing": "phone"}, "-name"))
        self.assertContains(client.get(self.address), "No phone")

    def test_the_file_holds_what_is_shown(self):
        client = self.sign_in(self.admin)
        export = reverse("new-export", args=["contact-list"])
        answer = client.post(
            f"{export}?owner={self.alice.pk}&sort=-name", {"what": "contact-list:shown", "format": "csv"}
        )
        lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
        self.assertEqual([line.split(",")[0] for line in lines], ["Name", "王伟", "Walter"])
        self.assertIn("'+44 20 7946 0958", lines[2])
        whole = client.post(export, {"what": "contact-list:whole", "format": "csv"})
        self.assertTrue(
            b"".join(whole.streaming_content)
            .decode("utf-8-sig")
            .startswith("customer_id,record_id,name,job_title")
        )
