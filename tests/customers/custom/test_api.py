"""Custom fields over the API."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers.models import Customer
from customers.selectors.custom import fields_of
from customers.services import custom_fields
from customers.services.customers import create_customer
from tests import factories as make
from tests.cases import ApiTestCase

GIVEN = {
    "text": ("Gold", "Gold"),
    "long_text": ("a\nb", "a\nb"),
    "number": (12.5, "12.5"),
    "money": (990, 990),
    "date": ("2025-03-01", "2025-03-01"),
    "moment": ("2025-03-01T10:00:00Z", "2025-03-01T10:00:00+00:00"),
    "choice": ("b", "b"),
    "multi_choice": (["c", "a"], ["a", "c"]),
    "yes_no": (False, False),
    "link": ("https://example.com/", "https://example.com/"),
}


class Order(ApiTestCase):
    def test_the_fields_stand_as_they_are_put(self):
        with self.inside():
            for key in ("a", "b", "c"):
                make.custom_field("text", key)
            tags = [field.key for field in fields_of("customer") if field.key not in "abc"]
        key = self.key_of(self.admin)
        wanted = ["c", *tags, "a", "b"]
        answer = self.call("POST", "custom-fields/order", {"record": "customer", "keys": wanted}, key=key)
        self.assertEqual((answer.status_code, [one["key"] for one in answer.json()]), (200, wanted))
        listed = self.call("GET", "custom-fields?record=customer", key=key).json()["results"]
        self.assertEqual([one["key"] for one in listed], wanted)
        for wrong in (["c"], [*wanted, "a"], [*wanted[:-1], "nix"]):
            answer = self.call("POST", "custom-fields/order", {"record": "customer", "keys": wrong}, key=key)
            self.assertEqual((answer.status_code, list(answer.json()["errors"])), (400, ["keys"]))
        refused = self.call(
            "POST", "custom-fields/order", {"record": "customer", "keys": wanted}, key=self.key_of(self.alice)
        )
        self.assertEqual(refused.status_code, 403)


class Values(ApiTestCase):
    def setUp(self):
        super().setUp()
        self.key = self.key_of(self.admin)

    def post(self, path, body):
        return self.call("POST", path, body, key=self.key)

    def names(self, query, resource="customers"):
        answer = self.call("GET", f"{resource}?{query}", key=self.key)
        self.assertEqual(answer.status_code, 200, answer.content)
        return [row["name"] for row in answer.json()["results"]]

    def test_every_kind_there_and_back(self):
        with self.inside():
            for kind in GIVEN:
                make.custom_field(kind, f"f_{kind}")
            make.custom_field("member", "f_member")
            make.custom_field("text", "f_empty")
        custom = {f"f_{kind}": given for kind, (given, _kept) in GIVEN.items()} | {
            "f_member": str(self.alice.pk)
        }
        made = self.post("customers", {"name": "A", "custom": custom})
        self.assertEqual(made.status_code, 201, made.content)
        kept = {f"f_{kind}": kept for kind, (_given, kept) in GIVEN.items()}
        kept |= {"f_member": str(self.alice.pk), "f_empty": None}
        self.assertEqual(made.json()["custom"], kept)
        pk = made.json()["id"]
        read = self.call("GET", f"customers/{pk}", key=self.key).json()
        self.assertEqual(read["custom"], kept)
        again = self.call("PATCH", f"customers/{pk}", {"custom": read["custom"]}, key=self.key)
        self.assertEqual(
            (again.status_code, again.json()["version"]), (200, 1), "what was read changes nothing"
        )
        changed = self.call(
            "PATCH", f"customers/{pk}", {"custom": {"f_text": None, "f_number": "3"}}, key=self.key
        )
        self.assertEqual(changed.json()["custom"], kept | {"f_text": None, "f_number": "3"})

    def test_each_wrong_value_is_named(self):
        with self.inside():
            make.custom_field("number", "n")
            make.custom_field("text", "must", required=True)
        answer = self.post("customers", {"name": "A", "custom": {"n": "x", "no": 1}})
        self.assertEqual((answer.status_code, answer.json()["code"]), (400, "invalid"))
        self.assertEqual(set(answer.json()["errors"]), {"custom.n", "custom.no"})
        self.assertEqual(set(self.post("customers", {"name": "A"}).json()["errors"]), {"custom.must"})
        self.assertEqual(
            set(self.post("customers", {"name": "A", "custom": [1]}).json()["errors"]), {"custom"}
        )
        bulk = self.post("customers/bulk", {"items": [{"name": "A"}, {"name": "B", "custom": {"must": "x"}}]})
        self.assertEqual([one["status"] for one in bulk.json()["results"]], [400, 201])

    def test_filters(self):
        with self.inside():
            for kind in ("number", "text", "date", "choice", "multi_choice", "yes_no", "money", "member"):
                make.custom_field(kind, f"f_{kind}")
            values = [
                {
                    "f_number": 1,
                    "f_text": "Ärger",
                    "f_date": "2025-01-01",
                    "f_choice": "a",
                    "f_yes_no": False,
                },
                {"f_number": "1.5", "f_text": "ÄRGERNIS", "f_multi_choice": ["a", "b"], "f_yes_no": True},
                {"f_number": -3, "f_choice": "b", "f_multi_choice": ["b"], "f_money": 5},
                {"f_member": str(self.alice.pk)},
            ]
            from customers.services.customers import create_customer

            for name, custom in zip("ABCD", values, strict=True):
                create_customer(name=name, custom=custom, actor=None)
        for query, found in {
            "f_number=1.50": "B",
            "f_number__gte=1": "AB",
            "f_number__gt=1": "B",
            "f_number__lt=0": "C",
            "f_number__in=1,-3": "AC",
            "f_number__isnull=true": "D",
            "f_number__isnull=false": "ABC",
            "f_text=ärger": "A",
            "f_text__prefix=ärg": "AB",
            "f_date__lte=2025-01-01": "A",
            "f_choice__in=a,b": "AC",
            "f_multi_choice=b": "BC",
            "f_multi_choice__in=a,b": "BC",
            "f_yes_no=false": "A",
            "f_money__gte=5": "C",
            f"f_member={self.alice.pk}": "D",
            "f_number__gte=1&custom.f_yes_no=true": "B",
        }.items():
            with self.subTest(query):
                self.assertEqual(self.names(f"custom.{query}"), list(found))
        for query in ("f_number=x", "f_choice=d", "f_yes_no=1", "f_number__isnull=1", "f_text="):
            answer = self.call("GET", f"customers?custom.{query}", key=self.key)
            self.assertEqual(list(answer.json()["errors"]), ["custom." + query.partition("=")[0]], query)
        for query in ("f_text__gte=a", "nothing=1", "f_number__exact=1", "f_number__gte__lt=1"):
            answer = self.call("GET", f"customers?custom.{query}", key=self.key)
            self.assertEqual((answer.status_code, answer.json()["code"]), (400, "unknown_name"), query)

    def walk(self, query):
        """All names page by page, there and back."""
        path, forward, backward = f"customers?{query}&limit=2", [], []
        while path:
            page = self.call("GET", path, key=self.key).json()
            forward.append([row["name"] for row in page["results"]])
            back, path = page["previous"], page["next"] and page["next"].partition("/api/v1/")[2]
        while back:
            page = self.call("GET", back.partition("/api/v1/")[2], key=self.key).json()
            backward.insert(0, [row["name"] for row in page["results"]])
            back = page["previous"]
        self.assertEqual(backward, forward[:-1])
        return "".join(name for part in forward for name in part)

    def test_ordered_with_ties_and_gaps(self):
        with self.inside():
            make.custom_field("number", "n")
            make.custom_field("long_text", "long")
            for name, number in zip("ABCDEFG", ("2", None, "10", "2", "-1", None, "2"), strict=True):
                customer = make.customer(name=name)
                Customer.objects.filter(pk=customer.pk).update(custom={"n": number} if number else {})
        self.assertEqual(self.walk("ordering=custom.n"), "EADGCBF")
        self.assertEqual(self.walk("ordering=-custom.n"), "CGDAEFB")
        self.assertEqual(self.walk("ordering=custom.n&custom.n__gte=2"), "ADGC")
        self.assertEqual(self.walk("ordering=-custom.n&custom.n__isnull=true"), "FB")
        for query in ("ordering=custom.long", "ordering=custom.no", "ordering=name,custom.n"):
            self.assertEqual(self.call("GET", f"customers?{query}", key=self.key).status_code, 400, query)
        cursor = self.call("GET", "customers?ordering=custom.n&limit=1", key=self.key).json()["next"]
        other = cursor.partition("/api/v1/")[2].replace("=custom.n", "=-custom.n")
        self.assertEqual(self.call("GET", other, key=self.key).json()["code"], "bad_parameter")

    def test_a_long_text_is_found_by_its_beginning(self):
        with self.inside():
            make.custom_field("long_text", "long", label="Background")
            create_customer(name="A", custom={"long": "Once upon\na time" + "x" * 300}, actor=None)
            create_customer(name="B", custom={"long": "Twice"}, actor=None)
        for query, names in (
            ("custom.long__prefix=ONCE", ["A"]),
            ("custom.long__prefix=upon", []),
            ("where=custom.long.starts(twice)", ["B"]),
        ):
            self.assertEqual(self.names(query), names, query)
        for query in ("custom.long=Twice", f"custom.long__prefix={'x' * 201}"):
            self.assertEqual(self.call("GET", f"customers?{query}", key=self.key).status_code, 400, query)
        wrong = self.call("GET", "customers?where=custom.long.has(upon)", key=self.key)
        self.assertEqual(wrong.status_code, 400)
        told = (
            "Background is a long text: it is found by how it begins, "
            "not by the words in it (starts, empty, filled)."
        )
        self.assertIn(told, wrong.content.decode())

    def test_archived_fields_are_gone_until_restored(self):
        with self.inside():
            field = make.custom_field("text", "t")
        pk = self.post("customers", {"name": "A", "custom": {"t": "x"}}).json()["id"]
        archived = self.post(f"custom-fields/{field.pk}/archive", None)
        self.assertEqual((archived.status_code, archived.json()["archived"]), (200, True))
        self.assertEqual(self.call("GET", f"customers/{pk}", key=self.key).json()["custom"], {})
        self.assertEqual(self.call("GET", "customers?custom.t=x", key=self.key).status_code, 400)
        self.post(f"custom-fields/{field.pk}/restore", None)
        self.assertEqual(self.call("GET", f"customers/{pk}", key=self.key).json()["custom"], {"t": "x"})

    def test_contacts_too(self):
        with self.inside():
            make.custom_field("choice", "c", record="contact")
            customer = make.customer()
        made = self.post("contacts", {"customer": str(customer.pk), "name": "A", "custom": {"c": "a"}})
        self.assertEqual((made.status_code, made.json()["custom"]), (201, {"c": "a"}))
        self.post("contacts", {"customer": str(customer.pk), "name": "B"})
        self.assertEqual(self.names("custom.c=a", "contacts"), ["A"])
        self.assertEqual(self.names("ordering=-custom.c", "contacts"), ["A", "B"])

    def test_a_list_asks_once_for_the_fields(self):
        def queries():
            with CaptureQueriesContext(
                connection,
            ) as asked:
                self.call("GET", "customers?custom.f1=a", key=self.key)
            return len(asked)

        with self.inside():
            make.custom_field("text", "f1")
            make.customer()
        few = queries()
        with self.inside():
            for number in range(2, 9):
                make.custom_field("text", f"f{number}")
                make.customer()
        self.assertEqual(queries(), few)


class Definitions(ApiTestCase):
    def setUp(self):
        super().setUp()
        self.key = self.key_of(self.admin)

    def test_made_changed_and_refused(self):
        body = {
            "record": "customer",
            "kind": "choice",
            "label": "Tier",
            "choices": [{"label": "Gold"}],
            "default": "Gold",
        }
        made = self.call("POST", "custom-fields", body, key=self.key)
        self.assertEqual(made.status_code, 201, made.content)
        self.assertEqual(
            (made.json()["key"], made.json()["choices"]), ("tier", [{"value": "Gold", "label": "Gold"}])
        )
        path = f"custom-fields/{made.json()['id']}"
        choices = [{"value": "Gold", "label": "Or"}, {"label": "Silver"}]
        changed = self.call("PATCH", path, {"choices": choices, "key": "tier"}, key=self.key)
        self.assertEqual((changed.status_code, changed.json()["version"]), (200, 2), changed.content)
        for wrong in (
            {"key": "x"},
            {"kind": "text"},
            {"record": "contact"},
            {"default": "Bronze"},
            {"choices": []},
        ):
            answer = self.call("PATCH", path, wrong, key=self.key)
            self.assertEqual((answer.status_code, list(answer.json()["errors"])), (400, list(wrong)))
        taken = self.call("POST", "custom-fields", body | {"key": "tier"}, key=self.key)
        self.assertEqual((taken.status_code, taken.json()["code"]), (409, "key_taken"))
        stranger = self.call("PATCH", path, {"label": "X"}, key=self.key_of(self.mallory))
        self.assertEqual(stranger.status_code, 404)
        reader = self.key_of(self.alice)
        self.assertEqual(self.call("GET", path, key=reader).status_code, 200)
        self.assertEqual(self.call("PATCH", path, {"label": "X"}, key=reader).status_code, 403)

    def test_the_description_names_a_companys_own_fields_to_itself_alone(self):
        with self.inside():
            make.custom_field("choice", "tier_xyz", label="Tier")
            make.custom_field("number", "size_xyz")
            gone = make.custom_field("number", "gone_xyz")
            custom_fields.archive_field(field=gone, actor=None)
        own = self.client.get("/api/schema/", headers={"Authorization": f"Bearer {self.key}"}).json()
        schemas, listing = (
            own["components"]["schemas"],
            own["paths"]["/api/v1/customers"]["get"]["parameters"],
        )
        for name in ("Customer", "CustomerRequest", "PatchedCustomerRequest"):
            self.assertEqual(
                set(schemas[name]["properties"]["custom"]["properties"]), {"tier_xyz", "size_xyz"}
            )
        names = {one["name"] for one in listing if one["name"].startswith("custom.")}
        self.assertLessEqual({"custom.tier_xyz", "custom.size_xyz__gte"}, names)
        other = {"Authorization": f"Bearer {self.key_of(self.mallory)}"}
        for headers in ({}, other, {"Authorization": "Bearer tnr_x"}):
            self.assertNotIn("_xyz", self.client.get("/api/schema/", headers=headers).content.decode())

    def test_the_description_tells_what_a_new_record_needs_and_what_it_gets(self):
        with self.inside():
            make.custom_field("number", "size", required=True, help="In people")
            make.custom_field("choice", "tier", required=True, default="b")
            make.custom_field("multi_choice", "areas", default=["a"])
            for field in custom_fields.CustomField.objects.filter(key="tags"):
                custom_fields.archive_field(field=field, actor=None)
        headers = {"Authorization": f"Bearer {self.key}"}
        own = self.client.get("/api/schema/", headers=headers).json()
        schemas = own["components"]["schemas"]
        new = schemas["CustomerRequest"]
        self.assertEqual(new["required"], ["name", "custom"])
        size = {"type": "string", "format": "decimal", "title": "Size", "description": "In people"}
        areas = {"type": "array", "items": {"type": "string", "enum": ["a", "b", "c"]}, "uniqueItems": True}
        self.assertEqual(
            new["properties"]["custom"],
            {
                "type": "object",
                "required": ["size"],
                "additionalProperties": False,
                "properties": {
                    "size": size,
                    "tier": {"type": "string", "enum": ["a", "b", "c"], "title": "Tier", "default": "b"},
                    "areas": {"anyOf": [areas, {"type": "null"}], "title": "Areas", "default": ["a"]},
                },
            },
        )
        for name in ("WholeCustomerRequest", "PatchedCustomerRequest", "CustomerItemRequest", "Customer"):
            told = schemas[name]["properties"]["custom"]
            self.assertNotIn("required", told)
            self.assertNotIn("custom", schemas[name].get("required", []) if name != "Customer" else [])
            self.assertEqual([one for one in told["properties"].values() if "default" in one], [])
        for path, method, name in (
            ("customers", "post", "CustomerRequest"),
            ("customers/{id}", "put", "WholeCustomerRequest"),
            ("customers/by-external-id/{external_id}", "put", "WholeCustomerRequest"),
            ("customers/{id}", "patch", "PatchedCustomerRequest"),
        ):
            body = own["paths"][f"/api/v1/{path}"][method]["requestBody"]["content"]["application/json"]
            self.assertEqual(body["schema"], {"$ref": f"#/components/schemas/{name}"})
        for custom, status in (({}, 400), ({"size": None}, 400), ({"size": "5"}, 201)):
            answer = self.call("POST", "customers", {"name": "N", "custom": custom}, key=self.key)
            self.assertEqual(answer.status_code, status, answer.content)
        self.assertEqual(answer.json()["custom"], {"size": "5", "tier": "b", "areas": ["a"]})
        path = f"customers/{answer.json()['id']}"
        self.assertEqual(self.call("PUT", path, {"name": "M"}, key=self.key).status_code, 200)
