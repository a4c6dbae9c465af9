"""Customers of a demo company: plugged in as the first maker of the scene."""

from crm.demo import register
from customers.demo.making import make_customers

register("customers", make_customers, order=10)
