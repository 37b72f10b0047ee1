# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The sockets of a server, and the faults that strike there: hang, latency, refuse."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable, Callable

from lab.server import bolt, http
from lab.server.instance import Instance
from lab.server.session import BEGIN, COMMIT, HELLO, ROUTE, RUN, Session

_LOOK_SECONDS = 0.1
# How long a stopping server lets open transactions go on
_DRAIN_SECONDS = 1.0
# What a driver waits for before it goes on
_ROUND_TRIPS = (HELLO, RUN, BEGIN, COMMIT, ROUTE)
_Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Listeners:
    """Bolt and HTTP of one server."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.servers: list[asyncio.Server] = []
        self.connections: set[asyncio.StreamWriter] = set()
        # Connections with a transaction that has begun and not ended
        self.busy: set[asyncio.StreamWriter] = set()
        self.is_stopping = False

    async def open(self) -> None:
        config = self.instance.config
        host, port = config.address("server.bolt.listen_address")
        self.servers = [await asyncio.start_server(self._tracked(self._bolt), host, port, ssl=self._tls(), backlog=128)]
        if config.is_on("server.http.enabled"):
            host, port = config.address("server.http.listen_address")
            self.servers.append(await asyncio.start_server(self._tracked(self._http), host, port))

    def close(self) -> None:
        for server in self.servers:
            server.close()
        self.servers = []
        for writer in self.connections:
            writer.close()

    async def stop(self) -> None:
        """Close the ports and every idle connection, and the others when their transactions have ended."""
        self.is_stopping = True
        for server in self.servers:
            server.close()
        for writer in self.connections - self.busy:
            writer.close()
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _DRAIN_SECONDS
        while self.busy and loop.time() < deadline:
            await asyncio.sleep(0.01)
        self.close()

    async def follow_faults(self) -> None:
        """Close the ports while `refuse` is set."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            refused = self.instance.faults.get("refuse") is not None
            if refused and self.servers:
                self.close()
            elif not refused and not self.servers:
                await self.open()

    def _tls(self) -> ssl.SSLContext | None:
        config = self.instance.config
        if config.get("server.bolt.tls_level") != "REQUIRED":
            return None
        policy = "dbms.ssl.policy.bolt."
        folder = config.path(f"{policy}base_directory")
        assert folder is not None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate = folder / (config.get(f"{policy}public_certificate") or "")
        context.load_cert_chain(certificate, folder / (config.get(f"{policy}private_key") or ""))
        return context

    def _tracked(self, handler: _Handler) -> _Handler:
        """A connection handler that survives what a client may do, and is ended with the server."""

        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self.connections.add(writer)
            try:
                await self._while_hanging()
                await handler(reader, writer)
                await writer.drain()
            except (asyncio.IncompleteReadError, ConnectionError, bolt.NotBoltError, ValueError):
                pass  # the client left, or speaks something else
            finally:
                self.connections.discard(writer)
                self.busy.discard(writer)
                writer.close()
                with contextlib.suppress(ConnectionError, ssl.SSLError):
                    await writer.wait_closed()

        return handle

    async def _http(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._latency()
        await http.answer(self.instance, reader, writer)

    async def _bolt(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        version = await bolt.handshake(reader, writer, bolt.offer(self.instance.version))
        ends = [writer.get_extra_info(end) for end in ("sockname", "peername")]
        session = Session(self.instance, version, ("{}:{}".format(*ends[0][:2]), "{}:{}".format(*ends[1][:2])))
        self.instance.sessions.append(session)
        try:
            await self._converse(session, reader, writer)
        finally:
            self.instance.sessions.remove(session)

    async def _converse(self, session: Session, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not session.is_closing and not (self.is_stopping and session.transaction is None):
            message = await bolt.read_message(reader)
            await self._while_hanging()
            if message.tag in _ROUND_TRIPS:
                await self._latency()
            while session.must_wait(message) and not writer.is_closing():
                await asyncio.sleep(_LOOK_SECONDS)
            for answer in session.handle(message):
                writer.write(bolt.framed(answer))
            self._note(writer, session)
            await writer.drain()

    def _note(self, writer: asyncio.StreamWriter, session: Session) -> None:
        """Whether a stop has to wait for this connection."""
        if session.transaction is None:
            self.busy.discard(writer)
        else:
            self.busy.add(writer)

    async def _while_hanging(self) -> None:
        while self.instance.faults.get("hang") is not None:
            await asyncio.sleep(_LOOK_SECONDS)

    async def _latency(self) -> None:
        latency = self.instance.faults.get("latency")
        if latency is not None:
            await asyncio.sleep(latency["seconds"])
