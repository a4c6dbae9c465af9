"""Undoing imports: what they made goes, what they changed is as before, what changed since stays and is told."""

import base64
import tempfile

from django.db import connection
from django.test import override_settings
from django.urls import reverse
from django.utils.html import escape

from crm.models import AuditEntry, Job
from crm.services import jobs
from customers.duplicates.engine import search
from customers.models import (
    Confirmation,
    Contact,
    Customer,
    CustomerStats,
    CustomerValue,
    CustomField,
    Import,
    Interaction,
    Product,
    Purchase,
    PurchaseLine,
)
from customers.services import customers as services
from customers.services.contacts import create_contact, update_contact
from customers.services.customers import create_customer
from customers.services.duplicates import scanning
from customers.services.duplicates.merging import merge_customers
from customers.services.imports.undoing import AlreadyUndone, undo
from tests import factories as make
from tests.cases import ApiTestCase, BrowserTestCase
from tests.customers.test_imports import ImportTestCase

# What a version and a moment of change are for is to move on.
MOVES_ON = ("version", "updated_at")


def rows(*models):
    """Every column of every row; typed values, which triggers keep, without their ids."""
    return {
        model: sorted(
            tuple(str(row[name]) for name in sorted(row) if name not in _left_out(model))
            for row in model.objects.values()
        )
        for model in models
    }


def _left_out(model):
    return (*MOVES_ON, "id") if model is CustomerValue else MOVES_ON


ALL = (
    *(Customer, Contact, Product, Purchase, PurchaseLine, Interaction, CustomerStats, CustomerValue),
    Confirmation,
)


class Undo(ImportTestCase):
    def undo(self, which=None):
        import_ = Import.objects.get(pk=(which or self.result)["import"])
        found = undo(import_=import_, actor=self.admin)
        return found["removed"], found["restored"], found["kept"]

    def test_what_was_made_goes(self):
        before = rows(*ALL)
        self.bring("external_id,name,email\nC1,Harbour,a@example.com\nC2,远山服务,b@example.com\n")
        self.assertEqual(self.undo(), (2, 0, 0))
        self.assertEqual(rows(*ALL), before)
        import_ = Import.objects.get()
        self.assertEqual((import_.state, import_.undone_by), ("undone", self.admin))
        deed = AuditEntry.objects.get(deed="import.undone")
        self.assertEqual(deed.after, {"removed": 2, "restored": 0, "kept": 0})
        with self.assertRaises(AlreadyUndone):
            self.undo()

    def test_what_was_changed_is_as_before(self):
        make.custom_field("number", "n")
        make.custom_field("text", "t")
        create_customer(
            name="远山服务",
            external_id="1",
            phone="+44 20 7946 0958",
            custom={"n": 5},
            actor=None,
            owner=self.alice,
        )
        create_customer(name="Quay", external_id="2", actor=None)
        before = rows(*ALL)
        text = "external_id,name,phone,email,n,t,created_at,owner\n"
        text += "1,Harbour,0171 123456,x@example.com,7,new,2020-01-01,Leo Lead\n"
        text += "2,青云,,,8,,,\n3,New,,,9,x,,\n"
        self.assertEqual(self.bring(text), (3, 1, 2, 0, 0, 0))
        self.assertEqual(self.undo(), (1, 2, 0))
        self.assertEqual(rows(*ALL), before)
        self.assertEqual(Customer.objects.get(external_id="1").version, 3)

    def test_what_changed_since_stays_and_is_told(self):
        edited = create_customer(name="Edited", external_id="1", city="Bath", actor=None)
        self.bring("external_id,name,city,industry\n1,Renamed,Leeds,Retail\n2,Fresh,,\n3,Used,,\n4,Gone,,\n")
        first = self.result
        edited.refresh_from_db()
        services.update_customer(customer=edited, actor=self.alice, city="York")
        fresh = Customer.objects.get(external_id="2")
        services.update_customer(customer=fresh, actor=self.alice, industry="Law")
        used = Customer.objects.get(external_id="3")
        make.interaction(customer=used, text="Called", author=self.alice)
        services.delete_customer(customer=Customer.objects.get(external_id="4"), actor=self.alice)
        self.assertEqual(self.undo(first), (0, 1, 4))
        edited.refresh_from_db()
        self.assertEqual((edited.name, edited.city, edited.industry), ("Edited", "York", ""))
        left = {one["name"]: one["columns"] for one in Import.objects.get().undone["left"]}
        self.assertEqual(
            left,
            {
                "Edited": ["city"],
                "Fresh": ["industry"],
                "Used": ["customers.interaction"],
                "Gone": ["deleted_at"],
            },
        )

    def test_the_last_import_first(self):
        before = rows(*ALL)
        self.bring("external_id,name,city\n1,A,Bath\n2,B,\n")
        one, between = self.result, rows(*ALL)
        self.bring("external_id,name,city\n1,A2,York\n3,C,\n")
        self.assertEqual(self.undo(), (1, 1, 0))
        self.assertEqual(rows(*ALL), between)
        self.assertEqual(self.undo(one), (2, 0, 0))
        self.assertEqual(rows(*ALL), before)

    def test_an_external_id_that_is_taken_meanwhile_is_not_given_back(self):
        create_customer(name="A", external_id="OLD", email="a@example.com", actor=None)
        self.bring("email,external_id,name\na@example.com,NEW,A\n", key="email")
        create_customer(name="B", external_id="OLD", actor=None)
        self.assertEqual(self.undo(), (0, 0, 1))
        self.assertEqual(Customer.objects.get(name="A").external_id, "NEW")
        left = [(one["name"], one["columns"]) for one in Import.objects.get().undone["left"]]
        self.assertEqual(left, [("A", ["external_id"])])

    def test_purchases_with_lines_and_unknown_customers(self):
        make.customer(name="Harbour", external_id="H1")
        head = "customer_id,order_no,purchased_at,product,quantity,unit_price\n"
        self.bring(
            head + "H1,O1,2025-01-02,S1,2,10\nH1,O1,2025-01-02,S2,1,5\nH1,O2,2025-02-02,S1,1,10\n",
            "purchases",
        )
        one, before = self.result, rows(*ALL)
        self.bring(
            head + "H1,O1,2025-01-03,S1,3,10\nH9,O3,2025-03-02,S9,1,7\n", "purchases", unknown="create"
        )
        self.assertNotEqual(rows(*ALL), before)
        self.assertEqual(self.undo(), (3, 1, 0))
        self.assertEqual(rows(*ALL), before)
        self.undo(one)
        found = rows(Product, Purchase, PurchaseLine)
        self.assertEqual([len(these) for these in found.values()], [0, 0, 0])
        self.assertEqual(CustomerStats.objects.get().spend, 0)

    def test_a_purchase_somebody_added_a_line_to_stays(self):
        make.customer(name="Harbour", external_id="H1")
        self.bring(
            "customer_id,order_no,purchased_at,product,unit_price\nH1,O1,2025-01-02,S1,10\n", "purchases"
        )
        sale = Purchase.objects.get()
        PurchaseLine.objects.create(purchase=sale, position=2, quantity=1, unit_price=1, amount=100)
        self.assertEqual(self.undo(), (0, 0, 2))
        left = {one["model"]: one["columns"] for one in Import.objects.get().undone["left"]}
        self.assertEqual(
            left, {"customers.product": ["customers.purchaseline"], "customers.purchase": ["lines"]}
        )

    def test_contacts_and_interactions(self):
        customer = make.customer(name="Harbour", external_id="H1")
        grace = create_contact(customer=customer, name="Grace", email="g@example.com", actor=None)
        before = rows(*ALL)
        self.bring("customer_id,name,email\nH1,Grace,new@example.com\nH1,Sam,s@example.com\n", "contacts")
        contacts = self.result
        self.bring(
            "customer_id,external_id,happened_at,text,author\nH1,I1,2025-01-02 10:00,Hello,Alice\n",
            "interactions",
        )
        note = Interaction.objects.get()
        self.assertEqual(
            (note.author, note.happened_at.isoformat()), (self.alice, "2025-01-02T10:00:00+00:00")
        )
        self.assertEqual(self.undo(), (1, 0, 0))
        self.assertEqual(self.undo(contacts), (1, 1, 0))
        self.assertEqual(rows(*ALL), before)
        grace.refresh_from_db()
        update_contact(contact=grace, actor=None, version=grace.version, job_title="Buyer")

    def test_fields_a_file_made_go_with_it(self):
        self.bring("name,charge\nA,5\n", mapping={"charge": "custom:charge"})
        self.assertTrue(CustomField.objects.exists())
        self.undo()
        self.assertFalse(CustomField.objects.exists() or CustomerValue.objects.exists())

    def test_what_runs_by_itself_at_night_does_not_count_as_a_change(self):
        self.bring("external_id,name\n1,A\n")
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL app.source = 'worker'")
            make.follow_up(self.alice, customer=Customer.objects.get(), origin="plan")
            cursor.execute("SET LOCAL app.source = 'web'")
        self.assertEqual(self.undo(), (1, 0, 0))


class Api(ApiTestCase):
    def test_brought_in_and_taken_back(self):
        self.enterContext(override_settings(MEDIA_ROOT=self.enterContext(tempfile.TemporaryDirectory())))
        key = self.key_of(self.admin)
        content = base64.b64encode("编号,客户名称\nC1,远山服务\n".encode("gb18030")).decode()
        answer = self.call("post", "imports", {"kind": "customers", "content": content}, key=key)
        self.assertEqual(answer.status_code, 202, answer.content)
        self.assertTrue(jobs.run(tenant_id=self.acme.pk, job_id=answer.json()["job"]))
        address = f"imports/{answer.json()['id']}"
        told = self.call("get", address, key=key).json()
        self.assertEqual((told["state"], told["counts"]["created"]), ("done", 1))
        self.assertEqual(self.call("post", f"{address}/undo", key=self.key_of(self.alice)).status_code, 403)
        self.assertEqual(self.call("post", f"{address}/undo", key=self.key_of(self.mallory)).status_code, 404)
        job = self.call("post", f"{address}/undo", key=key).json()
        self.assertTrue(jobs.run(tenant_id=self.acme.pk, job_id=job["id"]))
        told = self.call("get", address, key=key).json()
        self.assertEqual((told["state"], told["undone"]["removed"]), ("undone", 1))
        self.assertEqual(self.call("post", f"{address}/undo", key=key).status_code, 409)

    def test_what_is_no_base64_is_refused(self):
        body = {"kind": "customers", "content": "a,b"}
        answer = self.call("post", "imports", body, key=self.key_of(self.admin))
        self.assertEqual((answer.status_code, list(answer.json()["errors"])), (400, ["content"]))


class Pages(BrowserTestCase):
    def test_by_a_button_with_a_job(self):
        with self.inside():
            import_ = self.brought()
        self.sign_in(self.admin)
        page = reverse("customers:import", args=[import_.pk])
        self.assertContains(self.client.get(page), reverse("customers:undo-import", args=[import_.pk]))
        for _twice in range(2):
            self.client.post(reverse("customers:undo-import", args=[import_.pk]))
        with self.inside():
            job = Job.objects.get(kind="undo_import")
        jobs.run(tenant_id=self.acme.pk, job_id=job.pk)
        told = self.client.get(reverse("job", args=[job.pk]))
        self.assertContains(told, "Records removed: 1.")
        self.assertContains(told, f'<a href="{page}">What came of it</a>', html=True)
        self.assertContains(self.client.get(page), "Undone")
        with self.inside():
            self.assertFalse(Customer.objects.exists())
        self.assertEqual(
            self.client.post(reverse("customers:undo-import", args=[import_.pk])).status_code, 409
        )

    def test_after_it_the_search_for_duplicates_shows_the_pairs_it_brought(self):
        with self.inside():
            for name in ("Kestrel Freight", "Kestrel Freigth"):
                make.customer(name=name, email="office@kestrel.example")
            rows = "1,Harbour Supplies Ltd,office@harbour.example\n2,Harbour Suplies,office@harbour.example\n"
            import_ = self.brought(f"external_id,name,email\n{rows}")
            reading = scanning.read()
            scanning.write(reading, search(reading.records))
        self.sign_in(self.admin)
        pairs = reverse("customers:duplicates")
        self.assertContains(self.client.get(pairs), "Kestrel Freigth")
        self.assertContains(self.client.get(f"{pairs}?import=nonsense"), "Kestrel Freigth")
        page = self.client.get(f"{pairs}?import={import_.pk}")
        self.assertContains(page, "Harbour Suplies")
        self.assertNotContains(page, "Kestrel")
        result = self.client.get(reverse("customers:import", args=[import_.pk]))
        search_url = f"{reverse('customers:scan-duplicates')}?show=1&import={import_.pk}"
        self.assertContains(result, escape(search_url))
        self.assertEqual(self.client.post(search_url)["HX-Redirect"], f"{pairs}?import={import_.pk}")

    def test_what_stayed_because_of_a_merge_says_so(self):
        with self.inside():
            import_ = self.brought("external_id,name\n1,A\n2,B\n")
            first, second = Customer.objects.order_by("external_id")
            merge_customers(survivor=first, others=[second], actor=self.admin)
            undo(import_=import_, actor=self.admin)
        self.sign_in(self.admin)
        page = self.client.get(reverse("customers:import", args=[import_.pk]))
        self.assertContains(page, "<td>another customer was merged into it</td>", html=True)
        self.assertContains(page, "<td>merged into another customer</td>", html=True)

    def test_who_took_a_name_in_a_merge_is_told_as_merged_too(self):
        with self.inside():
            import_ = self.brought("external_id,name\n1,A\n")
            [first] = Customer.objects.all()
            other = make.customer(name="Alder Ltd")
            merge_customers(survivor=first, others=[other], actor=self.admin, choices={"name": other.pk})
            left = undo(import_=import_, actor=self.admin)["left"]
        self.assertEqual([one["columns"] for one in left], [["customers.customer", "name"]])
        self.sign_in(self.admin)
        page = self.client.get(reverse("customers:import", args=[import_.pk]))
        self.assertContains(page, "<td>another customer was merged into it, name</td>", html=True)

    def brought(self, content="external_id,name\n1,A\n"):
        import tempfile
        from pathlib import Path

        from customers.services.imports import import_file

        path = Path(self.enterContext(tempfile.TemporaryDirectory())) / "f.csv"
        path.write_text(content)
        return Import.objects.get(pk=import_file(path=path, kind="customers")["import"])
