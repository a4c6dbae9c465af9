"""Models of a company's data: the tenant is in every key and a constant in every query."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from django.db import models
from django.db.models.base import ModelState
from django.db.models.expressions import Expression

from crm.ids import uuid7
from crm.tenancy.context import current_tenant_id


class CurrentTenant(Expression):
    """The open context's tenant, written into the SQL as a constant when the query runs.

    Late, so that a query set may be built at import; ``NoTenant`` when it runs outside any context.
    """

    output_field = models.UUIDField()

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s::uuid", [str(current_tenant_id())]


class _SameTenant:
    """``alias.tenant_id = constant`` for both sides of a join."""

    def __init__(self, *aliases: str | None) -> None:
        self.aliases = [alias for alias in aliases if alias]

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[str]]:
        quote = compiler.quote_name_unless_alias
        sql = " AND ".join(f"{quote(alias)}.{quote('tenant_id')} = %s::uuid" for alias in self.aliases)
        return sql, [str(current_tenant_id())] * len(self.aliases)


class TenantKey(models.ForeignKey):
    """The company a record belongs to: the open context's, unless set.

    The policies hold it; the isolating migration ties root tables to the registry.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            "crm.Tenant",
            models.PROTECT,
            related_name="+",
            editable=False,
            db_index=False,
            db_constraint=False,
        )

    def get_default(self) -> Any:
        # Not a ``default``: a migration that adds the column would ask for it outside any company.
        return current_tenant_id()

    def deconstruct(self) -> Any:
        name, path, _args, _kwargs = super().deconstruct()
        return name, path, [], {}


class TenantForeignKey(models.ForeignKey):
    """A reference to a record of the same company.

    The database holds it by a composite key ``(tenant_id, x_id)`` that the isolating migration adds
    (a single column would accept another company's record); joins carry the tenant on both sides.
    """

    def __init__(self, to: Any, on_delete: Any, **kwargs: Any) -> None:
        kwargs["db_constraint"] = False
        kwargs["db_index"] = False
        super().__init__(to, on_delete, **kwargs)

    def get_extra_restriction(self, alias: str | None, related_alias: str | None) -> Any:
        return _SameTenant(alias, related_alias)


class TenantOneToOneField(TenantForeignKey, models.OneToOneField):
    """At most one per record; the uniqueness is a constraint ``(tenant, x)`` of the model's own."""

    def __init__(self, to: Any, on_delete: Any, **kwargs: Any) -> None:
        super().__init__(to, on_delete, **kwargs)
        self._unique = False


class TenantManager(models.Manager):
    """Rows of the open context's tenant only; also Django's base manager, so that nothing escapes."""

    def get_queryset(self) -> models.QuerySet:
        return super().get_queryset().filter(tenant=CurrentTenant())


class TenantQuerySet(models.QuerySet):
    """The base of every query set of a company's records."""

    @classmethod
    def as_manager(cls) -> Any:
        manager: Any = TenantManager.from_queryset(cls)()  # type: ignore[type-var]
        manager._built_with_asmanager = True
        return manager

    as_manager.queryset_only = True  # type: ignore[attr-defined]

    def at_most(self, limit: int) -> int:
        """How many rows there are, counted no further than ``limit``."""
        return self.order_by()[:limit].count()


class OfPeople(StrEnum):
    """What becomes of a table's rows when a person they speak of is erased.

    What hangs on the person goes, or stays as figures without its texts. What only copies from elsewhere is
    emptied where it speaks of the person: a row as a whole, or those parts of its JSON that do. What asks for people
    asks for the person no more.
    """

    GOES = "goes"
    FIGURES = "figures"
    COPY = "copy"
    PARTS = "parts"
    ASKS = "asks"


class TenantModel(models.Model):
    """A record of one company. The database's primary key is ``(tenant_id, id)``; Django sees ``id``.

    ``audited = False`` goes with ``unaudited_because``; ``audit_hidden`` names columns whose values
    never enter the history (secrets, search columns). ``of_people`` says what becomes of its rows with an erased
    person, ``impersonal`` which of its texts never speak of one.
    """

    audited = True
    audit_hidden: tuple[str, ...] = ()
    of_people = OfPeople.GOES
    impersonal: tuple[str, ...] = ()

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = TenantKey()

    objects = TenantQuerySet.as_manager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not cls.audited and not getattr(cls, "unaudited_because", ""):
            raise TypeError(f"{cls.__name__}: say in unaudited_because why it has no history")

    @classmethod
    def from_db(cls, db: str | None, field_names: Any, values: Any, **options: Any) -> Any:
        """As Django's, which walks all fields of a model to leave out those that were not read: five times as long."""
        new = cls.__new__(cls)
        new._state = ModelState()
        new._state.adding, new._state.db = False, db
        new.__dict__.update(zip(field_names, values, strict=True))
        return new
