"""A real server on a free port, and the least of a client that speaks HTTP, so that the server is measured."""

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from bench.scratch import ROOT


@contextmanager
def server(application: str, env: dict[str, str], workers: int) -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", application, "--port", str(port), "--workers", str(workers)]
    server = subprocess.Popen([*command, "--log-level", "warning", "--no-access-log"], env=env, cwd=ROOT)
    try:
        _wait_for(port, server)
        yield port
    finally:
        server.terminate()
        server.wait()


def _wait_for(port: int, server: subprocess.Popen) -> None:
    for _ in range(200):
        if server.poll() is not None:
            sys.exit("The server ended at once.")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    sys.exit("The server did not start.")


class Client:
    """One connection that is kept: the least that speaks HTTP, so that the server is measured."""

    def __init__(self, port: int, *headers: str) -> None:
        self.port, self.head = port, "".join(f"{line}\r\n" for line in ("Host: 127.0.0.1", *headers))

    async def open(self) -> None:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port, limit=2**24)

    def close(self) -> None:
        self.writer.close()

    async def post(self, path: str, body: bytes) -> tuple[int, bytes, float]:
        """The status, the answer and how many seconds it took."""
        began = time.perf_counter()
        self.writer.write(f"POST {path} HTTP/1.1\r\n{self.head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        return *await self._answer(), time.perf_counter() - began

    async def get(self, path: str) -> tuple[int, bytes, float]:
        began = time.perf_counter()
        self.writer.write(f"GET {path} HTTP/1.1\r\n{self.head}\r\n".encode())
        return *await self._answer(), time.perf_counter() - began

    async def ask(self, path: str, body: bytes) -> float:
        """How many seconds a post took. Ends the bench where it is not answered with 200."""
        status, answer, lasted = await self.post(path, body)
        if status != 200:
            sys.exit(f"answered {status}: {answer.decode()}")
        return lasted

    async def _answer(self) -> tuple[int, bytes]:
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        status, (_before, length, rest) = int(head.split(" ", 2)[1]), head.partition("content-length:")
        if length:
            return status, await self.reader.readexactly(int(rest.partition("\r\n")[0]))
        return status, await self._chunks()

    async def _chunks(self) -> bytes:
        parts = []
        while size := int((await self.reader.readline()).strip() or b"0", 16):
            parts.append(await self.reader.readexactly(size))
            await self.reader.readline()
        await self.reader.readline()
        return b"".join(parts)


async def clicks(port: int, session: str, paths: Sequence[str], seconds: float, pause: float) -> list[float]:
    """Somebody signed in who opens one page after the other for so long: how many seconds each took."""
    client, took, began = Client(port, f"Cookie: sessionid={session}"), list[float](), time.perf_counter()
    await client.open()
    while time.perf_counter() - began < seconds:
        status, _page, lasted = await client.get(paths[len(took) % len(paths)])
        if status != 200:
            sys.exit(f"a page answered {status}")
        took.append(lasted)
        await asyncio.sleep(pause)
    client.close()
    return took
