"""Refuses every connection that would leave this machine, in all threads of this process.

Python imports a module of this name when it starts: tests/conftest.py puts this folder on PYTHONPATH, so the processes
that tests start are guarded like the tests themselves. It watches Python's own sockets; a browser is watched elsewhere.
"""

from __future__ import annotations

import ipaddress
import socket
import sys
from typing import Any

REFUSED: list[str] = []
"""What was refused in this process, for whoever wants to know although the error was swallowed."""
_SENDING = ("socket.connect", "socket.sendto", "socket.sendmsg")
_ASKING = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr")


class LeavesThisMachine(RuntimeError):  # noqa: N818 - reads as what it is
    """Somebody tried to reach another machine. Not an OSError, which would look like a network that is down."""


def stays_here(host: object) -> bool:
    """Whether `host`, as it is given to a socket, is this machine by its loopback name or address."""
    name = host.decode("ascii", "replace") if isinstance(host, bytes | bytearray) else host
    if name is None or name in ("", "localhost"):
        return True
    try:
        return ipaddress.ip_address(str(name).partition("%")[0]).is_loopback
    except ValueError:
        return False


def refuse(event: str, args: tuple[Any, ...]) -> None:
    """An audit hook; raises LeavesThisMachine."""
    if event in _SENDING:
        family, address = args[0].family, args[1]
        if family == getattr(socket, "AF_UNIX", None) or address is None:
            return
        here = family in (socket.AF_INET, socket.AF_INET6) and stays_here(address[0])
    elif event in _ASKING:
        address = args[0]
        here = stays_here(address)
    else:
        return
    if not here:
        REFUSED.append(f"{event} {address!r}")
        raise LeavesThisMachine(f"{event} {address!r}: tests stay on this machine")


sys.addaudithook(refuse)
