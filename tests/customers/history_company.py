"""A company and its model, for whatever is done to both."""

from __future__ import annotations

import csv
from uuid import uuid4

from crm.exports import services as exports
from crm.exports.listings import listing_of
from crm.tenancy.context import tenant_context
from customers.models import Customer, Import, Interaction, Merge, Product, PurchaseLine
from customers.services.bulk import undoing
from customers.services.bulk.deeds import DELETE, EDIT, TAG, Deed, apply, check
from customers.services.customers import create_customer, delete_customer, restore_customer, update_customer
from customers.services.duplicates.merging import merge_customers, unmerge
from customers.services.imports import import_file
from customers.services.imports.undoing import undo as undo_import
from tests import factories as make
from tests.customers.history_model import CELLS, OWN, PRICE, Model

START = {
    "A": {"name": "A", "city": "Bath", "tier": "gold", "tags": "a"},
    "B": {"name": "B", "industry": "Food", "tags": "b"},
    "C": {"name": "C"},
}
ORDERS = [("O1", "A", 1, (("P", 1), ("Q", 2)))]
COLUMNS = ("customer_id", "order_no", "purchased_at", "product", "quantity", "unit_price")


def split(cells):
    """Cells as services take them: built-in fields, and custom ones, of which ``None`` is empty."""
    plain = {name: value for name, value in cells.items() if name not in OWN}
    own = {name: cells[name] or None for name in OWN if name in cells}
    if own.get("tags"):
        own["tags"] = own["tags"].split(";")
    return plain, own


class Company:
    """Each deed is done to the company and to its model. ``colleague`` does what is no deed that could be undone."""

    def __init__(self, case, tenant, actor, colleague):
        self.case, self.tenant, self.actor, self.colleague = case, tenant, actor, colleague
        self.model, self.done, self.in_order = Model(), {}, True
        with tenant_context(tenant.pk):
            make.custom_field("text", "tier")
            make.custom_field("multi_choice", "tags")
            for key, cells in START.items():
                plain, own = split(cells)
                create_customer(external_id=key, actor=None, custom=own, **plain)
                call = make.interaction(customer=self.of(key), text=f"Call {key}")
                self.model.call(call.text, self.model.make(key, **cells))
            self.bring("purchases", COLUMNS, self._lines(ORDERS))
            self.model.import_orders(ORDERS, creates=False)

    def of(self, key):
        return Customer.objects.get(external_id=key)

    def told(self):
        with tenant_context(self.tenant.pk):
            calls, orders = {}, {}
            for key, text in Interaction.objects.values_list("customer__external_id", "text"):
                calls.setdefault(key, []).append(text)
            for order, key, line in self._told_lines():
                orders.setdefault(key, {}).setdefault(order, []).append(line)
            rows = {
                one.external_id: (
                    *self._told_cells(one),
                    sorted(calls.get(one.external_id, [])),
                    {order: (*lines[0][:2], tuple(line[2:] for line in lines))
                     for order, lines in orders.get(one.external_id, {}).items()},
                    (one.stats.orders, one.stats.spend),
                )
                for one in Customer.objects.select_related("stats", "merged_into")
            }  # fmt: skip
            return rows | {"products": sorted(Product.objects.values_list("code", flat=True))}

    def _told_lines(self):
        """Order, customer and line, with the order's day and amount."""
        lines = PurchaseLine.objects.select_related("purchase__customer", "product")
        for line in lines.order_by("purchase__order_no", "position"):
            order = line.purchase
            told = (order.purchased_at.day, order.amount, line.product.code, int(line.quantity))
            yield order.order_no, order.customer.external_id, told

    def _told_cells(self, one):
        plain = [getattr(one, name) for name in CELLS if name not in OWN]
        own = [one.custom.get("tier", ""), ";".join(one.custom.get("tags", []))]
        return *plain, *own, one.deleted_at is None, one.merged_into.external_id if one.merged_into else None

    def act(self, deed, told):
        request_id = uuid4()
        with tenant_context(self.tenant.pk, request_id=request_id, member_id=self.actor.pk):
            getattr(self, deed)(told, request_id)

    def note(self, deed, handle):
        self.done[deed] = handle

    # Deeds that can be undone

    def import_customers(self, rows, request_id):
        lines = [[key, *(cells[name] for name in CELLS)] for key, cells in rows]
        brought = self.bring("customers", ("external_id", *CELLS), lines, key="external_id")
        self.note(self.model.import_(rows), brought["import"])

    def import_orders(self, told, request_id):
        rows, unknown = told
        brought = self.bring("purchases", COLUMNS, self._lines(rows), unknown=unknown)
        self.note(self.model.import_orders(rows, creates=unknown == "create"), brought["import"])

    def bring(self, kind, head, lines, **choices):
        path = self.case.folder / "f.csv"
        with path.open("w", newline="") as file:
            csv.writer(file).writerows([head, *lines])
        return import_file(path=path, kind=kind, **choices)

    def _lines(self, orders):
        return [
            (customer, number, f"2025-01-0{day}", product, quantity, PRICE)
            for number, customer, day, lines in orders
            for product, quantity in lines
        ]

    def merge(self, keys, request_id):
        survivor, other = (self.model.living(key) for key in keys)
        if survivor is None or other is None or survivor is other:
            return
        merge = merge_customers(survivor=self.of(keys[0]), others=[self.of(keys[1])], actor=self.actor)
        self.note(self.model.merge(survivor, other), merge.pk)

    def edit(self, told, request_id):
        keys, name, value = told
        deed = Deed(EDIT, *split({name: value}))
        self._many(keys, deed, request_id, lambda some: self.model.edit(some, name, value))

    def tag(self, told, request_id):
        keys, add, remove = told
        ways = {way: {"tags": [tag]} for way, tag in (("add", add), ("remove", remove)) if tag}
        self._many(keys, Deed(TAG, ways), request_id, lambda some: self.model.tag(some, add, remove))

    def delete(self, keys, request_id):
        self._many(keys, Deed(DELETE), request_id, self.model.delete)

    def _many(self, keys, deed, request_id, modelled):
        ids = list(Customer.objects.filter(external_id__in=keys).values_list("pk", flat=True))
        apply(deed=check(deed, self.actor), ids=ids, actor=self.actor)
        living = [record for key in sorted(keys) if (record := self.model.living(key))]
        self.note(modelled(living), request_id)

    # Their undoing

    def undo(self, number, request_id):
        standing = [deed for deed in self.model.deeds if deed in self.done and not deed.undone]
        if number < len(standing):
            self.in_order &= standing[number] is standing[-1]
            self.take_back(standing[number])

    def take_back(self, deed):
        if deed.survivor is not None and deed.survivor.cells["into"] is not None:
            return
        handle = self.done[deed]
        self.model.undo(deed)
        if deed.kind == "import":
            undo_import(import_=Import.objects.get(pk=handle), actor=self.actor)
        elif deed.kind == "merge":
            unmerge(merge=Merge.objects.get(pk=handle), actor=self.actor)
        else:
            entries = list(undoing.changes_of(handle).values_list("pk", "subject_id"))
            undoing.undo(entries=entries, request_id=handle, actor=self.actor)

    def everything_undone(self):
        with tenant_context(self.tenant.pk, request_id=uuid4(), member_id=self.actor.pk):
            for deed in reversed(self.model.deeds):
                if deed in self.done and not deed.undone:
                    self.take_back(deed)

    # What others do meanwhile

    def change_one(self, told, request_id):
        key, name, value = told
        if record := self.model.living(key):
            self.model.edit([record], name, value)
            plain, own = split({name: value})
            update_customer(customer=self.of(key), actor=self.colleague, custom=own, **plain)

    def delete_one(self, key, request_id):
        if record := self.model.living(key):
            self.model.delete([record])
            delete_customer(customer=self.of(key), actor=self.colleague)

    def restore_one(self, key, request_id):
        record = self.model.records.get(key)
        if record is not None and not record.living and record.cells["into"] is None:
            record.cells["deleted"] = None
            restore_customer(customer=self.of(key), actor=self.colleague)

    def there_and_back(self, form, request_id):
        """An export brought in again changes nothing."""
        for kind, choices in (("customers", {"key": "external_id"}), ("purchases", {})):
            path = self.case.folder / f"there.{form}"
            ask = exports.asked(member=self.actor, query={}, whole=True)
            exports.export_to(listing=listing_of(kind), ask=ask, form=form, path=path)
            again = import_file(path=path, kind=kind, **choices)
            told = (again["unchanged"], again["rejected"])
            self.case.assertEqual(told, (again["rows"], 0), again["first_errors"])
