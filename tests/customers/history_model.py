"""What ought to stand in a company after any deeds and their undoing, in plain Python: cells, and journals of cells."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

OWN = ("tier", "tags")
CELLS = ("name", "city", "industry", *OWN)
PRICE = 10


def united(one: str, other: str) -> str:
    """The tags of both, in the order of the choices."""
    return ";".join(sorted({*one.split(";"), *other.split(";")} - {""}))


@dataclass(eq=False)
class Record:
    """A customer, a call or an order by its key. Of customers, ``deleted`` is the deed that took it away, ``into``
    whom it was merged into.
    """

    key: str
    cells: dict[str, Any]

    @property
    def living(self) -> bool:
        return self.cells["deleted"] is None


@dataclass(eq=False)
class Lines:
    """The lines of an order as they were written at once; others that read the same are other lines."""

    told: tuple[tuple[str, int], ...]

    @property
    def amount(self) -> int:
        return sum(quantity * PRICE * 100 for _product, quantity in self.told)


@dataclass(eq=False)
class Deed:
    """What one deed wrote: the records it made, and cells with what stood there before and after."""

    kind: str
    made: list[tuple[Record, dict[str, Any]]] = field(default_factory=list)
    changed: list[list[Any]] = field(default_factory=list)
    products: set[str] = field(default_factory=set)
    survivor: Record | None = None
    undone: bool = False


class Model:
    def __init__(self) -> None:
        self.records: dict[str, Record] = {}
        self.calls: dict[str, Record] = {}
        self.orders: dict[str, Record] = {}
        self.products: set[str] = set()
        self.deeds: list[Deed] = []

    def make(self, key: str, **cells: str) -> Record:
        given = {name: cells.get(name, "") for name in CELLS}
        self.records[key] = Record(key, {**given, "deleted": None, "into": None})
        return self.records[key]

    def call(self, text: str, customer: Record) -> None:
        self.calls[text] = Record(text, {"customer": customer})

    def living(self, key: str) -> Record | None:
        found = self.records.get(key)
        return found if found is not None and found.living else None

    def begin(self, kind: str) -> Deed:
        self.deeds.append(Deed(kind))
        return self.deeds[-1]

    @staticmethod
    def write(deed: Deed, record: Record, name: str, value: Any) -> None:
        if record.cells[name] != value:
            deed.changed.append([record, name, record.cells[name], value])
            record.cells[name] = value

    def import_(self, rows: list[tuple[str, dict[str, str]]]) -> Deed:
        """Who was merged is meant as the survivor, the deleted are refused, blanks change nothing."""
        deed, seen = self.begin("import"), set()
        for key, cells in rows:
            found = self.records.get(key)
            if found is None:
                if cells["name"]:
                    made = self.make(key, **cells)
                    deed.made.append((made, dict(made.cells)))
                continue
            target = found.cells["into"] or found
            if target in seen:
                continue
            seen.add(target)
            for name in CELLS:
                if target.living and cells[name]:
                    self.write(deed, target, name, cells[name])
        return deed

    def import_orders(self, rows: Iterable[tuple[str, str, int, tuple]], *, creates: bool) -> Deed:
        """Unknown customers are made or refused; an order is its customer's; whatever differs, its lines are anew."""
        deed, found = self.begin("import"), []
        for number, key, day, told in rows:
            customer = self.records.get(key)
            if customer is None and creates:
                customer = self.make(key, name=key)
                deed.made.append((customer, dict(customer.cells)))
            if customer is not None:
                found.append((number, customer.cells["into"] or customer, day, Lines(told)))
        for number, customer, day, lines in found:
            order = self.orders.get(number)
            if order is None or order.cells["customer"] is customer:
                self._order(deed, number, {"customer": customer, "day": day, "lines": lines})
        return deed

    def _order(self, deed: Deed, number: str, cells: dict[str, Any]) -> None:
        lines = cells["lines"]
        deed.products |= {product for product, _quantity in lines.told} - self.products
        self.products |= deed.products
        order = self.orders.get(number)
        if order is None:
            made = self.orders[number] = Record(number, cells)
            deed.made.append((made, dict(cells)))
        elif (order.cells["day"], order.cells["lines"].told) != (cells["day"], lines.told):
            for name in ("day", "lines"):
                self.write(deed, order, name, cells[name])

    def edit(self, records: list[Record], name: str, value: str) -> Deed:
        deed = self.begin("edit")
        for record in records:
            self.write(deed, record, name, value)
        return deed

    def tag(self, records: list[Record], add: str, remove: str) -> Deed:
        deed = self.begin("edit")
        for record in records:
            kept = {*record.cells["tags"].split(";")} - {remove}
            self.write(deed, record, "tags", united(";".join(kept), add))
        return deed

    def delete(self, records: list[Record]) -> Deed:
        deed = self.begin("delete")
        for record in records:
            self.write(deed, record, "deleted", deed)
        return deed

    def merge(self, survivor: Record, other: Record) -> Deed:
        """What hangs on the other moves, and what the survivor lacks is filled."""
        deed = self.begin("merge")
        deed.survivor = survivor
        for record in self.records.values():
            if record.cells["into"] is other:
                self.write(deed, record, "into", survivor)
        for hanging in self._hanging():
            if hanging.cells["customer"] is other:
                self.write(deed, hanging, "customer", survivor)
        for name in CELLS:
            mine, theirs = survivor.cells[name], other.cells[name]
            self.write(deed, survivor, name, united(mine, theirs) if name == "tags" else mine or theirs)
        self.write(deed, other, "into", survivor)
        self.write(deed, other, "deleted", deed)
        return deed

    def undo(self, deed: Deed) -> None:
        """What still stands as the deed left it is as before; what was changed since stays."""
        deed.undone = True
        for record, image in reversed(deed.made):
            of = self.orders if "lines" in record.cells else self.records
            if record.cells == image and not self._used(record) and of.get(record.key) is record:
                del of[record.key]
        for change in reversed(deed.changed):
            record, name, before, after = change
            if record.cells[name] == after:
                record.cells[name] = before
            elif deed.kind == "merge":
                self._rebase(deed, change)
        self.products -= deed.products - self._sold()

    def _rebase(self, deed: Deed, change: list[Any]) -> None:
        """A later merge that wrote over the cell leads back to what stood before this one."""
        record, name, before, after = change
        for later in self.deeds[self.deeds.index(deed) + 1 :]:
            for other in later.changed if later.kind == "merge" and not later.undone else ():
                if other[0] is record and other[1] == name and other[2] == after:
                    other[2] = before
                    return

    def _hanging(self) -> list[Record]:
        return [*self.calls.values(), *self.orders.values()]

    def _used(self, record: Record) -> bool:
        """What others have come to hang on stays. A merge that was taken back is gone with its survivor."""
        return any(one.cells["customer"] is record for one in self._hanging()) or any(
            one.cells["into"] is record for one in self.records.values()
        )

    def _sold(self) -> set[str]:
        return {product for one in self.orders.values() for product, _quantity in one.cells["lines"].told}

    def told(self) -> dict[str, Any]:
        """All that is to be seen of it."""
        return {key: self._told(one) for key, one in self.records.items()} | {
            "products": sorted(self.products)
        }

    def _told(self, customer: Record) -> tuple[Any, ...]:
        calls = [key for key, one in self.calls.items() if one.cells["customer"] is customer]
        orders = {key: one.cells for key, one in self.orders.items() if one.cells["customer"] is customer}
        return (
            *(customer.cells[name] for name in CELLS),
            customer.living,
            customer.cells["into"].key if customer.cells["into"] else None,
            sorted(calls),
            {
                key: (cells["day"], cells["lines"].amount, cells["lines"].told)
                for key, cells in orders.items()
            },
            (len(orders), sum(cells["lines"].amount for cells in orders.values())),
        )
