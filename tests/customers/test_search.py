from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from crm.people.roles import Role, Visibility
from crm.services.saved_views import save_view
from crm.tenancy.context import act_as, tenant_context
from customers.models import Customer, Purchase
from customers.selectors.near import answer_to
from customers.selectors.search import contact_hits, find_customers, living_contacts, matching_customers
from customers.services import contacts, contracts, customers
from customers.slips import LETTERS, slips
from feedback.services.feedback import record_feedback
from feedback.services.tickets import open_ticket
from tests import factories as make
from tests.cases import BrowserTestCase, TenantTestCase


class Search(TenantTestCase):
    def setUp(self):
        super().setUp()
        self.acme.timezone = "Asia/Shanghai"
        self.acme.save()

    def make(self, name, **fields):
        return customers.create_customer(actor=self.admin, name=name, **fields)

    def names(self, words, member=None):
        return [customer.name for customer in find_customers(words, member or self.admin, most=8)]

    def test_one_and_two_chinese_characters_anywhere_in_the_name(self):
        self.make("上海明远机械有限公司")
        self.make("明光照明")
        self.make("远东物流")
        self.assertEqual(self.names("明远"), ["上海明远机械有限公司"])
        self.assertEqual(self.names("明"), ["明光照明", "上海明远机械有限公司"])
        self.assertEqual(self.names("机械有限"), ["上海明远机械有限公司"])
        self.assertEqual(self.names("械机"), [])

    def test_pinyin_and_initials(self):
        self.make("上海明远机械")
        for words in ("shanghai", "Shang Hai Ming", "shmy", "SHMYJX"):
            self.assertEqual(self.names(words), ["上海明远机械"], words)
        self.assertEqual(self.names("mingyuan"), [])

    def test_a_phone_in_any_writing_and_by_its_end(self):
        self.make("A", phone="138-0013-8000")
        for words in ("13800138000", "+86 138 0013 8000", "138 0013", "１３８００１３８０００", "8000"):
            self.assertEqual(self.names(words), ["A"], words)

    def test_parts_of_names_signs_and_the_other_ways(self):
        self.make("Northwind Traders", email="hello@northwind.example", external_id="NW-1")
        self.make("100%_Pure")
        for words in ("wind tra", "NORTH", "hello@north", "NW-1", "traders"):
            self.assertEqual(self.names(words), ["Northwind Traders"], words)
        self.assertEqual(self.names("0%_p"), ["100%_Pure"])
        self.assertEqual(self.names("%%%"), [])
        self.assertEqual(self.names(""), [])

    def test_the_thing_itself_comes_before_its_likes(self):
        for name in ("Alpha Nord", "Nordlicht", "Nord"):
            self.make(name)
        self.assertEqual(self.names("nord"), ["Nord", "Nordlicht", "Alpha Nord"])

    def test_people_lead_to_their_customer(self):
        customer = self.make("Acme Tools")
        contacts.create_contact(customer=customer, actor=self.admin, name="王小明", phone="139 0013 9000")
        for words in ("小明", "wangxiao", "wxm", "13900139000"):
            found = living_contacts(contact_hits(words, most=8), self.admin, 8)
            self.assertEqual([contact.name for contact in found], ["王小明"], words)
            self.assertEqual(list(matching_customers(words, most=50)), [customer])

    def test_only_what_the_member_may_see_and_what_lives(self):
        self.make("Mine Ltd", owner=self.alice)
        self.make("Mine too", owner=self.lead)
        gone = self.make("Mine gone", owner=self.alice)
        customers.delete_customer(customer=gone, actor=self.admin)
        self.alice.visibility = Visibility.OWN
        self.assertEqual(self.names("mine", self.alice), ["Mine Ltd"])
        self.alice.visibility = Visibility.TEAM
        self.assertEqual(self.names("mine", self.alice), ["Mine Ltd", "Mine too"])
        self.assertEqual(self.names("mine"), ["Mine Ltd", "Mine too"])


class Near(TenantTestCase):
    def setUp(self):
        super().setUp()
        for name in ("Nord", "Northwind Traders", "John Smith", "Müller", "上海明远机械"):
            customers.create_customer(actor=self.admin, name=name)

    def near(self, words, member=None):
        answer = answer_to(words, member or self.admin, most=8)
        return [one.name for one in (*answer.near_customers, *answer.near_contacts)]

    def test_one_slip_anywhere_in_a_word(self):
        for words, name in (
            ("nrod", "Nord"),
            ("norf", "Nord"),
            ("simth", "John Smith"),
            ("jhon smith", "John Smith"),
            ("northwidn", "Northwind Traders"),
            ("norhtwind traders", "Northwind Traders"),
            ("tradrs", "Northwind Traders"),
            ("muller", "Müller"),
            ("shagnhai", "上海明远机械"),
        ):
            self.assertEqual(self.near(words), [name], words)
        for words in ("dron", "no", "xyzzyq"):
            self.assertEqual(self.near(words), [], words)

    def test_chinese_as_it_sounds_and_with_neighbours_swapped(self):
        for words in ("上海名园", "名远", "远明"):
            self.assertEqual(self.near(words), ["上海明远机械"], words)

    def test_people_addresses_and_numbers(self):
        customer = customers.create_customer(actor=self.admin, name="Acme", email="office@lumen.example")
        contacts.create_contact(customer=customer, actor=self.admin, name="Ida", phone="+44 20 7946 0018")
        self.assertEqual(self.near("offcie@lumen"), ["Acme"])
        self.assertEqual(self.near("+44 20 7964 0018"), ["Ida"])
        self.assertEqual(self.near("iad"), ["Ida"])

    def test_nothing_near_beside_the_thing_itself_or_out_of_sight(self):
        customers.create_customer(actor=self.admin, name="Nord AG")
        self.assertEqual(self.near("nord"), [])
        self.alice.visibility = Visibility.OWN
        self.assertEqual(self.near("nrod", self.alice), [])

    def test_whoever_is_shown_masks_finds_numbers_and_addresses_by_their_whole_alone(self):
        analyst = make.member(role=Role.ANALYST)
        customers.create_customer(
            actor=self.admin, name="Wu", phone="+44 20 7946 0018", email="wu@lumen.example"
        )
        act_as(analyst.pk, sees_personal=False)
        found = {
            words: len(answer_to(words, analyst, most=8).customers)
            for words in ("+44 20 7946 0018", "wu@lumen.example", "+44 20 7946", "0018", "wu@lum")
        }
        near = self.near("+44 20 7964 0018", analyst) + self.near("uw@lumen.example", analyst)
        self.assertEqual([*found.values()], [1, 1, 0, 0, 0], found)
        self.assertEqual(near, [])

    def test_slips(self):
        self.assertEqual(slips("uk", "x"), ["ku", "k", "u", "xuk", "xk", "úk", "ük", "uxk", "ux", "ukx"])
        self.assertEqual(slips("a", LETTERS), [])


class Walls(TenantTestCase):
    def test_another_companys_customers_are_not_found(self):
        customers.create_customer(actor=self.admin, name="Secret Ltd")
        self._stack.close()
        with self.inside(self.other):
            self.assertEqual(list(matching_customers("secret", most=50)), [])
            self.assertEqual(answer_to("sceret", self.mallory, most=8).near_customers, [])
            self.assertEqual(Customer.objects.count(), 0)


class Everything(BrowserTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        with tenant_context(cls.acme.pk):
            mine = customers.create_customer(actor=cls.admin, name="Acme Tools", owner=cls.alice)
            theirs = customers.create_customer(actor=cls.admin, name="Elsewhere", owner=cls.admin)
            for customer, mark in ((mine, "A"), (theirs, "B")):
                cls.agree(customer, number=f"quux-{mark}", title=f"Service {mark}")
                bought = {
                    "amount": 100,
                    "amount_home": 100,
                    "currency": "EUR",
                    "purchased_at": timezone.now(),
                }
                Purchase.objects.create(customer=customer, order_no=f"quux-{mark}", **bought)
                open_ticket(customer=customer, actor=cls.admin, subject=f"Quux broke {mark}")
                record_feedback(actor=cls.admin, customer=customer, text=f"The quux of {mark}")
                make.follow_up(customer.owner, customer=customer, subject=f"Ask about quux {mark}")
            save_view(actor=cls.admin, listing="customers", name="Quux ones", sharing="everyone")
            cls.alice.visibility = Visibility.OWN
            cls.alice.save()

    @classmethod
    def agree(cls, customer, **fields):
        contracts.create_contract(
            customer=customer, actor=cls.admin, starts_on=timezone.localdate(), renewal="open", **fields
        )

    def found(self, member, words):
        self.sign_in(member)
        answer = self.client.get(reverse("search"), {"q": words})
        return {group.label: [hit.title for hit in group.items] for group in answer.context["groups"]}

    def test_every_kind_is_found_as_far_as_it_may_be_seen(self):
        self.assertEqual(
            self.found(self.alice, "quux"),
            {
                "Contracts": ["Service A"],
                "Purchases": ["quux-A"],
                "Follow-ups": ["Ask about quux A"],
                "Tickets": ["Quux broke A"],
                "Feedback": ["The quux of A"],
                "Saved views": ["Quux ones"],
            },
        )
        self.assertEqual(len(self.found(self.admin, "quux")["Tickets"]), 2)
        self.assertEqual(self.found(self.alice, "#1"), {"Tickets": ["Quux broke A"]})
        self.assertEqual(self.found(self.alice, "#2"), {})

    def test_a_team_finds_what_its_members_have(self):
        self.assertEqual(len(self.found(self.lead, "QUUX")["Tickets"]), 2)
        with tenant_context(self.acme.pk):
            self.lead.visibility = Visibility.TEAM
            self.lead.save()
        self.assertEqual(self.found(self.lead, "quux"), self.found(self.alice, "quux"))

    def test_the_palette_has_customers_first_and_the_rest_by_a_second_question(self):
        self.sign_in(self.admin)
        parts = [
            self.client.get(reverse("search"), {"q": "Elsewhere", "part": part}) for part in ("first", "rest")
        ]
        first, rest = ([group.label for group in part.context["groups"]] for part in parts)
        self.assertEqual(first, ["Customers"])
        asked = {"q": "Elsewere", "part": "rest"}
        near = self.client.get(reverse("search"), asked).context
        self.assertEqual([group.label for group in near["groups"]], ["Customers nearly so"])
        self.assertTrue(near["only_near"])
        again = self.client.get(reverse("search"), asked | {"first": "none"}).context
        self.assertEqual((again["groups"], again["only_near"]), (near["groups"], True))
        none = self.client.get(reverse("search"), asked | {"first": "many"}).context
        self.assertEqual((none["groups"], none["only_near"]), ([], False))
        self.assertNotIn("Customers", rest)
        whole = self.client.get(reverse("search"), {"q": "Elsewhere", "part": "other"})
        self.assertEqual([group.label for group in whole.context["groups"]], first + rest)
        self.assertTemplateUsed(whole, "customers/search.html")

    def test_many_hits_lead_to_the_list_and_cost_no_more_questions(self):
        self.found(self.admin, "service")
        with CaptureQueriesContext(connection) as few:
            self.found(self.admin, "service")
        with tenant_context(self.acme.pk):
            customer = Customer.objects.get(name="Elsewhere")
            for n in range(6):
                self.agree(customer, number=f"n-{n}", title=f"Service {n}")
        with CaptureQueriesContext(connection) as many:
            self.found(self.admin, "service")
        self.assertEqual(len(many), len(few))
        group = self.client.get(reverse("search"), {"q": "service"}).context["groups"][0]
        self.assertEqual((len(group.items), group.all_url), (5, "/customers/contracts/?q=service"))
