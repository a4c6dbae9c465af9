"""The client that openapi-python-client makes of the description, and a strict way of calling it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
from attrs import fields, has

from crm.wsgi import application

PACKAGE = "tenure_client"


def generate(description: bytes, folder: Path) -> str:
    """Write the package into ``folder`` as its command line does; gives what it said. Any warning is a failure."""
    (folder / "openapi.json").write_bytes(description)
    (folder / "config.yml").write_text("post_hooks: []\n")
    command = [
        sys.executable,
        "-m",
        "openapi_python_client",
        "generate",
        "--fail-on-warning",
        "--meta",
        "none",
    ]
    told = ["--path", "openapi.json", "--config", "config.yml", "--output-path", PACKAGE]
    done = subprocess.run([*command, *told], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise AssertionError(done.stdout + done.stderr)
    return done.stdout + done.stderr


class Api:
    """Calls of the generated client with a key; an answer that nobody described raises."""

    def __init__(self, key: str) -> None:
        self.models: ModuleType = import_module(f"{PACKAGE}.models")
        self._client = import_module(PACKAGE).AuthenticatedClient(
            base_url="http://testserver",
            token=key,
            raise_on_unexpected_status=True,
            httpx_args={"transport": httpx.WSGITransport(app=application)},
        )

    def __getattr__(self, resource: str) -> Any:
        return _Resource(self._client, resource)


class _Resource:
    def __init__(self, client: Any, name: str) -> None:
        self._client, self._name = client, name

    def __getattr__(self, action: str) -> Any:
        module = import_module(f"{PACKAGE}.api.{self._name}.{self._name}_{action}")

        def call(*args: Any, status: int = 200, **given: Any) -> Any:
            answer = module.sync_detailed(*args, client=self._client, **given)
            if answer.status_code != status:
                raise AssertionError(f"{answer.status_code}: {answer.content.decode()}")
            undescribed = sorted(_undescribed(answer.parsed))
            if undescribed:
                raise AssertionError(f"{self._name}_{action}: answered but not described: {undescribed}")
            return answer.parsed

        return call


def _undescribed(answer: Any) -> Iterator[str]:
    """Names in the answer that its models do not have, but for models that are names and values alone."""
    if isinstance(answer, list):
        for one in answer:
            yield from _undescribed(one)
    elif has(type(answer)):
        own = [field.name for field in fields(type(answer)) if field.name != "additional_properties"]
        if own:
            yield from getattr(answer, "additional_properties", {})
        for name in own:
            yield from _undescribed(getattr(answer, name))
