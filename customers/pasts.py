"""The pasts of ``customers`` itself: of customers, of the people there, of contracts."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from customers.models import Contact, Contract, Customer
from customers.models.custom import RecordType
from customers.past import Past, register
from customers.services import contacts, contracts, customers

register(
    Past(
        Customer,
        "customer",
        customers.update_customer,
        customers.EDITABLE,
        own=RecordType.CUSTOMER,
        hidden=("deleted_at", "merged_into_id"),
        deeds={
            "customer.deleted": _("Deleted"),
            "customer.restored": _("Restored"),
            "customer.merged": _("Merged"),
            "customer.unmerged": _("Merge undone"),
            "customer.merged_away": _("Merged"),
            "customer.separated": _("Merge undone"),
            "duplicate.dismissed": _("Told apart from another customer"),
            "customer.accepted": _("Accepted"),
            "customer.rejected": _("Rejected"),
            "customer.confirmed": _("Contact data confirmed"),
            "customer.unconfirmed": _("Confirmation taken back"),
        },
    )
)
register(
    Past(
        Contact,
        "contact",
        contacts.update_contact,
        contacts.EDITABLE,
        own=RecordType.CONTACT,
        labels={"customer_id": _("Customer"), "created_at": pgettext_lazy("date", "Created")},
    )
)
register(
    Past(
        Contract,
        "contract",
        contracts.update_contract,
        contracts.EDITABLE - {"customer"},
        labels={"customer_id": _("Customer")},
        hidden=("deleted_at",),
        deeds={
            "contract.deleted": _("Deleted"),
            "contract.restored": _("Restored"),
            "contract.notice_given": _("Notice given"),
            "contract.notice_withdrawn": _("Notice taken back"),
        },
    )
)
