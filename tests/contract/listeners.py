"""What a wrong address may lead to: nothing, silence, or something that is not Neo4j."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

LOOPBACK = "127.0.0.1"


def dead_port() -> int:
    """A port on which nothing listens: it was free a moment ago."""
    with socket.create_server((LOOPBACK, 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextlib.contextmanager
def listening(greeting: bytes | None, tls: Path | None = None) -> Iterator[int]:
    """A listener that answers every connection with the greeting, or with None keeps silent and holds it open.

    `tls` is a folder with private.key and public.crt.
    """
    accepted: list[socket.socket] = []
    with _listener(tls) as listener:
        threading.Thread(target=_serve, args=(listener, greeting, accepted), daemon=True).start()
        try:
            yield listener.getsockname()[1]
        finally:
            # Ends the thread's accept(), which close() alone would not
            listener.shutdown(socket.SHUT_RDWR)
            for connection in accepted:
                connection.close()


def _listener(tls: Path | None) -> socket.socket:
    listener = socket.create_server((LOOPBACK, 0))
    if tls is None:
        return listener
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tls / "public.crt", tls / "private.key")
    return context.wrap_socket(listener, server_side=True)


def _serve(listener: socket.socket, greeting: bytes | None, accepted: list[socket.socket]) -> None:
    with contextlib.suppress(OSError):  # the listener was closed: the test is over
        while True:
            connection, _address = listener.accept()
            accepted.append(connection)
            if greeting is not None:
                _greet(connection, greeting)


def _greet(connection: socket.socket, greeting: bytes) -> None:
    with contextlib.suppress(OSError):  # the caller may be gone already; the next one is still to be greeted
        connection.recv(1024)
        connection.sendall(greeting)
        connection.shutdown(socket.SHUT_WR)
