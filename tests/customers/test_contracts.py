"""Contracts: what they are on a day, what time does to them, by hand, by file and over the API."""

from datetime import UTC, date, datetime, timedelta

from django.urls import reverse
from django.utils import timezone

from crm.errors import Stale
from crm.models import AuditEntry
from customers.errors import EndNeeded, EndsTooSoon, ForeignValue, NoticeGiven, NumberTaken
from customers.models import Contract, CustomerStats, FollowUp, Import
from customers.models.contracts import Status
from customers.services import contracts, renewals
from customers.services.customers import delete_customer
from customers.services.duplicates.merging import merge_customers, unmerge
from customers.services.imports.undoing import undo
from tests import factories as make
from tests.cases import ApiTestCase, BrowserTestCase, TenantTestCase
from tests.customers.test_imports import ImportTestCase
from tests.customers.test_undo_imports import rows

TODAY = date(2026, 3, 10)
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def contract(customer, **fields):
    given = {"title": "Service", "starts_on": date(2025, 4, 1), "ends_on": date(2026, 3, 31), **fields}
    return contracts.create_contract(customer=customer, actor=fields.pop("actor", None), **given)


class Dates(TenantTestCase):
    def setUp(self):
        super().setUp()
        self.customer = make.customer(name="Harbour", owner=self.alice)

    def test_the_notice_date_is_kept_by_the_database(self):
        one = contract(self.customer, notice=3, remind_days=14)
        self.assertEqual((one.notice_by, one.remind_on), (date(2025, 12, 31), date(2025, 12, 17)))
        contracts.update_contract(contract=one, actor=None, notice=30, notice_unit="day")
        self.assertEqual(one.notice_by, date(2026, 3, 1))
        self.assertIsNone(contract(self.customer, renewal="open", ends_on=None).notice_by)

    def test_status_by_the_day_is_the_same_in_python_and_in_the_database(self):
        for renewal in ("fixed", "auto", "open"):
            for begun, ends in ((-400, -30), (-400, 0), (-10, 40), (5, 60), (-10, None)):
                if ends is None and renewal != "open":
                    continue
                for given in (None, TODAY):
                    one = contract(
                        self.customer,
                        renewal=renewal,
                        starts_on=TODAY + timedelta(begun),
                        ends_on=None if ends is None else TODAY + timedelta(ends),
                    )
                    Contract.objects.filter(pk=one.pk).update(notice_given_on=given)
        found = {one.pk: one.status_on(TODAY) for one in Contract.objects.all()}
        told = {
            pk: s for s in Status for pk in Contract.objects.standing(s, TODAY).values_list("pk", flat=True)
        }
        self.assertEqual(told, found)
        self.assertEqual(set(found.values()), set(Status.values))

    def test_what_cannot_be(self):
        contract(self.customer, number="V1")
        for error, wrong in (
            (NumberTaken, {"number": "V1"}),
            (EndNeeded, {"ends_on": None}),
            (EndsTooSoon, {"ends_on": date(2025, 3, 31)}),
            (ForeignValue, {"value": 100, "currency": "EUR"}),
        ):
            with self.subTest(error=error), self.assertRaises(error):
                contract(self.customer, **wrong)
        self.assertEqual(Contract.objects.count(), 1)
        one = contract(self.customer, value=100, currency="EUR", value_home=120, every="month")
        self.assertEqual(one.yearly, 1440)
        with self.assertRaises(Stale):
            contracts.update_contract(contract=one, actor=None, version=7, title="New")

    def test_a_term_renews_itself_until_one_is_ahead(self):
        one = contract(self.customer, renewal="auto", ends_on=date(2025, 12, 31), term_months=1)
        other = contract(self.customer, ends_on=date(2025, 12, 31))
        self.assertEqual((renewals.renew_due(NOON), renewals.renew_due(NOON)), (1, 0))
        one.refresh_from_db()
        other.refresh_from_db()
        self.assertEqual((one.ends_on, one.version), (date(2026, 3, 31), 2))
        self.assertEqual(other.ends_on, date(2025, 12, 31))
        contracts.give_notice(contract=one, actor=self.alice, notice_from="customer")
        self.assertEqual((one.status_on(TODAY), one.status_on(date(2026, 4, 1))), ("leaving", "ended"))
        self.assertEqual(renewals.renew_due(datetime(2026, 5, 1, tzinfo=UTC)), 0)
        with self.assertRaises(NoticeGiven):
            contracts.give_notice(contract=one, actor=self.alice, notice_from="us")


class Reminders(TenantTestCase):
    def setUp(self):
        super().setUp()
        self.customer = make.customer(name="Harbour", owner=self.alice)
        self.day = timezone.localdate()
        self.one = contract(
            self.customer, number="V1", renewal="auto", ends_on=self.day + timedelta(100), notice=60,
            notice_unit="day", remind_days=30,
        )  # fmt: skip

    def test_somebody_is_asked_to_decide_in_time_and_once(self):
        at = timezone.now().replace(hour=12)  # after the end of work it would be for the next day
        self.assertEqual(renewals.keep_reminders(at=at + timedelta(9)), 0)
        self.assertEqual(renewals.keep_reminders(at=at + timedelta(11)), 1)
        self.assertEqual(renewals.keep_reminders(at=at + timedelta(12)), 0)
        promised = FollowUp.objects.get()
        self.assertEqual(
            (promised.owner, promised.origin, promised.subject),
            (self.alice, "contract", "Renewal of V1 Service"),
        )
        self.assertEqual(timezone.localdate(promised.due_at), self.day + timedelta(11))
        self.assertEqual(CustomerStats.objects.get().next_follow_up_at, promised.due_at)
        contracts.update_contract(contract=self.one, actor=None, title="Other title")
        self.assertIsNone(FollowUp.objects.get().closed_at)

    def test_other_dates_a_notice_or_a_deletion_let_the_promise_go(self):
        at = timezone.now() + timedelta(11)
        renewals.keep_reminders(at=at)
        self.one.refresh_from_db()
        contracts.update_contract(contract=self.one, actor=None, ends_on=self.day + timedelta(300))
        self.assertEqual(FollowUp.objects.get().outcome, "skipped")
        contracts.update_contract(contract=self.one, actor=None, ends_on=self.day + timedelta(100))
        self.assertEqual(renewals.keep_reminders(at=at), 1)
        self.one.refresh_from_db()
        contracts.give_notice(contract=self.one, actor=self.alice, notice_from="customer")
        self.assertFalse(FollowUp.objects.filter(closed_at=None).exists())
        contracts.take_notice_back(contract=self.one, actor=self.alice)
        renewals.keep_reminders(at=at)
        self.one.refresh_from_db()
        contracts.delete_contract(contract=self.one, actor=self.alice)
        self.assertFalse(FollowUp.objects.filter(closed_at=None).exists())
        contracts.restore_contract(contract=self.one, actor=self.alice)
        delete_customer(customer=self.customer, actor=self.alice)
        self.assertEqual(renewals.keep_reminders(at=at), 0)


class Merging(TenantTestCase):
    def test_contracts_go_along_and_come_back(self):
        one, other = make.customer(name="A"), make.customer(name="B")
        held = contract(other)
        before = rows(Contract)
        merge = merge_customers(survivor=one, others=[other], actor=self.admin)
        held.refresh_from_db()
        self.assertEqual(held.customer, one)
        unmerge(merge=merge, actor=self.admin)
        self.assertEqual(rows(Contract), before)


FILE = (
    "客户编号,合同编号,合同名称,开始日期,到期日期,续约方式,通知期,合同金额,币种,本币金额,付款周期,负责人,创建人,签订日期\n"
    "C1,V1,年度服务,2025-04-01,2026-03-31,自动续约,3,2400.50,,,年付,Leo Lead,Alice,2025-03-02\n"
    "C1,V2,Hosting,2025-01-01,,,,10,EUR,12.5,每月,,,\n"
    "C1,V3,Wrong,2025-01-02,2025-01-01,,,,,,,,,\n"
    "C1,V4,No rate,2025-01-02,2027-01-01,,,10,JPY,,,,,\n"
    "C9,V5,Unknown,2025-01-02,2027-01-01,,,,,,,,,\n"
)


class Files(ImportTestCase):
    def setUp(self):
        super().setUp()
        self.customer = make.customer(name="Harbour", external_id="C1", owner=self.alice)

    def test_brought_in_changed_and_taken_back(self):
        empty = rows(Contract, FollowUp)
        self.assertEqual(self.bring(FILE, "contracts"), (5, 2, 0, 0, 0, 3))
        first, second = Contract.objects.order_by("number")
        self.assertEqual(
            (first.value, first.currency, first.value_home, first.every, first.renewal, first.term_months),
            (240050, "USD", 240050, "year", "auto", 12),
        )
        self.assertEqual((first.owner, first.author), (self.lead, self.alice))
        self.assertEqual(first.created_at.date(), date(2025, 3, 2))
        self.assertEqual(first.notice_by, date(2025, 12, 31))
        self.assertEqual(
            (second.renewal, second.value, second.value_home, second.owner), ("open", 1000, 1250, self.alice)
        )
        brought, between = self.result, rows(Contract, FollowUp)
        self.assertEqual(self.bring(FILE, "contracts"), (5, 0, 0, 2, 0, 3))
        self.bring(
            "customer_id,number,title,starts_on,ends_on\nC1,V1,Renamed,2025-04-01,2027-03-31\n", "contracts"
        )
        self.assertEqual(Contract.objects.get(number="V1").ends_on, date(2027, 3, 31))
        undo(import_=Import.objects.get(pk=self.result["import"]), actor=None)
        self.assertEqual(rows(Contract, FollowUp), between)
        undo(import_=Import.objects.get(pk=brought["import"]), actor=None)
        self.assertEqual(rows(Contract, FollowUp), empty)

    def test_the_reminder_that_a_file_led_to_goes_with_it(self):
        empty = rows(Contract, FollowUp, CustomerStats)
        soon = timezone.localdate() + timedelta(20)
        text = f"customer_id,number,title,starts_on,ends_on\nC1,V1,Service,2025-04-01,{soon}\n"
        self.bring(text, "contracts")
        self.assertEqual(FollowUp.objects.get().origin, "contract")
        undo(import_=Import.objects.get(), actor=None)
        self.assertEqual(rows(Contract, FollowUp, CustomerStats), empty)


class Api(ApiTestCase):
    def setUp(self):
        super().setUp()
        with self.inside():
            self.customer = make.customer(name="Harbour", owner=self.alice)
        self.key = self.key_of(self.admin)
        self.body = {
            "customer": str(self.customer.pk), "title": "Service", "starts_on": "2025-04-01",
            "ends_on": "2099-03-31", "renewal": "auto", "notice": 3, "value": 240000,
        }  # fmt: skip

    def test_life_of_a_contract(self):
        made = self.call("PUT", "contracts/by-number/V1", self.body, key=self.key)
        self.assertEqual((made.status_code, made.json()["notice_by"]), (201, "2098-12-31"))
        again = self.call("PUT", "contracts/by-number/V1", {"value": 1}, key=self.key)
        self.assertEqual((again.status_code, again.json()["value_home"]), (200, 1))
        at = f"contracts/{made.json()['id']}"
        stale = self.call("PATCH", at, {"title": "x"}, key=self.key, **{"If-Match": made["ETag"]})
        self.assertEqual(stale.status_code, 412)
        taken = self.call("POST", "contracts", {**self.body, "number": "V1"}, key=self.key)
        self.assertEqual((taken.status_code, taken.json()["code"]), (409, "number_taken"))
        told = self.call("POST", f"{at}/notice", {"notice_from": "customer"}, key=self.key).json()
        self.assertEqual((told["status"], told["renews_on"]), ("leaving", None))
        listed = self.call("GET", "contracts?status=leaving&notice_by__gte=2098-01-01", key=self.key).json()
        self.assertEqual([one["id"] for one in listed["results"]], [made.json()["id"]])
        self.assertEqual(self.call("GET", "contracts?status=odd", key=self.key).status_code, 400)
        self.assertEqual(self.call("POST", f"{at}/withdraw-notice", key=self.key).json()["status"], "running")
        self.assertEqual(self.call("DELETE", at, key=self.key).status_code, 204)
        self.assertEqual(self.call("GET", at, key=self.key).status_code, 404)
        self.assertEqual(self.call("POST", f"{at}/restore", key=self.key).status_code, 200)
        with self.inside():
            deeds = AuditEntry.objects.filter(deed__startswith="contract.").order_by("id")
            self.assertEqual(
                list(deeds.values_list("deed", flat=True)),
                [
                    *("contract.created", "contract.updated", "contract.notice_given"),
                    *("contract.notice_withdrawn", "contract.deleted", "contract.restored"),
                ],
            )

    def test_who_sees_none_of_the_customer_sees_none_of_its_contracts(self):
        made = self.call("POST", "contracts", self.body, key=self.key).json()
        with self.inside():
            self.reader.visibility = "own"
            self.reader.save()
        answer = self.call("GET", f"contracts/{made['id']}", key=self.key_of(self.reader))
        self.assertEqual(answer.status_code, 404)


class Pages(BrowserTestCase):
    def setUp(self):
        super().setUp()
        with self.inside():
            self.customer = make.customer(name="Harbour", owner=self.alice)
            self.one = contract(self.customer, number="V1", value=240050, ends_on=date(2099, 3, 31))
            gone = contract(self.customer, number="V2", title="Gone")
            contracts.delete_contract(contract=gone, actor=None)
        self.browser = self.sign_in(self.alice)

    def test_list_record_and_page_show_it(self):
        listed = self.browser.get(reverse("customers:contracts"), {"status": "running"})
        self.assertContains(listed, "$2,400.50")
        self.assertNotContains(listed, "Gone")
        tab = self.browser.get(reverse("customers:record", args=[self.customer.pk]), {"tab": "contracts"})
        self.assertContains(tab, "1 in force")
        page = self.browser.get(reverse("customers:contract", args=[self.one.pk]))
        self.assertContains(page, "Ends on its last day")

    def test_change_notice_and_way_back(self):
        edit = reverse("customers:edit-contract", args=[self.one.pk])
        form = {
            "title": "Renamed", "number": "V1", "starts_on": "2025-04-01", "ends_on": "2099-03-31",
            "renewal": "auto", "notice": "3", "notice_unit": "month", "remind_days": "30", "value": "99.95",
            "every": "month", "currency": "eur", "version": self.one.version,
        }  # fmt: skip
        self.assertContains(self.browser.post(edit, form), "own currency too", status_code=422)
        self.assertEqual(self.browser.post(edit, form | {"value_home": "120"}).status_code, 204)
        late = self.browser.post(edit, form | {"value_home": "1", "notes": "Mine alone"})
        self.assertContains(late, "Keep mine", status_code=422)
        for cell in ("$2,400.50", "$120.00", "$1.00"):
            self.assertContains(late, cell, status_code=422)
        self.assertNotContains(late, 'scope="row">Notes', status_code=422)
        with self.inside():
            found = Contract.objects.get(pk=self.one.pk)
            contracts.update_contract(contract=found, actor=None, title="Renamed again")
        # What I left as I read it is theirs, however often it was changed before.
        mine = form | {"value_home": "120", "version": self.one.version + 1, "notes": "Mine"}
        self.assertEqual(self.browser.post(edit, mine).status_code, 204)
        with self.inside():
            found.refresh_from_db()
        self.assertEqual((found.title, found.notes), ("Renamed again", "Mine"))
        as_of = reverse("customers:contract-as-of", args=[self.one.pk])
        self.assertContains(self.browser.get(as_of, {"at": "2020-01-01T00:00"}), "It did not exist yet.")
        self.assertContains(self.browser.get(as_of, {"at": "2090-01-01T00:00"}), "Renamed")
        notice = reverse("customers:give-notice", args=[self.one.pk])
        said = {"notice_from": "customer", "given_on": "2026-01-02", "because": "Too dear"}
        self.assertEqual(self.browser.post(notice, said).status_code, 204)
        with self.inside():
            found = Contract.objects.get(pk=self.one.pk)
            self.assertEqual((found.value, found.currency, found.value_home), (9995, "EUR", 12000))
            self.assertEqual((found.notice_from, found.ended_because), ("customer", "Too dear"))
        self.browser.post(reverse("customers:withdraw-notice", args=[self.one.pk]))
        with self.inside():
            self.assertIsNone(Contract.objects.get(pk=self.one.pk).notice_given_on)
