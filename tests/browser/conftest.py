"""One real JupyterLab and one real Chromium for all tests of this folder, both living in temporary folders only."""

import ast
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from autovis import cli

ROOT = Path(__file__).resolve().parents[2]
LESSONS = ROOT / "lessons" / "en"
ARTIFACTS = ROOT / "test-artifacts" / "screens"
TOKEN = "autovis"
HERE = "127.0.0.1"
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
STARTING, ACTING, RUNNING = 60, 15, 120  # seconds to wait at most: for the server, for one action, for all cells
OWN = {"JUPYTER_PLATFORM_DIRS": "1", "AUTOVIS_PROGRESS": "off"}  # what one test predicts, the next one does not know
FRAMES = """[widget.frame for widget in __import__("ipywidgets.widgets.widget", fromlist=["_"])._instances.values()
             if type(widget).__module__.startswith("autovis.") and widget.has_trait("frame")]"""


def until(met: Callable[[], Any], seconds: float, what: str) -> Any:
    """Ask again until the answer is true; say what was awaited if it never is."""
    end = time.monotonic() + seconds
    while not (answer := met()):
        assert time.monotonic() < end, f"waited {seconds} s for {what}"
        time.sleep(0.05)
    return answer


@dataclass
class Lab:
    """A JupyterLab server.

    Attributes:
        url: where it listens, ends with a slash.
        home: the folder that everything it reads and writes lies in.
        process: the server.
    """

    url: str
    home: Path
    process: subprocess.Popen[bytes]

    @property
    def files(self) -> Path:
        return self.home / "files"

    def get(self, path: str, method: str = "GET") -> Any:
        request = urllib.request.Request(self.url + path, method=method, headers={"Authorization": f"token {TOKEN}"})
        with urllib.request.urlopen(request, timeout=ACTING) as answer:
            return json.loads(answer.read() or "null")

    def is_up(self) -> bool:
        assert self.process.poll() is None, (self.home / "log").read_text()
        try:
            return bool(self.get("api/status"))
        except (urllib.error.URLError, ConnectionError):
            return False

    def set_theme(self, theme: str) -> None:
        folder = self.home / "settings" / "@jupyterlab" / "apputils-extension"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "themes.jupyterlab-settings").write_text(json.dumps({"theme": THEMES[theme]}))

    def shut_down_kernels(self) -> None:
        for session in self.get("api/sessions"):
            self.get(f"api/sessions/{session['id']}", method="DELETE")


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HERE, 0))
        return int(probe.getsockname()[1])


def apart(home: Path) -> dict[str, str]:
    """Return an environment in which Jupyter reads and writes below one folder only."""
    folders = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "IPYTHONDIR": "ipython",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
    }
    outside = {name: value for name, value in cli.surroundings().items() if not name.startswith("AUTOVIS_")}
    return outside | {name: str(home / folder) for name, folder in folders.items()} | OWN


def end(process: subprocess.Popen[bytes]) -> None:
    """Interrupt a server twice: the second time answers the question whether it is meant."""
    for _ in range(2):
        process.send_signal(signal.SIGINT)
        time.sleep(0.2)
    try:
        process.wait(ACTING)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Start JupyterLab on a copy of the lessons."""
    home = tmp_path_factory.mktemp("lab")
    shutil.copytree(LESSONS, home / "files", ignore=shutil.ignore_patterns(".*"))
    # A toast asks about news although news are off on the command line: only this setting silences it.
    notices = home / "settings" / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
    notices.parent.mkdir(parents=True)
    notices.write_text(json.dumps({"fetchNews": "false", "checkForUpdates": False, "doNotDisturbMode": True}))
    # Cells out of sight stay in the page, so that a test can count the players.
    tracker = home / "settings" / "@jupyterlab" / "notebook-extension" / "tracker.jupyterlab-settings"
    tracker.parent.mkdir(parents=True)
    tracker.write_text(json.dumps({"windowingMode": "none"}))
    port = free_port()
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--ip={HERE}", f"--port={port}"),
        *(f"--IdentityProvider.token={TOKEN}", "--ServerApp.port_retries=0", f"--ServerApp.root_dir={home / 'files'}"),
        *("--LabApp.news_url=None", "--LabApp.extension_manager=readonly"),
    ]
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(command, env=apart(home), stdout=log, stderr=log, cwd=home)
    server = Lab(url=f"http://{HERE}:{port}/", home=home, process=process)
    try:
        until(server.is_up, STARTING, "JupyterLab")
        yield server
        server.shut_down_kernels()
    finally:
        end(process)


@pytest.fixture
def command_lab(tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """A function that runs `autovis lab LESSON` without a browser and returns the address that it prints."""
    started: list[subprocess.Popen[bytes]] = []

    def start(lesson: str) -> str:
        log = tmp_path / "log"
        options = ("--no-browser", f"--port={free_port()}", "--LabApp.extension_manager=readonly")
        command = [sys.executable, "-m", "autovis", "lab", lesson, "--", *options]
        with log.open("wb") as told:
            started.append(
                subprocess.Popen(
                    command, env=apart(tmp_path), stdout=told, stderr=told, cwd=ROOT, start_new_session=True
                )
            )
        return str(
            until(lambda: re.search(rf"http://{re.escape(HERE)}:\S+", log.read_text()), STARTING, "an address")[0]
        )

    yield start
    for process in started:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(ACTING)
        with contextlib.suppress(ProcessLookupError):  # the server may outlive the command that started it
            os.killpg(process.pid, signal.SIGKILL)


@dataclass
class Player:
    """One player in the page, and what the kernel says about it.

    Attributes:
        box: its root element.
        ask: returns the frame number that the kernel holds.
    """

    box: Any
    ask: Callable[[], int]

    def press(self, button: str) -> None:
        self.box.get_by_role("button", name=button, exact=True).click()

    def key(self, name: str) -> None:
        self.box.focus()
        self.box.page.keyboard.press(name)

    @property
    def shown(self) -> tuple[int, int]:
        """Frame and last frame, as a learner reads them."""
        text = self.box.locator(".autovis-progress").inner_text()
        numbers = re.search(r"(\d+) of (\d+)", text)
        assert numbers, f"progress reads {text!r}"
        return int(numbers[1]), int(numbers[2])

    @property
    def caption(self) -> str:
        return str(self.box.locator(".autovis-caption").first.inner_text())

    @property
    def frame(self) -> int:
        """The number of the frame in the film, of which hidden layers and a level of detail leave out some."""
        return int(self.box.get_attribute("data-frame"))

    def expect(self, step: int) -> None:
        """The page shows this step, and the kernel agrees on the frame as soon as it has settled."""
        until(lambda: self.shown[0] == step, ACTING, f"step {step} in the page, which shows {self.shown}")
        until(lambda: self.ask() == self.frame, ACTING, f"frame {self.frame} in the kernel, not {self.ask()}")


@dataclass
class Sheet:
    """A notebook that is open in JupyterLab.

    Attributes:
        lab: the server.
        page: the page it is open in.
        name: file name.
        outside: addresses asked for that are not this machine's.
        complaints: what the page wrote to the console as an error, or threw.
    """

    lab: Lab
    page: Any
    name: str
    outside: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    client: Any = None

    def listen(self) -> None:
        self.page.on("request", lambda request: self.note_address(request.url))
        self.page.on("websocket", lambda opened: self.note_address(opened.url))
        self.page.on("pageerror", lambda error: self.complain(str(error)))
        self.page.on("console", lambda line: line.type == "error" and self.complain(line.text))

    def complain(self, text: str) -> None:
        # What builds the JupyterLite site installs an extension on which every other JupyterLab stumbles.
        if "@jupyterlite/" not in text:
            self.complaints.append(text)

    def note_address(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"data", "blob"} and parts.hostname != HERE:
            self.outside.append(url)

    def open(self) -> None:
        self.page.goto(f"{self.lab.url}lab/tree/{quote(self.name)}?reset&token={TOKEN}")
        # Run All before the kernel is there opens a dialog; the status bar is the only place that says so in time.
        self.page.get_by_text(re.compile(r"Python 3.*\| Idle")).first.wait_for(timeout=STARTING * 1000)

    @property
    def cells(self) -> Any:
        return self.page.locator(".jp-Notebook .jp-CodeCell")

    @property
    def stored(self) -> list[dict[str, Any]]:
        """The code cells as they lie in the file that was copied."""
        cells = json.loads((LESSONS / self.name).read_text("utf-8"))["cells"]
        return [cell for cell in cells if cell["cell_type"] == "code"]

    def until(self, met: Callable[[], Any], what: str) -> Any:
        """Wait until something in the page is so."""
        return until(met, ACTING, what)

    def menu(self, *names: str) -> None:
        for name in names:
            self.page.get_by_role("menuitem", name=name, exact=True).click()

    def run_all(self) -> None:
        """Clear all outputs, run all cells, wait until the last one has its number."""
        self.menu("Edit", "Clear Outputs of All Cells")
        self.menu("Run", "Run All Cells")
        until(lambda: self.unfinished() == 0 or self.stopped(), RUNNING, "all cells to run")

    def unfinished(self) -> int:
        prompts = self.cells.locator(".jp-InputPrompt").all_inner_texts()
        return sum(not re.search(r"\[\d+\]", prompt) for prompt in prompts)

    def stopped(self) -> bool:
        """Say whether a cell failed that must not: Run All ends there, and the cells after it never start."""
        if not self.page.get_by_text("Traceback (most recent call last)").count():
            return False
        before = self.unfinished()
        self.page.wait_for_timeout(3000)
        return self.unfinished() == before

    def failing(self) -> dict[int, str]:
        """The errors in the notebook when it is saved, by the position of the cell among the code cells."""
        with self.page.expect_response(lambda answer: answer.request.method == "PUT" and "/contents/" in answer.url):
            self.page.keyboard.press("Control+s")
        saved = json.loads((self.lab.files / self.name).read_text("utf-8"))
        cells = [cell for cell in saved["cells"] if cell["cell_type"] == "code"]
        return {
            position: f"{output['ename']}: {output['evalue']}"
            for position, cell in enumerate(cells)
            for output in cell["outputs"]
            if output["output_type"] == "error"
        }

    def players(self) -> list[Player]:
        found = self.page.locator(".autovis-player, .autovis-comparison:has(.autovis-progress)")
        self.page.wait_for_timeout(200)
        return [
            Player(found.nth(number), lambda number=number: self.frames()[number]) for number in range(found.count())
        ]

    def frames(self) -> list[int]:
        """Frame numbers that the kernel holds, in the order in which the players were made."""
        return self.value(FRAMES)

    def value(self, expression: str) -> Any:
        """Evaluate in the notebook's kernel without leaving a trace there."""
        if self.client is None:
            from jupyter_client import BlockingKernelClient

            sessions = self.lab.get("api/sessions")
            kernel = next(session["kernel"]["id"] for session in sessions if session["path"] == self.name)
            self.client = BlockingKernelClient()
            self.client.load_connection_file(str(self.lab.home / "runtime" / f"kernel-{kernel}.json"))
            self.client.start_channels()
        asked = self.client.execute("", silent=True, user_expressions={"it": expression}, reply=True, timeout=ACTING)
        answer = asked["content"]["user_expressions"]["it"]
        assert answer["status"] == "ok", answer
        return ast.literal_eval(answer["data"]["text/plain"])

    def picture(self, name: str, part: Any = None) -> None:
        """Keep a screenshot for people to look at."""
        ARTIFACTS.mkdir(parents=True, exist_ok=True)
        (part or self.page).screenshot(path=ARTIFACTS / f"{Path(self.name).stem}-{name}.png")

    def close(self) -> None:
        if self.client is not None:
            self.client.stop_channels()
        self.page.context.close()
        self.lab.shut_down_kernels()


@pytest.fixture
def open_sheet(lab: Lab, chromium: Any) -> Iterator[Callable[..., Sheet]]:
    """A function that opens a notebook of the lab's folder, `open_sheet(name, theme)`; it is closed after the test."""
    opened: list[Sheet] = []

    def open_it(name: str, theme: str = "light", width: int = 1280, **options: Any) -> Sheet:
        lab.set_theme(theme)
        context = chromium.new_context(viewport={"width": width, "height": 960}, **options)
        context.set_default_timeout(ACTING * 1000)
        sheet = Sheet(lab, context.new_page(), name)
        opened.append(sheet)
        sheet.listen()
        sheet.open()
        return sheet

    yield open_it
    for sheet in opened:
        sheet.close()


@pytest.fixture
def open_lesson(lab: Lab, open_sheet: Callable[..., Sheet]) -> Callable[..., Sheet]:
    """A function that opens a lesson, `open_lesson(name, theme)`."""

    def open_it(name: str, *more: Any, **options: Any) -> Sheet:
        shutil.copyfile(LESSONS / name, lab.files / name)  # the test before may have saved it
        return open_sheet(name, *more, **options)

    return open_it


@pytest.fixture
def run_cells(lab: Lab, open_sheet: Callable[..., Sheet]) -> Callable[..., Sheet]:
    """A function that makes a notebook, `run_cells(name, [text, ...], theme)`, opens it and runs it."""

    def run_them(name: str, cells: list[str], *more: Any, **options: Any) -> Sheet:
        empty = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
        made = [empty | {"id": f"cell-{number}", "source": text} for number, text in enumerate(cells)]
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        book = {"cells": made, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
        (lab.files / name).write_text(json.dumps(book), "utf-8")
        sheet = open_sheet(name, *more, **options)
        sheet.run_all()
        return sheet

    return run_them
