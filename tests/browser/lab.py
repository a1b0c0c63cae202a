"""A JupyterLab of its own: a free port, and no trace in the user's settings."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import nbformat
from jupyter_client import BlockingKernelClient
from playwright.sync_api import Page

# With windowing, cells outside the window are not in the page, and 'run all' scrolls.
_SETTINGS = {
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
    "@jupyterlab/apputils-extension/notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
}


@dataclass(frozen=True)
class Lab:
    """A running server.

    Attributes
    ----------
    address : str
        Without a slash at its end.
    token : str
    folder : Path
        Where its notebooks lie.
    runtime : Path
        Where its kernels' connection files lie.
    """

    address: str
    token: str
    folder: Path
    runtime: Path

    def write_notebook(self, name: str, cells: list[str | nbformat.NotebookNode]) -> None:
        """Write a notebook; strings are code cells."""
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(c) if isinstance(c, str) else c for c in cells],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        )
        nbformat.write(notebook, self.folder / name)

    def url(self, name: str) -> str:
        """Where a browser finds a notebook."""
        return f"{self.address}/lab/tree/{name}?token={self.token}"

    def run_all(self, page: Page) -> None:
        """Run every cell of the open notebook, by the menu as a reader would.

        The notebook says "idle" for a moment before it asks for a kernel, and whatever is run
        then is lost: so the server has to know of a kernel with a connection first.
        """
        while not self._has_a_ready_kernel():
            page.wait_for_timeout(100)
        wait_for_idle(page)
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()

    def _has_a_ready_kernel(self) -> bool:
        try:
            kernels = self.kernels()
        except urllib.error.HTTPError as error:
            if error.code != 500:
                raise
            return False  # so the server answers while it is starting a kernel
        return any(k["execution_state"] == "idle" and k["connections"] for k in kernels)

    def kernels(self) -> list[dict]:
        """The running kernels, as the server describes them."""
        with urllib.request.urlopen(f"{self.address}/api/kernels?token={self.token}") as reply:
            return json.load(reply)

    def kernel(self) -> BlockingKernelClient:
        """A second client of the kernel that was started last."""
        newest = max(self.runtime.glob("kernel-*.json"), key=lambda path: path.stat().st_mtime)
        client = BlockingKernelClient(connection_file=str(newest))
        client.load_connection_file()
        client.start_channels()
        client.wait_for_ready(timeout=30)
        return client


@contextmanager
def jupyter_lab(folder: Path) -> Iterator[Lab]:
    """Run JupyterLab on localhost; everything that it writes goes below ``folder``."""
    places = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
        "NOTEBOOKS": "notebooks",
    }
    paths = {variable: folder / name for variable, name in places.items()}
    for path in paths.values():
        path.mkdir(parents=True)
    for name, value in _SETTINGS.items():
        file = paths["JUPYTERLAB_SETTINGS_DIR"] / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(value))
    token = secrets.token_hex(16)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        *[sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root"],
        *["--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0"],
        *[f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={paths['NOTEBOOKS']}"],
    ]
    environment = {**os.environ, **{key: str(path) for key, path in paths.items()}}
    log_file = folder / "log.txt"
    with log_file.open("w") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_until_up(server, f"{address}/api?token={token}", log_file)
            yield Lab(address, token, paths["NOTEBOOKS"], paths["JUPYTER_RUNTIME_DIR"])
        finally:
            server.terminate()
            try:
                server.wait(timeout=20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _wait_until_up(server: subprocess.Popen, url: str, log: Path) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()[-3000:]}")


def wait_for_idle(page: Page) -> None:
    """Wait until the open notebook says that its kernel has nothing to do."""
    page.wait_for_selector(
        '.jp-Notebook-ExecutionIndicator[data-status="idle"]', timeout=90_000, state="attached"
    )


def ask(kernel: BlockingKernelClient, code: str) -> str:
    """What a statement prints in the notebook's kernel."""
    printed: list[str] = []

    def collect(message: dict) -> None:
        if message["msg_type"] == "stream":
            printed.append(message["content"]["text"])

    reply = kernel.execute_interactive(code, output_hook=collect, timeout=30)
    assert reply["content"]["status"] == "ok", reply["content"]
    return "".join(printed).strip()
