"""A slow line in front of a server: everything that comes through it, whoever asks, shares its width and its delay."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

CHUNK = 16_384
IN_FLIGHT = 256  # chunks that a connection may have under way


@dataclass
class Line:
    """One direction of a line: bytes leave one after the other at its rate, and arrive after its delay."""

    bytes_per_second: float
    delay_seconds: float
    free_at: float = field(default=0.0)

    def arrival(self, size: int, now: float) -> float:
        """When so many bytes that are sent now have arrived; they wait for what was sent before."""
        self.free_at = max(self.free_at, now) + size / self.bytes_per_second
        return self.free_at + self.delay_seconds


@contextmanager
def throttled(url: str, *, mbit_per_second: float, round_trip_ms: float) -> Iterator[str]:
    """The address of a proxy on a free loopback port that passes everything on to `url`, as slowly as told.

    A new connection costs one round trip before its first byte; slow start and lost packets are left out.
    """
    target = urlsplit(url)
    one_way = round_trip_ms / 2000
    down, up = (Line(mbit_per_second * 1e6 / 8, one_way) for _ in range(2))
    loop = asyncio.new_event_loop()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(2 * one_way)
        try:
            far_reader, far_writer = await asyncio.open_connection(target.hostname, target.port)
        except OSError:
            writer.close()
            return
        await asyncio.gather(pump(reader, far_writer, up), pump(far_reader, writer, down))

    async def start() -> asyncio.Server:
        return await asyncio.start_server(connected, "127.0.0.1", 0)

    server = loop.run_until_complete(start())
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        asyncio.run_coroutine_threadsafe(stop(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, line: Line) -> None:
    """Pass on what comes, in order and in time, until either side hangs up."""
    loop = asyncio.get_running_loop()
    under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(IN_FLIGHT)

    async def deliver() -> None:
        while True:
            due, chunk = await under_way.get()
            await asyncio.sleep(due - loop.time())
            if not chunk:
                break
            writer.write(chunk)
            await writer.drain()

    async def take() -> None:
        while True:
            chunk = await reader.read(CHUNK)
            await under_way.put((line.arrival(len(chunk), loop.time()), chunk))
            if not chunk:
                break

    taking = asyncio.ensure_future(take())
    with contextlib.suppress(OSError):
        await asyncio.gather(taking, deliver())
    taking.cancel()
    writer.close()


async def stop(server: asyncio.Server) -> None:
    """Close the server and end what still goes through it."""
    server.close()
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
