from crm.people.roles import Visibility
from customers.models import Customer
from customers.selectors.search import find_contacts, find_customers, matching_customers
from customers.services import contacts, customers
from tests.cases import TenantTestCase


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
            self.assertEqual([c.name for c in find_contacts(words, self.admin, most=8)], ["王小明"], words)
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


class Walls(TenantTestCase):
    def test_another_companys_customers_are_not_found(self):
        customers.create_customer(actor=self.admin, name="Secret Ltd")
        self._stack.close()
        with self.inside(self.other):
            self.assertEqual(list(matching_customers("secret", most=50)), [])
            self.assertEqual(Customer.objects.count(), 0)
