"""A way to a server that breaks after some bytes of answers."""

from __future__ import annotations

import random
import socket
import threading
from contextlib import suppress

BOLT = 7687


class Proxy:
    """Forwards connections to a server's Bolt port, until so many bytes of answers went by on one of them.

    Then that connection is `cut`, or falls `silent` for ever, as when packets vanish. New ones pass.
    """

    def __init__(self, address: str, after: int, how: str) -> None:
        self._server = (address, BOLT)
        self._after = after
        self._how = how
        self._listener = socket.create_server((f"127.99.{random.randint(1, 250)}.{random.randint(1, 250)}", 0))
        self.uri = "bolt://{}:{}".format(*self._listener.getsockname())
        self.has_struck = False
        self._open: list[socket.socket] = []

    def __enter__(self) -> Proxy:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """A socket on which a thread waits is not closed by closing it, and the server would keep its transaction."""
        for each in (self._listener, *self._open):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._server)
                self._open += [client, server]
                threading.Thread(target=self._forward, args=(client, server, None), daemon=True).start()
                threading.Thread(target=self._forward, args=(server, client, self._after), daemon=True).start()

    def _forward(self, source: socket.socket, target: socket.socket, limit: int | None) -> None:
        passed = 0
        with suppress(OSError):
            while data := source.recv(16_384):
                passed += len(data)
                if limit is not None and passed > limit:
                    self.has_struck = True
                    if self._how == "cut":
                        break
                    continue
                target.sendall(data)
        if self._how == "cut" or not self.has_struck:
            for each in (source, target):
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
