"""What ought to stand in a company after any deeds and their undoing, in plain Python: cells, and journals of cells."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

CELLS = ("name", "city", "industry")


@dataclass(eq=False)
class Record:
    """A customer by its key; ``deleted`` is the deed that took it away, ``into`` whom it was merged into."""

    key: str
    cells: dict[str, Any]

    @property
    def living(self) -> bool:
        return self.cells["deleted"] is None


@dataclass(eq=False)
class Deed:
    """What one deed wrote: the records it made, and cells with what stood there before and after."""

    kind: str
    made: list[tuple[Record, dict[str, Any]]] = field(default_factory=list)
    changed: list[list[Any]] = field(default_factory=list)
    survivor: Record | None = None
    undone: bool = False


class Model:
    def __init__(self) -> None:
        self.records: dict[str, Record] = {}
        self.calls: dict[str, Record] = {}
        self.deeds: list[Deed] = []

    def make(self, key: str, **cells: str) -> Record:
        given = {name: cells.get(name, "") for name in CELLS}
        self.records[key] = Record(key, {**given, "deleted": None, "into": None})
        return self.records[key]

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

    def edit(self, records: list[Record], name: str, value: str) -> Deed:
        deed = self.begin("edit")
        for record in records:
            self.write(deed, record, name, value)
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
        for call, customer in self.calls.items():
            if customer is other:
                deed.changed.append([call, "customer", other, survivor])
                self.calls[call] = survivor
        for name in CELLS:
            self.write(deed, survivor, name, survivor.cells[name] or other.cells[name])
        self.write(deed, other, "into", survivor)
        self.write(deed, other, "deleted", deed)
        return deed

    def undo(self, deed: Deed) -> None:
        """What still stands as the deed left it is as before; what was changed since stays."""
        deed.undone = True
        for record, image in deed.made:
            if record.cells == image and not self._used(record) and self.records.get(record.key) is record:
                del self.records[record.key]
        for change in reversed(deed.changed):
            record, name, before, after = change
            cells = {"customer": self.calls[record]} if name == "customer" else record.cells
            if cells[name] == after:
                cells[name] = before
                if name == "customer":
                    self.calls[record] = before
            elif deed.kind == "merge":
                self._rebase(deed, change)

    def _rebase(self, deed: Deed, change: list[Any]) -> None:
        """A later merge that wrote over the cell leads back to what stood before this one."""
        record, name, before, after = change
        for later in self.deeds[self.deeds.index(deed) + 1 :]:
            for other in later.changed if later.kind == "merge" and not later.undone else ():
                if other[0] is record and other[1] == name and other[2] == after:
                    other[2] = before
                    return

    def _used(self, record: Record) -> bool:
        """What others have come to hang on stays; a merge that was taken back still names its survivor."""
        return (
            record in self.calls.values()
            or any(one.cells["into"] is record for one in self.records.values())
            or any(deed.survivor is record for deed in self.deeds)
        )

    def told(self) -> dict[str, Any]:
        """All that is to be seen of it."""
        return {
            key: (
                *(one.cells[name] for name in CELLS),
                one.living,
                one.cells["into"].key if one.cells["into"] else None,
                sorted(call for call, customer in self.calls.items() if customer is one),
            )
            for key, one in self.records.items()
        }
