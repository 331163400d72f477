"""The command ``hebbscope`` (``python -m hebbscope``): serve the page and open it in the browser."""

from __future__ import annotations

import argparse
import errno
import ipaddress
import os
import socket
import sys
import threading
import time
import webbrowser
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from .host.versions import warn

__all__ = ["main"]

_APP = Path(__file__).resolve().parent
_ROUTE = "app"  # also if the installed folder has another name
_PORT = 5006
_TRIES = 20  # number of ports to try, from the default one on
_OWN = ("--port", "--address", "--lesson", "--no-browser")
_PATIENCE = 120  # s to wait for the server to answer


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hebbscope",
        description="Serve Hebbscope, a bench for one Hebbian synapse, and open it in the browser.",
        epilog="All other options are passed on to “panel serve”: --num-procs 0 for one process per core, "
        "--allow-websocket-origin HOST:PORT for another host name of the page, …",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--port", type=int, help=f"port to listen on (default: {_PORT}, or the next free one)"
    )
    parser.add_argument(
        "--address",
        default="localhost",
        help="address to listen on (default: localhost, this machine only; 0.0.0.0: everyone who can "
        "reach it)",
    )
    parser.add_argument("--lesson", metavar="NAME", help="open this lesson, such as soft-bound")
    parser.add_argument("--no-browser", action="store_true", help="do not open the browser")
    return parser


def _obstacle(address: str, port: int) -> str:
    """Return why a server cannot listen on all IP addresses of ``address``; empty if it can."""
    told = ""
    for family, kind, protocol, _, place in socket.getaddrinfo(
        address, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    ):
        try:
            with socket.socket(family, kind, protocol) as listener:
                if family == socket.AF_INET6:
                    listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                # As the server does, so that a port in TIME_WAIT counts as free.
                if os.name == "posix":
                    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                listener.bind(place)
        except OSError as error:
            if family == socket.AF_INET6 and error.errno in (
                errno.EAFNOSUPPORT,
                errno.EADDRNOTAVAIL,
            ):
                continue  # a machine without IPv6
            told = {
                errno.EADDRINUSE: "another program listens there",
                errno.EACCES: "this user may not listen there",
                errno.EADDRNOTAVAIL: "it is not an address of this machine",
            }.get(error.errno or 0, str(error))
    return told


def _port(parser: argparse.ArgumentParser, address: str, wanted: int | None) -> int:
    """Return the port to listen on; exit with a message if there is none."""
    try:
        socket.getaddrinfo(address, None)
    except OSError:
        parser.error(f"--address {address}: there is no such address")
    if ":" in address:
        # Bokeh's list of allowed origins does not support IPv6 addresses.
        parser.error(f"--address {address}: only names and IPv4 addresses are served")
    if wanted is not None:
        if not 0 < wanted < 2**16:
            parser.error(f"--port {wanted}: it must lie between 1 and 65535")
        if obstacle := _obstacle(address, wanted):
            parser.error(f"--port {wanted} at {address}: {obstacle}")
        return wanted
    obstacle = ""
    for port in range(_PORT, _PORT + _TRIES):
        obstacle = _obstacle(address, port)
        if not obstacle:
            if port != _PORT:
                print(f"Port {_PORT} is in use: using {port} instead.", file=sys.stderr)
            return port
    parser.error(f"no port from {_PORT} to {_PORT + _TRIES - 1} at {address}: {obstacle}")


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:  # a name
        return address.lower() == "localhost"


def _own_names(address: str) -> list[str]:
    """Return the names and addresses by which this machine may be reached, most likely first."""
    if address not in ("0.0.0.0", ""):
        return [address]
    names = []
    # Sends nothing: connecting a UDP socket only selects the address of the outgoing interface.
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # reserved for documentation, RFC 5737
            names.append(probe.getsockname()[0])
        except OSError as error:
            print(f"This machine does not know its own address: {error}", file=sys.stderr)
    return [*names, socket.gethostname(), "localhost", "127.0.0.1"]


def _has_browser() -> bool:
    """Return whether there is a display to open a browser on."""
    return sys.platform in ("win32", "darwin") or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )


def _announce(address: str, port: int, url: str, browser: bool) -> None:
    """Wait until the server answers, print the URL and open it; runs in a thread of its own."""
    host = {"0.0.0.0": "127.0.0.1", "": "localhost"}.get(address, address)
    late = time.monotonic() + _PATIENCE
    while time.monotonic() < late:
        try:
            with socket.create_connection((host, port), timeout=1):
                break
        except OSError:  # not yet
            time.sleep(0.1)
    else:
        print(f"The server does not answer yet. Once it does, open {url}", file=sys.stderr)
        return
    print(f"Hebbscope is at {url}\nCtrl+C stops it.", flush=True)
    if browser and not webbrowser.open(url):
        print("No browser could be opened: open the address above in one.", file=sys.stderr)


def _serve(arguments: Sequence[str]) -> int:
    """Run ``panel serve`` with the page at ``/app``, as in a checkout; return the exit code."""
    # Imported late, since it takes seconds: errors in the command line are reported before it.
    from panel.command.serve import Serve

    class PageServe(Serve):
        def customize_applications(self, args: Any, applications: dict[str, Any]) -> dict[str, Any]:
            own = f"/{_APP.name}"
            named = {f"/{_ROUTE}" if at == own else at: one for at, one in applications.items()}
            return super().customize_applications(args, named)

    parser = argparse.ArgumentParser(
        prog="hebbscope", usage="hebbscope [options of hebbscope --help, or of panel serve --help]"
    )
    serve = PageServe(parser=parser)
    return 1 if serve.invoke(parser.parse_args(list(arguments))) is False else 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve the page until it is stopped.

    Args:
        arguments: command-line arguments without the program's name; ``sys.argv[1:]`` if None.

    Returns:
        The exit code.
    """
    parser = _parser()
    told, rest = parser.parse_known_args(arguments)
    for flag in rest:
        # “panel serve” accepts abbreviated flags, which would bypass the options defined here.
        name = flag.partition("=")[0]
        whole = [option for option in _OWN if len(name) > 2 and option.startswith(name)]
        if whole:
            parser.error(f"{name}: write {' or '.join(whole)}")
    warn()
    if told.lesson is not None:
        from .lessons import load_lessons

        names = [lesson.name for lesson in load_lessons()[0]]
        if told.lesson not in names:
            parser.error(f"--lesson {told.lesson}: there are {', '.join(names)}")
    port = _port(parser, told.address, told.port)
    query = f"?lesson={quote(told.lesson)}" if told.lesson else ""
    names = ["localhost"] if _is_loopback(told.address) else _own_names(told.address)
    url = f"http://{names[0]}:{port}/{_ROUTE}{query}"
    if _is_loopback(told.address):
        names = [*names, told.address, "127.0.0.1"]
    # Bokeh compares them with origins in lower case.
    for name in dict.fromkeys(name.lower() for name in names):
        rest.append(f"--allow-websocket-origin={name}:{port}")
    browser = not told.no_browser and _has_browser()
    threading.Thread(target=_announce, args=(told.address, port, url, browser), daemon=True).start()

    return _serve([str(_APP), "--port", str(port), "--address", told.address, *rest])


if __name__ == "__main__":
    sys.exit(main())
