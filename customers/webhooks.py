"""What programs outside are told of customers."""

from django.utils.translation import gettext_lazy as _

from crm.webhooks import EventType, register

_CUSTOMER = "customers.api.customers.CustomerSerializer"
_CAPTURE = "customers.api.captures.CaptureSerializer"
_CONTACT = "customers.api.contacts.ContactSerializer"
_CONSENT = "customers.api.consents.ConsentSerializer"
_PURCHASE = "customers.api.purchases.PurchaseSerializer"
_CONTRACT = "customers.api.contracts.ContractSerializer"
_FOLLOW_UP = "customers.api.work.FollowUpSerializer"

register(
    EventType("customer.created", _("A customer was added."), _CUSTOMER),
    EventType(
        "customer.updated",
        _("A customer was changed; fields names what, where one was changed by itself."),
        _CUSTOMER,
        deeds=("customer.updated", "customer.accepted", "customer.rejected"),
        facts=("fields",),
    ),
    EventType("customer.deleted", _("A customer was deleted; it can be restored."), _CUSTOMER),
    EventType("customer.restored", _("A deleted customer was brought back."), _CUSTOMER),
    EventType(
        "customer.erased",
        _("A person was erased: erase what you keep of it, too. Nothing is left to read."),
        _CUSTOMER,
    ),
    EventType("customer.merged", _("Customers were merged into this one."), _CUSTOMER, facts=("merged",)),
    EventType("customer.unmerged", _("A merge into this customer was undone."), _CUSTOMER, facts=("merged",)),
    EventType("capture.received", _("Something came from outside and waits for review."), _CAPTURE),
    EventType("capture.accepted", _("A customer was made of what came from outside."), _CAPTURE),
    EventType("capture.merged", _("What came from outside was merged into a customer."), _CAPTURE),
    EventType("capture.rejected", _("What came from outside was rejected."), _CAPTURE),
    EventType("contact.created", _("A contact was added."), _CONTACT),
    EventType("contact.updated", _("A contact was changed."), _CONTACT, facts=("fields",)),
    EventType("contact.deleted", _("A contact was deleted."), _CONTACT),
    EventType("contact.erased", _("A contact was erased: erase what you keep of it, too."), _CONTACT),
    EventType("consent.given", _("A customer or contact agreed to something."), _CONSENT),
    EventType("consent.withdrawn", _("A customer or contact took a consent back."), _CONSENT),
    EventType("purchase.recorded", _("A purchase was recorded."), _PURCHASE),
    EventType("purchase.returned", _("A purchase, or part of it, was returned."), _PURCHASE),
    EventType("purchase.deleted", _("A purchase was deleted."), _PURCHASE),
    EventType("contract.created", _("A contract was added."), _CONTRACT),
    EventType("contract.updated", _("A contract was changed."), _CONTRACT, facts=("fields",)),
    EventType("contract.deleted", _("A contract was deleted; it can be restored."), _CONTRACT),
    EventType("contract.restored", _("A deleted contract was brought back."), _CONTRACT),
    EventType("contract.renewed", _("A contract went on for another term."), _CONTRACT, deeds=()),
    EventType(
        "contract.notice_due", _("It is time to decide whether a contract goes on."), _CONTRACT, deeds=()
    ),
    EventType("contract.notice_given", _("A contract is to end."), _CONTRACT, facts=("ends_on",)),
    EventType("contract.notice_withdrawn", _("A contract goes on after all."), _CONTRACT),
    EventType(
        "interaction.logged",
        _("A contact that happened was logged."),
        "customers.api.work.InteractionSerializer",
    ),
    EventType("follow_up.scheduled", _("A follow-up was promised."), _FOLLOW_UP),
    EventType("follow_up.moved", _("A follow-up was promised for another moment."), _FOLLOW_UP),
    EventType("follow_up.reassigned", _("A follow-up was handed over."), _FOLLOW_UP),
    EventType("follow_up.announced", _("A follow-up falls due soon."), _FOLLOW_UP, deeds=()),
    EventType("follow_up.due", _("A follow-up fell due."), _FOLLOW_UP, deeds=()),
    EventType("follow_up.missed", _("A follow-up is overdue."), _FOLLOW_UP, deeds=()),
    EventType("follow_up.escalated", _("The lead was told of an overdue follow-up."), _FOLLOW_UP, deeds=()),
    EventType("follow_up.completed", _("A follow-up was done."), _FOLLOW_UP),
    EventType("follow_up.skipped", _("A follow-up was let go."), _FOLLOW_UP),
)
