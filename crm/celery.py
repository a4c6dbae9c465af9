"""The worker: every job works for one company, named in the message's header."""

from __future__ import annotations

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
os.environ.setdefault("OMP_NUM_THREADS", "1")

from celery import Celery, Task
from django.conf import settings

from crm.tenancy.context import NoTenant, current_or_none

HEADER = "tenure_tenant"


class TenantTask(Task):
    """Runs for the company in its header and refuses to run without.

    The task opens ``tenant_context`` itself, as often as it needs a transaction: what talks to the
    world must do so outside one.
    """

    def apply_async(self, args: Any = None, kwargs: Any = None, **options: Any) -> Any:
        headers = dict(options.pop("headers", None) or {})
        if HEADER not in headers:
            context = current_or_none()
            if context is None:
                raise NoTenant(
                    f"{self.name}: send it inside a tenant_context or name the tenant in the header"
                )
            headers[HEADER] = str(context.tenant_id)
        return super().apply_async(args, kwargs, headers=headers, **options)

    @property
    def tenant_id(self) -> str:
        tenant_id = (self.request.headers or {}).get(HEADER) or getattr(self.request, HEADER, None)
        if not tenant_id:
            raise NoTenant(f"{self.name}: the message names no tenant")
        return str(tenant_id)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.tenant_id  # noqa: B018  refuses before anything is done
        return super().__call__(*args, **kwargs)


class GlobalTask(Task):
    """Touches no company's data: the tick, housekeeping of global tables."""


app = Celery("tenure", task_cls=TenantTask)
app.conf.update(
    broker_url=settings.CELERY_BROKER_URL,
    broker_connection_retry_on_startup=True,
    task_serializer="json",
    accept_content=["json"],
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_time_limit=3_600,
    task_soft_time_limit=3_500,
    broker_transport_options={"visibility_timeout": 7_200},
    worker_hijack_root_logger=False,
    timezone="UTC",
    beat_scheduler="django_celery_beat.schedulers:DatabaseScheduler",
)
app.autodiscover_tasks()
