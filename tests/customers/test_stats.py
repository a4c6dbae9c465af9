from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import numpy as np

from crm.tenancy.context import tenant_context
from customers.models import Customer, CustomerStats
from customers.services import stats
from tests import factories as make
from tests.cases import TenantTestCase

AT = datetime(2026, 3, 10, 12, tzinfo=UTC)


def buy(customer, at, amount):
    return make.purchase(customer=customer, purchased_at=at, amount=amount)


class Refresh(TenantTestCase):
    def setUp(self):
        super().setUp()
        self.customer = make.customer()
        self.acme.timezone = "Asia/Shanghai"
        self.acme.save()

    def figures(self, *names):
        return CustomerStats.objects.values_list(*names).get(customer=self.customer)

    def test_purchases_are_summed_by_the_companys_days(self):
        buy(
            self.customer, datetime(2025, 3, 10, 15, 59, tzinfo=UTC), 100
        )  # 23:59 on the 10th: a year and more ago
        buy(
            self.customer, datetime(2025, 3, 10, 16, 0, tzinfo=UTC), 20
        )  # midnight of the 11th: within twelve months
        buy(self.customer, AT + timedelta(seconds=1), 3)  # after the moment asked for

        stats.refresh(at=AT)

        self.assertEqual(self.figures("orders", "spend", "orders_12m", "spend_12m"), (2, 120, 1, 20))
        self.assertEqual(
            self.figures("first_purchase_on", "last_purchase_on"), (date(2025, 3, 10), date(2025, 3, 11))
        )

    def test_a_return_lowers_what_was_spent_and_is_no_purchase(self):
        buy(self.customer, AT - timedelta(days=9), 100)
        buy(self.customer, AT - timedelta(days=2), -30)

        stats.refresh(at=AT)

        self.assertEqual(self.figures("orders", "spend", "orders_12m", "spend_12m"), (1, 70, 1, 70))
        self.assertEqual(
            self.figures("first_purchase_on", "last_purchase_on"), (date(2026, 3, 1), date(2026, 3, 1))
        )

    def test_contacts_and_next_steps(self):
        make.interaction(customer=self.customer, happened_at=AT - timedelta(days=3))
        make.interaction(customer=self.customer, happened_at=AT - timedelta(days=1), kind="note")
        make.follow_up(self.alice, customer=self.customer, due_at=AT + timedelta(days=5))
        make.follow_up(self.alice, customer=self.customer, due_at=AT, closed_at=AT, outcome="done")

        stats.refresh([self.customer.pk], at=AT)

        self.assertEqual(
            self.figures("last_contact_at", "next_follow_up_at"),
            (AT - timedelta(days=3), AT + timedelta(days=5)),
        )

    def test_only_what_differs_is_written_and_missing_rows_are_made(self):
        bare = Customer.objects.create(name="Bare")
        buy(self.customer, AT, 5)

        self.assertEqual(stats.refresh(at=AT), 2)
        self.assertEqual(stats.refresh(at=AT), 0)
        self.assertEqual(CustomerStats.objects.get(customer=bare).stage, "lead")

    def test_only_the_customers_named_change(self):
        other = make.customer()
        buy(self.customer, AT, 5)
        buy(other, AT, 5)

        self.assertEqual(stats.refresh([other.pk], at=AT), 1)
        self.assertEqual(self.figures("spend"), (0,))

    def test_what_was_handed_down_stays(self):
        stats.hand_down([self.customer.pk], class_code=["key"])
        buy(self.customer, AT, 5)
        stats.refresh(at=AT)
        self.assertEqual(self.figures("class_code", "spend"), ("key", 5))


class HandDown(TenantTestCase):
    def test_writes_arrays_in_one_statement(self):
        customers = [make.customer() for _ in range(3)]
        ids = [customer.pk for customer in customers]

        with self.assertNumQueries(3):  # a savepoint around one statement
            changed = stats.hand_down(
                ids,
                satisfaction=[80, None, 100],
                open_tickets=np.array([7, 0, 9]),
                rfm_segment=['a"b\\c', "", "lost"],
            )

        self.assertEqual(changed, 2)  # the second one's figures are what they were
        written = CustomerStats.objects.values_list("customer", "satisfaction", "open_tickets", "rfm_segment")
        self.assertCountEqual(
            written, [(ids[0], 80, 7, 'a"b\\c'), (ids[1], None, 0, ""), (ids[2], 100, 9, "lost")]
        )
        self.assertEqual(stats.hand_down(ids, open_tickets=[7, 0, 9]), 0)

    def test_refuses_columns_it_does_not_own_and_uneven_ones(self):
        with self.assertRaises(TypeError):
            stats.hand_down([UUID(int=1)], spend=[1])
        with self.assertRaises(ValueError):
            stats.hand_down([UUID(int=1)], class_code=[])

    def test_another_companys_customer_is_out_of_reach(self):
        with tenant_context(self.acme.pk):
            ours = make.customer()
        self._stack.close()
        with tenant_context(self.other.pk):
            self.assertEqual(stats.hand_down([ours.pk], class_code=["key"]), 0)
            self.assertEqual(stats.refresh([ours.pk], at=AT), 0)
        with tenant_context(self.acme.pk):
            self.assertEqual(CustomerStats.objects.get().class_code, "")
