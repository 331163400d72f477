"""`panel serve`, as a visitor's host would run it, and the Chromium to visit it with."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def launch_options():
    """How Playwright starts Chromium: the system's if there is one, else Playwright's own."""
    options = {
        "args": [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
        ]
    }
    found = os.environ.get("HEBBSCOPE_CHROMIUM") or shutil.which("chromium")
    return {**options, "executable_path": found} if found else options


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@dataclass
class Server:
    """A running `panel serve`, on loopback; its log is kept in a file."""

    flags: tuple[str, ...]
    log: Path
    what: str = "app"
    environment: dict[str, str] | None = None
    port: int = field(default_factory=free_port)

    def command(self):
        panel = Path(sys.executable).with_name("panel")
        return [
            panel,
            "serve",
            self.what,
            "--address",
            "127.0.0.1",
            "--port",
            str(self.port),
            *self.flags,
        ]

    def folder(self):
        """Where it is started."""
        return ROOT

    def __enter__(self):
        with self.log.open("w") as output:
            self.process = subprocess.Popen(
                self.command(),
                cwd=self.folder(),
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self.environment,
                start_new_session=True,
            )
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"panel serve ended:\n{self.log.read_text()[-2000:]}")
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=5):
                    return self
            except OSError:
                time.sleep(0.2)
        raise RuntimeError(f"panel serve does not answer:\n{self.log.read_text()[-2000:]}")

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """End it, if that has not been done yet."""
        if self.process.poll() is not None:
            return
        # The whole group: workers of --num-procs outlive a parent that is ended alone.
        os.killpg(self.process.pid, signal.SIGTERM)
        try:
            # A compiler at work is waited for, and may have to share its core.
            self.process.wait(timeout=10 if "--dev" in self.flags else 60)
        except subprocess.TimeoutExpired:
            # Under --dev the thread that watches files is at times waited for without end.
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(timeout=10)
            if "--dev" not in self.flags:
                raise

    def url(self, query=""):
        return f"http://127.0.0.1:{self.port}/{Path(self.what).stem}{query}"

    def wait_until_left(self):
        """Wait until the server knows that every tab is closed.

        Bokeh 3.10 fails an assertion if a tab is closed while the server stops.
        """
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            text = self.log.read_text()
            if text.count("WebSocket connection opened") == text.count(
                "WebSocket connection closed"
            ):
                return
            time.sleep(0.1)
        raise RuntimeError(f"a tab is still open:\n{text[-2000:]}")

    def trouble(self):
        """What a healthy server never logs."""
        text = self.log.read_text()
        return "\n".join(re.findall(r".*(?:Traceback|ERROR|Exception|WARNING|W-\d+).*", text))
