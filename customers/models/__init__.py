"""Customers from lead to lost, and everything that hangs on them."""

from customers.models.bounces import MailBounce
from customers.models.captures import Capture, CaptureTemplate, Inlet
from customers.models.consents import Consent
from customers.models.contacts import Contact
from customers.models.contracts import Contract
from customers.models.custom import ContactValue, CustomerValue, CustomField
from customers.models.customers import Customer
from customers.models.duplicates import Duplicate, Merge, MergeStep
from customers.models.follow_ups import FollowUp
from customers.models.imports import Import
from customers.models.interactions import Interaction
from customers.models.purchases import Product, Purchase, PurchaseLine
from customers.models.retention import RetentionPeriod
from customers.models.stats import CustomerRisk, CustomerStats
from customers.models.upkeep import Confirmation, ContactCheck, UpkeepPolicy

__all__ = [
    "Capture",
    "CaptureTemplate",
    "Confirmation",
    "Consent",
    "Contact",
    "ContactCheck",
    "ContactValue",
    "Contract",
    "CustomField",
    "Customer",
    "CustomerRisk",
    "CustomerStats",
    "CustomerValue",
    "Duplicate",
    "FollowUp",
    "Import",
    "Inlet",
    "Interaction",
    "MailBounce",
    "Merge",
    "MergeStep",
    "Product",
    "Purchase",
    "PurchaseLine",
    "RetentionPeriod",
    "UpkeepPolicy",
]
