"""Every form over a record with a ``version``: who saves an older reading is shown both and decides."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import F

from crm.models import SavedView
from crm.services.saved_views import save_view
from customers.models import Contract, CustomField
from tests import factories as make
from tests.cases import BrowserTestCase
from tests.isolation.routes import Route, all_routes
from tests.isolation.rows import Rows, tenant_models
from tests.sent import sent_of

# What is typed into, the first that the form has, and the column behind it.
TYPED = {
    "name": "name",
    "subject": "subject",
    "label": "label",
    "topic": "topic",
    "owner": "owner",
    "because": "moved_because",
    "number": "number",
}


class EveryVersionedForm(BrowserTestCase):
    def setUp(self) -> None:
        super().setUp()
        with self.inside():
            made = Rows("Sample")
            made.made[CustomField] = make.custom_field("choice", "tier")
            made.made[SavedView] = save_view(actor=self.admin, listing="customers", name="Sample")
            rows = made.one_of_each()
            Contract.objects.update(starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31))
        self.rows = {
            model: row
            for model, row in rows.items()
            if model in tenant_models() and any(field.name == "version" for field in model._meta.fields)
        }
        self.sign_in(self.admin)

    def found(self) -> dict[str, Any]:
        """The addresses of forms that hold a version, each with the record it changes."""
        return {
            address: row
            for route in all_routes()
            if not route.path.startswith("api/")
            for row in self.rows.values()
            for address in self.addresses(route, row)
            if self.holds_version(address)
        }

    def addresses(self, route: Route, row: Any) -> list[str]:
        here = route.callback.__module__.split(".")[0] == row._meta.app_label
        return list(route.addresses([row.pk], ["name"])) if here and route.parameters else []

    def holds_version(self, address: str) -> bool:
        answer = self.client.get(address)
        is_page = answer.status_code == 200 and "text/html" in answer.headers.get("Content-Type", "")
        return is_page and not answer.streaming and bool(sent_of(answer.content.decode()))

    def test_shows_what_differs_and_keeps_what_is_chosen(self) -> None:
        found = self.found()
        covered = {row._meta.model_name for row in found.values()}
        self.assertEqual(covered, {model._meta.model_name for model in self.rows})
        for number, (address, row) in enumerate(found.items()):
            with self.subTest(address=address):
                self.decides(address, row, f"Theirs {number}", f"Mine {number}")

    def decides(self, address: str, row: Any, theirs: Any, mine: Any) -> None:
        opened = sent_of(self.client.get(address).content.decode())
        field = next(field for field in TYPED if field in opened)
        name, words = TYPED[field], (">Before<", ">Theirs<", ">Yours<", theirs, mine)
        if name == "owner":
            with self.inside():
                theirs, mine = (make.MemberFactory(display_name=one) for one in (theirs, mine))
        typed = opened | {field: str(getattr(mine, "pk", mine))}
        self.saved_by_another(row, name, theirs)

        ahead = self.client.post(address, typed | {"version": int(opened["version"]) + 5})
        self.assertEqual((ahead.status_code, self.now(row, name)), (412, theirs))

        late = self.client.post(address, typed)
        shown = late.content.decode()
        self.assertEqual((late.status_code, self.now(row, name)), (422, theirs))
        for word in words:
            self.assertIn(word, shown)

        kept = self.client.post(address, sent_of(shown))
        self.assertIn(kept.status_code, (200, 204, 302))
        self.assertEqual(self.now(row, name), mine)

    def saved_by_another(self, row: Any, name: str, value: Any) -> None:
        with self.inside():
            type(row).objects.filter(pk=row.pk).update(version=F("version") + 1, **{name: value})

    def now(self, row: Any, name: str) -> Any:
        with self.inside():
            return getattr(type(row).objects.get(pk=row.pk), name)
