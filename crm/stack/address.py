"""Where the web process listens, and whether it answers."""

from __future__ import annotations

import http.client
import os
from dataclasses import dataclass

from crm.stack import processes
from crm.stack.errors import StackError


@dataclass(frozen=True)
class Address:
    """``TENURE_HOST`` and ``TENURE_PORT``."""

    host: str
    port: int

    @classmethod
    def from_environment(cls) -> Address:
        """127.0.0.1:8000 unless set otherwise."""
        port = os.environ.get("TENURE_PORT") or "8000"
        if not port.isdecimal() or not 0 < int(port) < 65536:
            raise StackError(f"TENURE_PORT must be a number from 1 to 65535, not {port!r}.")
        return cls(os.environ.get("TENURE_HOST") or "127.0.0.1", int(port))

    @property
    def bind(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def near(self) -> str:
        """The host to ask from this machine."""
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104

    @property
    def url(self) -> str:
        """The address to open in a browser on this machine."""
        return f"http://{Address(self.near, self.port).bind}"

    def check_free(self) -> None:
        """Refuse, saying what to change, when another program listens there."""
        if processes.port_is_free(self.port, self.host):
            return
        raise StackError(
            f"Port {self.port} of {self.host} is taken by another program or not allowed. "
            f"Choose another one: TENURE_PORT={self.port + 1} make run"
        )

    def answers(self, path: str = "/readyz") -> bool:
        """Whether the web process says 200 there, asked as a browser of an allowed host would."""
        allowed = os.environ.get("ALLOWED_HOSTS", "").split(",")[0].strip().lstrip(".")
        host = allowed if allowed and allowed != "*" else self.near
        link = http.client.HTTPConnection(self.near, self.port, timeout=10)
        try:
            link.request("GET", path, headers={"Host": host, "X-Forwarded-Proto": "https"})
            return link.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            link.close()
