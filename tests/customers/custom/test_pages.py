"""Custom fields in forms, on the record and in the settings."""

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from customers.models import Contact, Customer, CustomField
from customers.selectors.columns import USUAL
from customers.services import custom_fields
from customers.services.customers import create_customer, update_customer
from tests import factories as make
from tests.cases import BrowserTestCase
from tests.sent import sent_of

EVERY = {
    "text": ("Gold", "Gold"),
    "long_text": ("a\r\nb", "a\nb"),
    "number": ("12.50", "12.5"),
    "money": ("9.90", 990),
    "date": ("2025-03-01", "2025-03-01"),
    "moment": ("2025-03-01T10:00", "2025-03-01T10:00:00+00:00"),
    "choice": ("b", "b"),
    "multi_choice": (["a", "c"], ["a", "c"]),
    "yes_no": ("false", False),
    "link": ("example.com", "https://example.com"),
}


class Forms(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.sign_in(self.admin)

    def make(self, **typed):
        return self.client.post(reverse("customers:new"), {"kind": "company", "name": "A", **typed})

    def save(self, customer, **typed):
        page = self.client.get(reverse("customers:edit", args=[customer.pk]))
        form = page.context["form"]
        shown = {name: form[name].value() for name in form.fields}
        shown = {name: value for name, value in shown.items() if value is not None}
        return self.client.post(reverse("customers:edit", args=[customer.pk]), {**shown, **typed})

    def test_every_kind_typed_kept_and_shown(self):
        with self.inside():
            for kind in EVERY:
                make.custom_field(kind, f"f_{kind}")
            make.custom_field("member", "f_member")
            make.custom_field("customer", "f_customer")
            peer = make.customer(name="Peer", external_id="P 1")
        typed = {f"custom.f_{kind}": typed for kind, (typed, _kept) in EVERY.items()}
        typed |= {"custom.f_member": str(self.alice.pk), "custom.f_customer": "peer"}
        answer = self.make(**typed)
        self.assertEqual(answer.status_code, 204, answer.content.decode())
        kept = {f"f_{kind}": kept for kind, (_typed, kept) in EVERY.items()}
        kept |= {"f_member": str(self.alice.pk), "f_customer": str(peer.pk)}
        with self.inside():
            customer = Customer.objects.get(name="A")
        self.assertEqual(customer.custom, kept)
        page = self.client.get(reverse("customers:record", args=[customer.pk])).content.decode()
        for told in (
            "$9.90",
            "12.5",
            "Alice",
            ">Peer</a>",
            ">a</span>",
            ">c</span>",
            ">no</dd>",
            'href="https://example.com"',
        ):
            self.assertIn(told, page)
        self.assertEqual(self.save(customer, city="Bern").status_code, 204)
        with self.inside():
            customer.refresh_from_db()
        self.assertEqual((customer.custom, customer.city, customer.version), (kept, "Bern", 2))

    def test_seconds_of_a_moment_survive_a_form_that_shows_none(self):
        with self.inside():
            make.custom_field("moment", "m")
            customer = create_customer(name="A", custom={"m": "2025-03-01T10:00:42Z"}, actor=None)
        self.save(customer, city="Bern")
        with self.inside():
            customer.refresh_from_db()
        self.assertEqual((customer.city, customer.custom["m"]), ("Bern", "2025-03-01T10:00:42+00:00"))

    def test_what_is_wrong_is_told_beside_its_field(self):
        with self.inside():
            make.custom_field("number", "n")
            make.custom_field("link", "l")
            make.custom_field("text", "must", required=True)
            make.custom_field("customer", "c")
            make.customer(name="Twin", external_id="T1")
            make.customer(name="Twin", external_id="T2")
        answer = self.make(**{"custom.n": "x", "custom.l": "javascript:alert(1)", "custom.c": "Twin"})
        self.assertEqual(answer.status_code, 422)
        errors = answer.context["form"].errors
        self.assertEqual(set(errors), {"custom.n", "custom.l", "custom.must", "custom.c"})
        chosen = self.make(**{"custom.must": "x", "custom.c": "Twin · T2"})
        self.assertEqual(chosen.status_code, 204, chosen.content.decode())

    def test_a_customer_that_is_gone_or_has_a_namesake_stays_where_nobody_touches_it(self):
        with self.inside():
            make.custom_field("customer", "gone")
            make.custom_field("customer", "twin", required=True)
            gone, twin = make.customer(name="Gone"), make.customer(name="Twin", external_id="T1")
            make.customer(name="twin")
            kept = {"gone": str(gone.pk), "twin": str(twin.pk)}
            customer = create_customer(name="A", custom=kept, actor=None)
            Customer.objects.filter(pk=gone.pk).update(deleted_at=timezone.now())
        form = self.client.get(reverse("customers:edit", args=[customer.pk])).context["form"]
        self.assertEqual(form["custom.gone"].value(), f"Gone · {gone.pk}")
        self.assertEqual(form["custom.twin"].value(), "Twin · T1")
        self.assertEqual(self.save(customer, city="Bern").status_code, 204)
        with self.inside():
            customer.refresh_from_db()
        self.assertEqual((customer.custom, customer.city), (kept, "Bern"))
        self.assertEqual(self.save(customer, **{"custom.twin": f"Gone · {gone.pk}"}).status_code, 422)

    def test_too_many_digits_after_the_point_are_told_as_files_tell_them(self):
        with self.inside():
            make.custom_field("number", "n")
            make.custom_field("money", "m")
        errors = self.make(**{"custom.n": "1.1234567", "custom.m": "1.234"}).context["form"].errors
        self.assertEqual(errors["custom.n"], ["At most 6 digits after the point."])
        self.assertEqual(errors["custom.m"], ["At most 2 digits after the point."])

    def test_a_new_one_starts_with_the_defaults_and_may_leave_them(self):
        with self.inside():
            make.custom_field("choice", "tier", default="b")
            make.custom_field("choice", "other", default="a")
        form = self.client.get(reverse("customers:new")).context["form"]
        self.assertEqual(form["custom.tier"].value(), "b")
        self.make(**{"custom.tier": "b", "custom.other": ""})
        with self.inside():
            self.assertEqual(Customer.objects.get(name="A").custom, {"tier": "b"})

    def test_two_who_change_one_field_are_told_and_others_merge(self):
        with self.inside():
            for key in ("x", "y"):
                make.custom_field("choice", key)
            customer = create_customer(name="A", custom={"x": "a", "y": "a"}, actor=None)
            page = {"kind": "company", "name": "A", "version": 1, "custom.x": "b", "custom.y": "a"}
            update_customer(customer=customer, custom={"y": "c"}, actor=self.alice)
        url = reverse("customers:edit", args=[customer.pk])
        self.assertEqual(self.client.post(url, page).status_code, 204)
        with self.inside():
            customer.refresh_from_db()
            self.assertEqual(customer.custom, {"x": "b", "y": "c"})
        clash = self.client.post(url, page | {"custom.x": "c"})
        self.assertEqual(clash.status_code, 422)
        shown = clash.context["clashes"][0]
        self.assertEqual((shown.label, shown.before, shown.theirs, shown.mine), ("X", "a", "b", "c"))

    def test_the_history_speaks_of_fields_by_name(self):
        with self.inside():
            field = make.custom_field("money", "fee", label="Monthly fee")
            customer = create_customer(name="A", custom={"fee": 990}, actor=None)
            update_customer(customer=customer, custom={"fee": 1990}, actor=self.alice)
            custom_fields.archive_field(field=field, actor=None)
        page = self.client.get(reverse("customers:record", args=[customer.pk]), {"tab": "history"})
        changes = [(c.label, c.before, c.after) for deed in page.context["history"] for c in deed.changes]
        self.assertIn(("Monthly fee", "$9.90", "$19.90"), changes)

    def test_contacts_carry_theirs(self):
        with self.inside():
            make.custom_field("text", "seat", record="contact", required=True)
            customer = make.customer()
        url = reverse("customers:add-contact", args=[customer.pk])
        typed = {"name": "C", "role": "other"}
        self.assertEqual(self.client.post(url, typed).status_code, 422)
        self.assertEqual(self.client.post(url, typed | {"custom.seat": "4A"}).status_code, 204)
        with self.inside():
            contact = Contact.objects.get()
        self.assertEqual(contact.custom, {"seat": "4A"})
        page = self.client.get(reverse("customers:edit-contact", args=[contact.pk]))
        self.assertEqual(page.context["form"]["custom.seat"].value(), "4A")

    def test_queries_do_not_grow_with_the_fields(self):
        def queries(pk):
            found = []
            for name in ("record", "edit"):
                with CaptureQueriesContext(connection) as asked:
                    self.client.get(reverse(f"customers:{name}", args=[pk]))
                found.append(len(asked))
            return found

        with self.inside():
            make.custom_field("customer", "c1")
            customer = create_customer(name="A", custom={"c1": str(make.customer().pk)}, actor=None)
        few = queries(customer.pk)
        with self.inside():
            for number in range(2, 6):
                make.custom_field("customer", f"c{number}")
                make.custom_field("text", f"t{number}")
                changes = {f"c{number}": str(make.customer().pk), f"t{number}": "x"}
                update_customer(customer=customer, custom=changes, actor=None)
        self.assertEqual(queries(customer.pk), few)


class Settings(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.sign_in(self.admin)

    def url(self, name, *args):
        return reverse(f"customers:{name}", args=args)

    def test_added_listed_ordered_archived_restored(self):
        base = {"record": "customer", "kind": "text"}
        for label in ("One", "Two", "Three"):
            self.assertEqual(
                self.client.post(self.url("new-field"), {**base, "label": label}).status_code, 204
            )
        with self.inside():
            one, _two, three = CustomField.objects.order_by("position")
        self.client.post(self.url("move-field", three.pk, "up"))
        self.client.post(self.url("move-field", one.pk, "up"))
        self.client.post(self.url("archive-field", one.pk))
        groups = self.client.get(self.url("fields")).context["groups"]
        self.assertEqual([f.label for f in groups[0]["fields"]], ["Three", "Two"])
        self.assertEqual([f.label for f in groups[0]["archived"]], ["One"])
        self.client.post(self.url("restore-field", one.pk))
        groups = self.client.get(self.url("fields")).context["groups"]
        self.assertEqual([f.label for f in groups[0]["fields"]], ["One", "Three", "Two"])

    def test_refusals_stand_beside_their_fields(self):
        typed = {"record": "customer", "kind": "choice", "label": "Tier", "key": "A b"}
        answer = self.client.post(self.url("new-field"), typed)
        self.assertEqual((answer.status_code, set(answer.context["form"].errors)), (422, {"lines"}))
        answer = self.client.post(self.url("new-field"), typed | {"lines": "a\nb"})
        self.assertEqual(set(answer.context["form"].errors), {"key"})

    def test_removing_a_choice_that_is_held_asks_first(self):
        with self.inside():
            field = make.custom_field("choice", "tier")
            customer = create_customer(name="A", custom={"tier": "a"}, actor=None)
        typed = {"label": "Tier", "version": 1, "choice-1": "", "choice-2": "B", "choice-3": "c", "more": "d"}
        asked = self.client.post(self.url("edit-field", field.pk), typed)
        self.assertEqual(asked.status_code, 422)
        self.assertIn("1 record holds a", asked.content.decode())
        with self.inside():
            customer.refresh_from_db()
        self.assertEqual(customer.custom, {"tier": "a"})
        done = self.client.post(self.url("edit-field", field.pk), typed | {"confirmed": "a", "default": "d"})
        self.assertEqual(done.status_code, 422, "a default is chosen among the choices there were")
        done = self.client.post(self.url("edit-field", field.pk), typed | {"confirmed": "a", "default": "b"})
        self.assertEqual(done.status_code, 204, done.content.decode())
        with self.inside():
            customer.refresh_from_db()
            field.refresh_from_db()
        self.assertEqual((customer.custom, field.labels), ({}, {"b": "B", "c": "c", "d": "d"}))
        self.assertEqual(field.default, "b")

    def test_two_who_change_the_choices_see_both_and_boxes_stay_with_their_choices(self):
        with self.inside():
            field = make.custom_field("choice", "tier")
        address = self.url("edit-field", field.pk)
        opened = sent_of(self.client.get(address).content.decode())
        with self.inside():
            custom_fields.change_field(
                field=field, actor=self.admin, choices=[{"value": "c", "label": "C"}, "d"], help="Theirs"
            )
        renamed = opened | {"choice-2": "B"}
        late = self.client.post(address, renamed)
        (clash,) = late.context["clashes"]
        self.assertEqual((late.status_code, clash.label), (422, "Choices"))
        self.assertEqual((clash.before, clash.theirs, clash.mine), ("a\nb\nc", "C\nd", "a\nB\nc"))
        kept = self.client.post(address, sent_of(late.content.decode()))
        self.assertEqual(kept.status_code, 204, kept.content.decode())
        with self.inside():
            field.refresh_from_db()
        self.assertEqual((field.labels, field.help), ({"a": "a", "b": "B", "c": "c"}, "Theirs"))

    def test_a_choice_of_theirs_that_records_hold_is_not_lost_unasked(self):
        with self.inside():
            field = make.custom_field("choice", "tier")
        address = self.url("edit-field", field.pk)
        opened = sent_of(self.client.get(address).content.decode())
        with self.inside():
            custom_fields.change_field(field=field, actor=self.admin, choices=["a", "b", "c", "d"])
            create_customer(name="A", custom={"tier": "d"}, actor=None)
        late = self.client.post(address, opened | {"choice-2": "B"})
        kept = self.client.post(address, sent_of(late.content.decode()))
        self.assertContains(kept, "1 record holds d", status_code=422)

    def test_only_who_sets_up_the_company_may(self):
        self.sign_in(self.alice)
        self.assertEqual(self.client.get(self.url("fields")).status_code, 403)

    def test_names_are_offered_as_one_types(self):
        with self.inside():
            make.customer(name="Nordwind", external_id="N1")
            make.customer(name="Nordwind", external_id="N2")
            make.customer(name="Nordlicht")
        page = self.client.get(self.url("names"), {"of": "custom.c", "custom.c": "nord"}).content.decode()
        for name in ("Nordwind · N1", "Nordwind · N2", '"Nordlicht"'):
            self.assertIn(name, page)


class List(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.sign_in(self.admin)
        with self.inside():
            make.custom_field("money", "fee", label="Monthly fee")
            make.custom_field("choice", "tier")
            make.custom_field("customer", "partner")
            make.custom_field("multi_choice", "areas")
            peer = make.customer(name="Peer <b>")
            create_customer(name="A", custom={"fee": 2990, "tier": "a", "partner": str(peer.pk)}, actor=None)
            create_customer(name="B", custom={"fee": 990, "tier": "b"}, actor=None)

    def get(self, **query):
        return self.client.get(reverse("customers:list"), query)

    def names(self, page):
        return [row.customer.name for row in page.context["listing"]["rows"]]

    def test_columns_are_chosen_sorted_by_and_remembered(self):
        page = self.get(columns=["custom:fee", "custom:partner", "custom:areas"], sort="-custom.fee")
        self.assertEqual(self.names(page), ["A", "B", "Peer <b>"])
        columns = {one["key"]: one for one in page.context["listing"]["columns"] if one["shown"]}
        self.assertEqual(set(columns), {"name", "custom:fee", "custom:partner", "custom:areas"})
        self.assertEqual(columns["custom:fee"]["sorted"], "descending")
        self.assertEqual(columns["custom:areas"]["sort_url"], "")
        self.assertIn("sort=custom.partner&", columns["custom:partner"]["sort_url"])
        text = page.content.decode()
        cell = '<td class="num phone-hide" data-label="Monthly fee" data-cell="custom:fee">$29.90</td>'
        self.assertIn(cell, text)
        self.assertIn(">Peer &lt;b&gt;</a></td>", text)
        again = {one["key"] for one in self.get().context["listing"]["columns"] if one["shown"]}
        self.assertEqual(again, set(columns))

    def test_columns_stand_in_the_order_asked_for_own_ones_among_the_others(self):
        asked = ["region", "custom:fee", "name", "stage", "custom:partner", "region", "odd"]
        order = ["name", "region", "custom:fee", "stage", "custom:partner"]

        def drawn(page):
            row = page.content.decode().partition("<tr data-row")[2].partition("</tr>")[0]
            told = [one for one in ("custom:fee", "stage-dot", "custom:partner", "region") if one in row]
            return sorted(told, key=row.index)

        for query in ({"columns": asked}, {}, {"cols": ".".join(asked), "view": "x"}):
            page = self.get(**query)
            columns = page.context["listing"]["columns"]
            self.assertEqual([one["key"] for one in columns if one["shown"]], order, query)
            self.assertEqual([one["key"] for one in columns[: len(order)]], order, query)
            self.assertEqual(drawn(page), ["region", "custom:fee", "stage-dot", "custom:partner"])

    def test_what_is_chosen_now_goes_before_the_columns_of_the_address(self):
        page = self.get(cols="name.region", columns=["stage", "name", "class"])
        self.assertEqual(dict(page.context["listing"]["kept"])["cols"], "name.stage.class")

    def test_the_usual_columns_need_not_be_remembered(self):
        for columns, shown in ((["region", "stage"], ["name", "region", "stage"]), (USUAL, [*USUAL])):
            self.get(columns=columns, view="all")
            listing = self.get().context["listing"]
            self.assertEqual([one["key"] for one in listing["columns"] if one["shown"]], shown)
            self.assertEqual(listing["rearranged"], columns != USUAL)
        self.assertEqual(self.client.cookies["tenure_columns_customers"].value, "")

    def test_filters_are_offered_stand_as_chips_and_narrow(self):
        sheet = self.client.get(reverse("customers:filters"), {"custom.fee__gte": "20", "sort": "name"})
        asked = sheet.context["box"].items[0]
        self.assertEqual((asked.field.key, asked.operator, asked.values), ("custom.fee", "gte", ["20"]))
        self.assertEqual(sheet.context["kept"], [("sort", "name")])
        page = self.get(**{"custom.fee__gte": "20", "custom.tier": "a"})
        self.assertEqual(self.names(page), ["A"])
        chips = [(chip["label"], chip["value"]) for chip in page.context["listing"]["filters"]]
        self.assertEqual(chips, [("Monthly fee", "at least $20.00"), ("Tier", "a")])
        self.assertFalse(any(tab["current"] for tab in page.context["listing"]["tabs"]))
        self.assertEqual(self.names(self.get(**{"custom.fee__gte": "x"})), [])

    def test_queries_do_not_grow_with_rows_and_columns(self):
        def queries(*columns):
            with CaptureQueriesContext(connection) as asked:
                self.get(columns=list(columns))
            return len(asked)

        few = queries("custom:partner")
        with self.inside():
            peer = Customer.objects.get(name="Peer <b>")
            for key in ("p2", "p3"):
                make.custom_field("customer", key)
            for number in range(5):
                create_customer(
                    name=f"N{number}", custom={"p2": str(peer.pk), "p3": str(peer.pk)}, actor=None
                )
        self.assertEqual(queries("custom:partner", "custom:p2", "custom:p3"), few)
