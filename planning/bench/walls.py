"""Work in the bench's company that leaves nothing behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.db import connection

from crm.tenancy.context import tenant_context
from planning.bench.company import Company


class _Measured(Exception):
    """Raised to take back what was measured."""


@contextmanager
def taken_back(company: Company) -> Iterator[None]:
    """Inside the company; at the end all that was written is rolled back."""
    with suppress(_Measured), tenant_context(company.tenant.pk):
        yield
        raise _Measured


def checked(work: Callable[[], Any]) -> Any:
    """Do it, and the checks that would wait for the commit."""
    result = work()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    return result
