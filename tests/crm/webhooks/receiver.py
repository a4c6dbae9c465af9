"""A receiver of webhooks: a real HTTP server on this machine that keeps what it is sent."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    receiver: Receiver

    def handle_error(self, *args: Any) -> None:
        """The other side may leave before it has read everything."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        receiver = self.server.receiver
        body = self.rfile.read(int(self.headers["Content-Length"]))
        receiver.received.append(({name.lower(): value for name, value in self.headers.items()}, body))
        if receiver.drips.is_set():
            self._drip(receiver.drips)
            return
        self.send_response(receiver.status)
        if receiver.location:
            self.send_header("Location", receiver.location)
        self.send_header("Content-Length", str(len(receiver.answer)))
        self.end_headers()
        self.wfile.write(receiver.answer)

    def _drip(self, going: threading.Event) -> None:
        """A byte now and then: each is in time, the whole never is."""
        pause = threading.Event()
        for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"." * 400:
            self.wfile.write(bytes([byte]))
            if not going.is_set() or pause.wait(0.02):
                return

    def log_message(self, *args: Any) -> None:
        pass


class Receiver:
    """Answers ``status`` with ``answer``; ``received`` holds headers and body of every call."""

    def __init__(self) -> None:
        self.status, self.answer, self.location = 204, b"", ""
        self.received: list[tuple[dict[str, str], bytes]] = []
        self.drips = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.receiver = self
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/hook"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self.drips.clear()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
