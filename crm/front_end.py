"""The files of npm packages that pages use. The rest of those packages, sixty megabytes, is not published."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import FileSystemFinder
from django.core.files.storage import FileSystemStorage

# Where a package is published, where it lies in node_modules, and which of its files are wanted.
PACKAGES = {
    "vendor/tabler": ("@tabler/core/dist", ["css/tabler.min.css", "css/tabler.min.css.map"]),
    "vendor/htmx": ("htmx.org/dist", ["htmx.min.js"]),
    "vendor/echarts": ("echarts/dist", ["echarts.min.js"]),
}


class FrontEndFinder(FileSystemFinder):
    """Finds what ``PACKAGES`` names and nothing else."""

    def __init__(self, app_names: Any = None, *args: Any, **kwargs: Any) -> None:
        self.locations = []
        self.storages = {}
        for prefix, (directory, _) in PACKAGES.items():
            root = str(settings.NODE_MODULES / directory)
            self.locations.append((prefix, root))
            self.storages[root] = FileSystemStorage(location=root)
            self.storages[root].prefix = prefix

    def check(self, **kwargs: Any) -> list[Any]:
        return []

    def find_location(self, root: str, path: str, prefix: str | None = None) -> str | None:
        wanted = {f"{prefix}/{file}" for file in PACKAGES[prefix or ""][1]}
        return super().find_location(root, path, prefix) if path in wanted else None

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[Any]:
        for prefix, root in self.locations:
            for file in PACKAGES[prefix][1]:
                yield file, self.storages[root]
