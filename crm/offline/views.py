"""What makes Tenure an app that can be installed: a service worker, and the one page it keeps."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from crm.access import open_to_all


@open_to_all("it is kept by the browser, without anybody's session")
@require_GET
@cache_control(no_cache=True)
def offline(request: HttpRequest) -> HttpResponse:
    """Shown by the service worker when the server cannot be reached."""
    return render(request, "offline.html")


@open_to_all("a browser fetches it by itself")
@require_GET
@cache_control(no_cache=True)
def service_worker(request: HttpRequest) -> HttpResponse:
    """At the root, because a worker serves only what stands below it."""
    return render(request, "service-worker.js", content_type="text/javascript")
