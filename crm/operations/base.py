"""The bases of every page of the admin: of global tables, and of a chosen company's."""

from __future__ import annotations

import logging
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from unfold.admin import ModelAdmin
from unfold.paginator import InfinitePaginator

from crm.services.operations import record

logger = logging.getLogger("crm.operations")


class OperationsAdmin(ModelAdmin):
    """A global table. Nothing is counted; what may be done is named; deeds go to the log, not to a table."""

    may_add = may_change = may_delete = False
    show_full_result_count = False
    paginator = InfinitePaginator
    list_per_page = 50
    list_disable_select_all = True
    search_help_text: str | Promise = ""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_staff

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_staff

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.is_staff and self.may_add

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_staff and self.may_change

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_staff and self.may_delete

    def _get_obj_does_not_exist_redirect(
        self, request: HttpRequest, opts: Any, object_id: str
    ) -> HttpResponse:
        raise Http404

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        raise Http404

    # Django's own log of deeds is one table for everybody and would hold companies' texts.

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:
        self.note(request, "added", obj)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:
        self.note(request, "changed", obj)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None:
        for obj in queryset:
            self.note(request, "deleted", obj)

    def note(self, request: HttpRequest, deed: str, obj: Any) -> None:
        logger.info("%s %s %s by %s", deed, obj._meta.label, obj.pk, request.user.pk)


class CompanyAdmin(OperationsAdmin):
    """A company's table: only within the chosen company, and every look and change there is in its history."""

    def get_queryset(self, request: HttpRequest) -> Any:
        queryset = super().get_queryset(request)
        return queryset if request.tenant else queryset.none()

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not request.tenant:
            return self.explain(request)
        shown = {"model": self.model._meta.label_lower, "query": request.GET.urlencode()[:500]}
        record("admin.viewed", request.user, **shown)
        return super().changelist_view(request, extra_context)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().changeform_view(request, *args, **kwargs) if request.tenant else self.explain(request)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().delete_view(request, *args, **kwargs) if request.tenant else self.explain(request)

    def explain(self, request: HttpRequest) -> HttpResponse:
        """A company's data is shown only once the company is chosen."""
        context = self.admin_site.each_context(request) | {"title": self.model._meta.verbose_name_plural}
        return TemplateResponse(request, "operations/no_company.html", context)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        found = super().get_object(request, object_id, from_field)
        if found is not None:
            record("admin.viewed", request.user, found)
        return found

    def note(self, request: HttpRequest, deed: str, obj: Any) -> None:
        record(f"admin.{deed}", request.user, obj)
