"""A wire to a PostgreSQL server that tests can cut at a chosen message."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, suppress

import pytest
from postgres_kit import Server


class Wire:
    """A wire between the store and its server that can be cut at a chosen message.

    Args:
        port: The server's port.
    """

    def __init__(self, port: int) -> None:
        self._server = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self.cut_before: bytes | None = None
        """Cut before a message to the server with these bytes gets there."""
        self.cut_behind: bytes | None = None
        """Cut when a message to the server with these bytes got there, before anything comes back."""
        self._deaf = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                far = socket.create_connection(("127.0.0.1", self._server))
                self._deaf.clear()
                threading.Thread(target=self._there, args=(near, far), daemon=True).start()
                threading.Thread(target=self._back, args=(near, far), daemon=True).start()

    def _there(self, near: socket.socket, far: socket.socket) -> None:
        with suppress(OSError):
            while data := near.recv(2**16):
                if self.cut_before is not None and self.cut_before in data:
                    self._cut(near, far)
                    return
                if self.cut_behind is not None and self.cut_behind in data:
                    self._deaf.set()
                far.sendall(data)
        self._cut(near, far)

    def _back(self, near: socket.socket, far: socket.socket) -> None:
        with suppress(OSError):
            while data := far.recv(2**16):
                if self._deaf.is_set():
                    # The server has answered, so it is done there; nobody will hear of it.
                    self._cut(near, far)
                    return
                near.sendall(data)
        self._cut(near, far)

    @staticmethod
    def _cut(near: socket.socket, far: socket.socket) -> None:
        for end in (near, far):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def mend(self) -> None:
        """Let everything through again."""
        self.cut_before = self.cut_behind = None
        self._deaf.clear()

    def close(self) -> None:
        """Accept no more."""
        self._listening.close()

    def instead(self, url: str) -> str:
        """The address of a database through this wire."""
        return url.replace(f":{self._server}/", f":{self.port}/")


@pytest.fixture
def wire(postgres_server: Server) -> Iterator[Wire]:
    """A wire to the server of the whole run."""
    with closing(Wire(postgres_server.port)) as made:
        yield made
