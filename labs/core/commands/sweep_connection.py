"""The way to a Dask cluster: its scheduler found, its workers checked, and what is wrong said clearly."""

import asyncio
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from labs.core.commands.sweep_alone import Fingerprint, fingerprint, processor

if TYPE_CHECKING:
    from distributed import Client

WAIT_SECONDS = 10.0
NAMES = {"labs": "labs", "python": "Python", "numpy": "NumPy", "sources": "the sources"}
SAME = (
    "give every machine the caller's commit, Python and `pip install -c constraints.txt -e '.[cluster]'`, and start "
    "its workers again"
)


def check_workers(client: "Client", module: str, expected: Fingerprint) -> None:
    """Refuse workers that would compute something else than the caller.

    Raises: ValueError.
    """
    answers: Mapping[str, Any] = client.run(fingerprint, module, on_error="return")
    differing = [
        (worker, got)
        for worker, got in sorted(answers.items())
        if got != expected and not isinstance(got, OSError)  # which is one that left meanwhile
    ]
    if differing:
        worker, got = differing[0]
        raise difference(expected, got, worker, len(differing) - 1)


def difference(expected: Fingerprint, got: object, worker: str = "of the cluster", others: int = 0) -> ValueError:
    """What is said of a worker that has another fingerprint, or none."""
    also = f"; {others} more differ" if others else ""
    if isinstance(got, Mapping):
        name = next(name for name in expected if got.get(name) != expected[name])
        wants, has = f"{NAMES[name]} {expected[name]}", got.get(name, "none")
    else:
        wants, has = "the package labs with this sweep", str(got)
    return ValueError(f"Worker {worker}: expected {wants}, got {has}{also}; {SAME}.")


def connected(address: str) -> "Client":
    """A client of the scheduler at this address.

    Raises: ValueError if the extra is missing, or none answers in time.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise ValueError(
            f"--scheduler: expected the package distributed, got {error}; pip install 'labs[cluster]'."
        ) from error
    start = f"--scheduler: expected the address of a Dask scheduler, such as tcp://10.0.0.5:8786, got {address!r}"
    try:
        kind = asyncio.run(_kind_at(address))
    except TimeoutError:
        raise ValueError(
            f"{start}, where none answers in {WAIT_SECONDS:g} s; start `dask scheduler` there, or mend address, "
            "port (8786, where its log says no other) or firewall."
        ) from None
    except (ValueError, TypeError, OSError) as error:
        raise ValueError(f"{start} ({error}); mend it, or for tls:// Dask's TLS settings.") from error
    if kind != "Scheduler":
        raise ValueError(f"{start}, where a {kind} answers; give the scheduler's own address.")
    return Client(address, timeout=WAIT_SECONDS, set_as_default=False)


async def _kind_at(address: str) -> str:
    """What answers at an address. (A `Client` would wait for ever for a server of another kind.)"""
    from distributed.core import rpc
    from distributed.security import Security

    async with (
        asyncio.timeout(WAIT_SECONDS),
        rpc(address, connection_args=Security().get_connection_args("client")) as server,
    ):
        found = await server.identity()
    return str(found["type"])


def await_workers(client: "Client", address: str, workers: int) -> None:
    """Wait a little for so many workers.

    Raises: ValueError if they don't come.
    """
    try:
        client.wait_for_workers(workers, timeout=WAIT_SECONDS)
    except TimeoutError:
        raise ValueError(
            f"--scheduler: expected workers at {address}, got too few in {WAIT_SECONDS:g} s; start one or more: "
            f"dask worker {address}"
        ) from None


def tell_workers(client: "Client", address: str) -> None:
    """Say how many workers there are, where to watch them, and whether their processors are of several kinds."""
    threads: Mapping[str, int] = client.nthreads()
    watch = f"; watch at {client.dashboard_link}" if client.dashboard_link else ""
    print(f"Workers at {address}: {len(threads)}, for {sum(threads.values())} tasks at a time{watch}", flush=True)
    answers: Mapping[str, Any] = client.run(processor, on_error="return")
    kinds = sorted({processor(), *(kind for kind in answers.values() if isinstance(kind, str))})
    if len(kinds) > 1:
        print(
            f"note: there are processors of several kinds ({', '.join(kinds)}), which may differ in the last digits.",
            file=sys.stderr,
        )
