"""A segment or class that asks for somebody who is erased asks for nobody, and is named after nobody."""

import json

from django.urls import reverse

from crm.audit.verification import verify
from crm.models import AuditEntry
from customers.models import Customer
from customers.services.customers import create_customer, update_customer
from customers.services.privacy.erasing import erase_person, preview
from segmentation import criteria
from segmentation.members import reference_at
from segmentation.models import ClassChange, ClassMembership, CustomerClass, Segment
from segmentation.questions import NOBODY
from segmentation.services.classes import create_class
from segmentation.services.classify import classify
from segmentation.services.segments import create_segment
from tests import factories as make
from tests.cases import BrowserTestCase, TenantTestCase

MAIL, NUMBER, NAME = "xw@example.com", "+44 20 7946 0018", "Xmarkerx Wu"


def by(value, op="eq", field="custom:brought_by"):
    return {"field": field, "op": op, "value": value}


class Asked:
    def set_up(self):
        make.custom_field("text", "brought_by")
        make.custom_field("choice", "branch", choices=[NAME, "b"])
        self.person = create_customer(
            name=NAME, email="xw.old@example.com", phone=NUMBER, kind="person", actor=self.alice
        )
        update_customer(customer=self.person, email=MAIL, actor=self.alice)
        for name, brought_by in (("A", MAIL), ("B", "Somebody"), ("C", NAME), ("D", "")):
            create_customer(name=name, custom={"brought_by": brought_by}, actor=self.alice)

    def erase(self):
        return erase_person(person=self.person, reason="Asked by letter", actor=self.admin)

    def meant(self, segment):
        return set(Segment.objects.get(pk=segment.pk).customers().values_list("name", flat=True))


class Segments(Asked, TenantTestCase):
    def setUp(self):
        super().setUp()
        self.set_up()

    def segment(self, *alternatives, name="Segment", description=""):
        return create_segment(name=name, given=list(alternatives), description=description, actor=self.alice)

    def test_each_criterion_that_names_the_person_holds_for_nobody_and_the_others_stay(self):
        orders = {"field": "orders", "op": "gte", "value": 0}
        asked = (
            ([[by(MAIL.upper())]], [[NOBODY]], ""),
            ([[by("xw.old@example.com")]], [[NOBODY]], ""),
            ([[by(NAME)]], [[NOBODY]], ""),
            ([[by("ring 020 7946 0018")]], [[NOBODY]], ""),
            ([[by(MAIL), orders], [by("Somebody")]], [[NOBODY, orders], [by("Somebody")]], "B"),
            ([[by([MAIL, "Somebody"], "in")]], [[by(["Somebody"], "in")]], "B"),
            ([[by([MAIL, NAME], "in")]], [[NOBODY]], ""),
            ([[by(MAIL, field="source")]], [[NOBODY]], ""),
            ([[by("Somebody")]], [[by("Somebody")]], "B"),
            ([[by(NAME, field="custom:branch")]], [[by(NAME, field="custom:branch")]], ""),
            ([[by(NAME, field="city")]], [[by(NAME, field="city")]], ""),
            ([[{"field": "custom:brought_by", "op": "not_null"}]], None, "ABC"),
            ([], [], "ABCD"),
        )
        segments = [self.segment(*given, name=f"S {n}") for n, (given, _left, _names) in enumerate(asked)]
        before = [self.meant(segment) for segment in segments]

        self.erase()

        for segment, was, (given, left, names) in zip(segments, before, asked, strict=True):
            segment.refresh_from_db()
            self.assertEqual(segment.criteria, given if left is None else left)
            self.assertEqual(self.meant(segment), set(names))
            self.assertLessEqual(self.meant(segment), was, "never wider")
        self.assertEqual(verify().findings, [])

    def test_who_is_not_meant_by_an_address_is_meant_still_and_nobody_more(self):
        segment = self.segment([by(MAIL, "ne")])
        before = self.meant(segment)
        self.erase()
        segment.refresh_from_db()
        self.assertEqual(segment.criteria, [[by("[erased]", "ne")]])
        self.assertEqual(self.meant(segment), before - {NAME})
        self.assertEqual(before - {NAME}, set("BCD"))

    def test_names_and_descriptions_lose_the_person_and_stay_apart(self):
        first = self.segment([by(MAIL)], name=MAIL, description=f"Whom {NAME} ({NUMBER}) brought")
        second = self.segment([by(NAME)], name=NAME)
        third = self.segment([by("x")], name="Wu's own")

        self.assertIn((Segment, 2), preview(self.person).emptied)
        done = self.erase()

        names = [Segment.objects.get(pk=one.pk).name for one in (first, second, third)]
        self.assertEqual(names, ["Erased", "Erased 2", "Wu's own"])
        first.refresh_from_db()
        self.assertEqual((first.description, first.version), ("Whom [erased] ([erased]) brought", 3))
        self.assertEqual(done.emptied[Segment], 2)
        said = AuditEntry.objects.filter(subject_type="segmentation.segment").values_list("before", "after")
        told = json.dumps(list(said)).lower()
        for text in (MAIL, NAME.lower(), "7946 0018"):
            self.assertNotIn(text, told)

    def test_in_words_it_says_so(self):
        rule = criteria.parse([[NOBODY]])
        self.assertEqual(criteria.told(rule, reference_at()), "is a person who was erased")
        self.assertNotIn("erased", [field.key for field in criteria.fields()])
        self.assertEqual(self.meant(self.segment([{**NOBODY, "value": False}])), set())


class Classes(Asked, TenantTestCase):
    def setUp(self):
        super().setUp()
        self.set_up()
        make.customer_class("rest", [], 9)
        classify()
        self.brought = create_class(code="hers", name=f"Of {NAME}", given=[[by(MAIL)]], actor=self.admin)
        classify()

    def test_its_rule_and_the_reasons_of_others_name_nobody(self):
        member = Customer.objects.get(name="A")
        self.assertEqual(ClassMembership.objects.get(customer=member).customer_class, self.brought)
        others = {change.pk: change.why for change in ClassChange.objects.exclude(customer=member)}

        self.erase()

        self.brought.refresh_from_db()
        self.assertEqual((self.brought.name, self.brought.criteria), ("Of [erased]", [[NOBODY]]))
        (reason,) = ClassMembership.objects.get(customer=member).why
        self.assertEqual((reason["threshold"], reason["value"]), ("Erased", "Erased"))
        self.assertEqual(ClassChange.objects.filter(customer=member).first().why, [reason])
        left = {change.pk: change.why for change in ClassChange.objects.exclude(customer=member)}
        self.assertEqual(left, others)
        told = json.dumps(list(AuditEntry.objects.values_list("before", "after"))).lower()
        self.assertNotIn(MAIL, told)
        self.assertEqual(verify().findings, [])

    def test_who_was_in_it_goes_where_the_other_rules_say(self):
        self.erase()
        classify()
        member = Customer.objects.get(name="A")
        self.assertEqual(ClassMembership.objects.get(customer=member).customer_class.code, "rest")

    def test_a_class_that_has_the_name_of_a_person_of_one_word_keeps_it(self):
        CustomerClass.objects.filter(code="rest").update(name="Golden")
        firm = create_customer(name="Golden", actor=self.alice)
        erase_person(person=firm, reason="Asked", actor=self.admin)
        self.assertEqual(CustomerClass.objects.get(code="rest").name, "Golden")


class OnThePage(Asked, BrowserTestCase):
    def test_the_rule_can_be_edited_without_losing_whom_it_no_longer_means(self):
        with self.inside():
            self.set_up()
            segment = create_segment(name="Hers", given=[[by(MAIL)]], actor=self.admin)
            self.erase()
        self.sign_in(self.admin)
        page = self.client.get(reverse("segmentation:segment", args=[segment.pk]))
        self.assertContains(page, "is a person who was erased", html=False)
        form = self.client.get(reverse("segmentation:edit-segment", args=[segment.pk]))
        self.assertContains(form, '<option value="erased" selected>erased person</option>', html=True)
