"""The player in a plain page, without Jupyter: a frame is the same however it was reached, and nothing leaves."""

import json
import runpy
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from autovis.viz.scene import Element, Film, Frame, Graph, Link
from autovis.widgets.page import Shared, deflated
from autovis.widgets.player import Player, player, still

pytestmark = pytest.mark.browser

TESTS = Path(__file__).resolve().parents[1]
SCREENS = TESTS.parent / "test-artifacts" / "screens"
REFERENCE: Film = runpy.run_path(str(TESTS / "widgets" / "films.py"))["REFERENCE"]
NASTY = ("<img src=x onerror=alert(1)>", '"];x[')

# A stand-in for the kernel's side of a widget: it remembers what the page wrote.
MOUNT = """async ([loader, shared, film]) => {
  const ears = new Map();
  const state = { film, frame: 0, player: "IPY_MODEL_7" };
  window.saved = [];
  window.model = {
    get: (key) => state[key],
    set(key, value) {
      const was = state[key];
      state[key] = value;
      if (was !== value) ears.get(`change:${key}`)?.();
    },
    on: (name, ear) => ears.set(name, ear),
    off: (name) => ears.delete(name),
    widget_manager: { get_model: async (id) => ({ get: (key) => id === "7" && shared[key] }) },
    save_changes: () => window.saved.push(state.frame),
    ears,
  };
  const address = URL.createObjectURL(new Blob([loader], { type: "text/javascript" }));
  const widget = (await import(address)).default;
  window.cleanUp = await widget.render({ model: window.model, el: document.querySelector("main") });
}"""

# All that a learner can see or hear, as text; class names in one order.
SHOWN = """() => {
  const copy = document.querySelector(".autovis").cloneNode(true);
  const settings = copy.querySelectorAll("[style]:not(.autovis-marks i)");
  for (const one of settings) one.removeAttribute("style");
  return copy.outerHTML.replace(/ class="[^"]*"/g, (words) => words.split(/[ "]/).sort().join(" "));
}"""

# Where everything lies that must not jump.
BOXES = """() => {
  const parts = [".autovis", ".autovis > *", ".autovis-panel", "button", ".autovis-progress", "li", "[role=row] > *"];
  const seen = [...document.querySelectorAll(parts)].filter((one) => !one.closest(".autovis-unseen"));
  return seen.map((one) => {
    const { x, y, width, height } = one.getBoundingClientRect();
    return [one.tagName, x, y, width, height].join(" ");
  });
}"""

# Parts, other than the stage, that would have to be scrolled sideways.
TOO_WIDE = """() => {
  const parts = ".autovis, .autovis > :not(style, .autovis-stage, .autovis-unseen)";
  const wide = (one) => one.scrollWidth > one.clientWidth + 1;
  return [document.documentElement, ...document.querySelectorAll(parts)].filter(wide).map((one) => one.className);
}"""

MOVING = """() => document.querySelector(".autovis-stage svg").getAnimations({ subtree: true })
  .map((one) => one.effect.getTiming().duration)"""

# Texts whose contrast with what is painted behind them is below 4.5:1.
CONTRAST = """() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const parse = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const over = ([r, g, b, a], below) => [r, g, b].map((part, i) => (part * a + below[i] * (255 - a)) / 255);
  const ground = (one) =>
    one ? over(parse(getComputedStyle(one).backgroundColor), ground(one.parentElement)) : [255, 255, 255];
  const linear = (part) => (part <= 10 ? part / 3294 : ((part / 255 + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const ratio = (one) => {
    const below = ground(one);
    const [a, b] = [light(over(parse(getComputedStyle(one).color), below)), light(below)];
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  };
  return [...document.querySelectorAll(".autovis *:not(style, svg, svg *, option, .autovis-unseen *)")]
    .filter((one) => [...one.childNodes].some((child) => child.nodeType === Node.TEXT_NODE && child.data.trim()))
    .filter((one) => ratio(one) < 4.5)
    .map((one) => `${one.textContent} ${ratio(one).toFixed(2)}`);
}"""

EVIL = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" onload="alert(1)">
  <script>alert(2)</script>
  <g data-id="t1" onclick="alert(3)">
    <foreignObject><img xmlns="http://www.w3.org/1999/xhtml" src="x" onerror="alert(4)"/></foreignObject>
    <image href="http://example.org/x.png"/>
    <a href="javascript:alert(5)"><text>kept out</text></a>
    <path id="a" d="M0 0" fill="url(#a)" stroke="url(http://example.org/b)"/>
  </g>
</svg>"""


@dataclass
class Page:
    """A page with one player, and what it complained about or asked for."""

    page: Any
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def mount(self, film: dict[str, Any]) -> None:
        shared = {"code": Shared.get().code, "style": Shared.get().style}
        self.page.evaluate(MOUNT, [Player._esm, shared, deflated(json.dumps(film))])

    @property
    def root(self) -> Any:
        return self.page.get_by_role("group").first

    def press(self, name: str) -> None:
        self.root.get_by_role("button", name=name, exact=True).click()

    def key(self, name: str) -> None:
        self.root.focus()
        self.page.keyboard.press(name)

    def text(self, part: str) -> str:
        return str(self.page.locator(f".autovis-{part}").inner_text()).strip()

    def lines(self, part: str) -> list[str]:
        """The lines of a panel below its title."""
        return [line for line in self.text(part).split("\n") if line.strip()][1:]

    @property
    def frame(self) -> int:
        return int(self.text("progress").split()[0])

    @property
    def shown(self) -> str:
        return str(self.page.evaluate(SHOWN))

    def picture(self, name: str) -> None:
        SCREENS.mkdir(parents=True, exist_ok=True)
        self.page.wait_for_timeout(450)
        self.page.screenshot(path=SCREENS / f"page-{name}.png", full_page=True)


@pytest.fixture
def show(chromium: Any) -> Any:
    """A function that puts a film or a graph into a page of its own."""
    opened: list[Page] = []

    def open_page(what: Film | Graph, *, body: str = "", width: int = 900, **options: Any) -> Page:
        context = chromium.new_context(viewport={"width": width, "height": 800}, **options)
        page = Page(context.new_page())
        opened.append(page)
        page.page.on("request", lambda request: page.requests.append(request.url))
        page.page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.page.on("console", lambda line: line.type in {"error", "warning"} and page.complaints.append(line.text))
        page.page.on("dialog", lambda dialog: page.complaints.append(dialog.message))
        view = player(what) if isinstance(what, Film) else still(what)
        page.page.set_content(f"<!doctype html><body {body}><main></main></body>")
        page.mount(view.film)
        return page

    yield open_page
    for page in opened:
        assert [url for url in page.requests if not url.startswith("blob:")] == []
        assert page.complaints == []
        page.page.context.close()


def scripted(count: int) -> Film:
    """A film of the reference run, played `count` times over: calls 1 to `count`, then the gradients are cleared."""
    frames = [REFERENCE.frames[0]]
    for call in range(1, count + 1):
        for one in REFERENCE.frames[1:]:
            ledger = one.ledger and replace(
                one.ledger,
                call=call,
                old=str(int(one.ledger.arriving) * (call - 1)) if call > 1 else "None",
                new=str(int(one.ledger.arriving) * call),
            )
            changes = {
                id: {**change, **({"grad": ledger.new} if "grad" in change and ledger else {})}
                for id, change in one.changes.items()
            }
            frames.append(replace(one, call=call, ledger=ledger, changes=changes))
    for leaf, name, event in (("t1", "p", "zero"), ("t2", "q", "none")):
        entry = replace(
            REFERENCE.frames[-1].ledger,
            leaf=leaf,
            name=name,
            event=event,
            new="0" if event == "zero" else "None",
            call=0,
        )
        grad = {"grad": entry.new}
        frames.append(
            Frame(
                "clear",
                text=f"{name}.grad is cleared.",
                node=leaf,
                ledger=entry,
                changes={leaf: grad, "e11": {"token": ""}},
            )
        )
    return replace(REFERENCE, frames=tuple(frames))


def test_a_frame_looks_the_same_however_it_was_reached(show: Callable[..., Page]) -> None:
    page = show(scripted(2), reduced_motion="reduce")
    last = 22
    forwards = [page.shown]
    for _ in range(last):
        page.press("Next")
        forwards.append(page.shown)
    backwards = [page.shown]
    for _ in range(last):
        page.press("Previous")
        backwards.append(page.shown)
    assert backwards[::-1] == forwards
    assert len(set(forwards)) == last + 1
    for target in (7, 3, 22, 0, 15):
        page.page.evaluate("index => window.model.set('frame', index)", target)
        assert page.shown == forwards[target]


def test_every_key_moves_the_playhead(show: Callable[..., Page]) -> None:
    page = show(REFERENCE)
    places = []
    for key in (
        "ArrowRight",
        "ArrowRight",
        "ArrowLeft",
        "End",
        "ArrowRight",
        "Home",
        "ArrowLeft",
        "ArrowDown",
        "ArrowDown",
        "ArrowDown",
        "ArrowUp",
    ):
        page.key(key)
        places.append(page.frame)
    assert places == [1, 2, 1, 10, 10, 0, 0, 9, 10, 10, 9]


def test_keys_stay_inside_the_player(show: Callable[..., Page]) -> None:
    page = show(REFERENCE)
    page.page.evaluate(
        "window.heard = []; document.addEventListener('keydown', (event) => window.heard.push(event.key))"
    )
    for key in ("ArrowRight", " ", "Home", "b"):
        page.key(key)
    assert page.page.evaluate("window.heard") == ["b"]
    assert page.root.get_attribute("data-lm-suppress-shortcuts") == "true"


def test_keys_with_a_modifier_are_left_alone(show: Callable[..., Page]) -> None:
    page = show(REFERENCE)
    page.key("Control+ArrowRight")
    assert page.frame == 0


def test_space_plays_and_pauses(show: Callable[..., Page]) -> None:
    page = show(REFERENCE)
    page.key("Space")
    page.root.get_by_role("button", name="Pause", exact=True).wait_for()
    page.key("Space")
    page.root.get_by_role("button", name="Play", exact=True).wait_for()


def test_playing_stops_on_reaching_the_last_frame(show: Callable[..., Page]) -> None:
    page = show(REFERENCE)
    page.page.clock.install()
    page.key("End")
    page.key("ArrowLeft")
    page.press("Play")
    page.page.clock.run_for(10)
    assert page.frame == 10
    assert page.root.get_by_role("button", name="Play", exact=True).count() == 1
    page.page.clock.run_for(5000)
    assert page.frame == 10


def test_play_at_the_end_starts_again(show: Callable[..., Page]) -> None:
    page = show(REFERENCE)
    page.page.clock.install()
    page.key("End")
    page.press("Play")
    assert page.frame == 0
    page.page.clock.run_for(1600)
    assert page.frame == 1


def test_the_speed_sets_the_wait(show: Callable[..., Page]) -> None:
    page = show(REFERENCE)
    page.page.clock.install()
    page.press("Play")
    page.page.clock.run_for(1)
    assert page.frame == 1
    page.page.clock.run_for(1600)
    assert page.frame == 2
    page.press("Menu")
    page.root.get_by_label("Speed").select_option("2")
    page.page.clock.run_for(1600)
    assert page.frame == 4
    page.root.get_by_label("Speed").select_option("0.5")
    page.page.clock.run_for(2500)  # the clock runs on between two lines of this test
    assert page.frame == 4
    page.page.clock.run_for(700)
    assert page.frame == 5


@pytest.mark.parametrize("step", ["Previous", "Next", "First", "Last"])
def test_a_manual_step_stops_playback(show: Callable[..., Page], step: str) -> None:
    page = show(REFERENCE)
    page.page.clock.install()
    page.press("Play")
    page.page.clock.run_for(1700)
    page.press(step)
    stopped = page.frame
    page.page.clock.run_for(10_000)
    assert page.frame == stopped
    assert page.root.get_by_role("button", name="Play", exact=True).count() == 1


def test_nothing_plays_by_itself(show: Callable[..., Page]) -> None:
    page = show(REFERENCE)
    page.page.wait_for_timeout(300)
    assert page.frame == 0


def test_the_kernel_hears_where_the_playhead_rests(show: Callable[..., Page]) -> None:
    page = show(REFERENCE)
    for _ in range(4):
        page.key("ArrowRight")
    page.page.wait_for_function("window.saved.at(-1) === 4")
    assert page.frame == 4


def test_the_kernel_moves_the_playhead(show: Callable[..., Page]) -> None:
    page = show(REFERENCE)
    page.page.evaluate("window.model.set('frame', 9)")
    assert page.frame == 9
    assert page.text("caption") == "5 is added to p.grad: None + 5 = 5."


def test_the_scrubber_is_a_slider_that_speaks(show: Callable[..., Page]) -> None:
    page = show(REFERENCE)
    slider = page.root.get_by_role("slider")
    slider.fill("6")
    assert page.frame == 6
    assert slider.get_attribute("aria-valuetext") == page.text("caption") == REFERENCE.frames[6].text


def test_the_panels_say_the_numbers(show: Callable[..., Page]) -> None:
    page = show(REFERENCE)
    page.root.get_by_role("slider").fill("3")
    rows = page.root.get_by_role("row")
    assert [" | ".join(rows.nth(i).inner_text().split("\n")) for i in range(3)] == [
        "arrives | local | product | sent",
        "1 | d(s·t)/ds = t = 2 | 1 × 2 = 2 | 2 to s",
        "1 | d(s·t)/dt = s = 3 | 1 × 3 = 3 | 3 to t",
    ]
    page.press("Previous")
    assert page.lines("chain")[4:] == ["1", "d(s·t)/ds = t = 2", "1", "d(s·t)/dt = s = 3"]  # nothing is multiplied yet
    page.root.get_by_role("slider").fill("6")
    assert page.lines("tray") == ["p", "0 + 3 = 3", "waiting for 1 more"]
    page.root.get_by_role("slider").fill("10")
    assert page.lines("ledger") == ["p", "None + 5 = 5", "q", "None + 2 = 2"]
    assert page.page.locator(".autovis-ledger [aria-current]").inner_text() == "None + 2 = 2"


def test_the_ledger_runs_across_calls(show: Callable[..., Page]) -> None:
    page = show(scripted(2))
    page.key("End")
    lines = page.page.locator(".autovis-ledger li").all_inner_texts()
    assert [line.split("  ")[0] for line in lines] == [
        "None + 5 = 5",
        "5 + 5 = 10",
        "zeroed: 0",
        "None + 2 = 2",
        "2 + 2 = 4",
        "cleared: None",
    ]
    page.root.get_by_role("slider").fill("19")
    assert page.text("call") == "call 2"


def test_the_running_line_is_marked(show: Callable[..., Page]) -> None:
    page = show(REFERENCE)
    assert page.page.locator(".autovis-code [aria-current]").count() == 0
    page.key("ArrowRight")
    assert page.page.locator(".autovis-code [aria-current]").inner_text() == "y.backward()"


@pytest.mark.parametrize("width", [360, 480, 700])
def test_nothing_jumps(show: Callable[..., Page], width: int) -> None:
    page = show(scripted(2), width=width)
    first = page.page.evaluate(BOXES)
    for _ in range(22):
        page.press("Next")
        assert page.page.evaluate(BOXES) == first


def test_a_screen_reader_finds_names_roles_and_states(show: Callable[..., Page]) -> None:
    page = show(REFERENCE)
    page.key("End")
    assert page.root.get_attribute("aria-label") == "Film: y"
    names = page.page.locator(".autovis-buttons button").all_inner_texts()
    assert names[:7] == ["First", "Previous", "Play", "Next", "Last", "Predict", "Menu"]
    spoken = page.root.get_by_role("list", name="Elements of the picture").get_by_role("listitem").all_text_contents()
    assert "leaf p, value 1, .grad 5" in spoken
    assert "+= .grad q, active in this step" in spoken
    assert "op ×, saved values freed" in spoken
    assert page.page.locator(".autovis-caption").get_attribute("aria-live") == "polite"


def test_captions_are_not_announced_while_playing(show: Callable[..., Page]) -> None:
    page = show(REFERENCE)
    caption = page.page.locator(".autovis-caption")
    page.press("Play")
    assert caption.get_attribute("aria-live") == "off"
    page.press("Pause")
    assert caption.get_attribute("aria-live") == "polite"


def test_every_control_can_be_hit(show: Callable[..., Page]) -> None:
    page = show(REFERENCE, width=360)
    page.press("Menu")
    page.press("Keys")
    page.page.locator("[data-id=t1]").click()
    controls = page.page.locator(".autovis :is(button, select, input, summary):visible")
    boxes = [controls.nth(i).bounding_box() for i in range(controls.count())]
    assert len(boxes) > 20
    assert [box for box in boxes if box["width"] < 24 or box["height"] < 24] == []
    assert page.page.locator(".autovis-buttons button").count() <= 7


def test_a_narrow_window_scrolls_the_picture_only(show: Callable[..., Page]) -> None:
    page = show(REFERENCE, width=360)
    page.key("End")
    assert page.page.evaluate(TOO_WIDE) == []
    stage = page.page.locator(".autovis-stage")
    assert stage.evaluate("({ scrollWidth, clientWidth }) => scrollWidth > clientWidth")
    stage.click(position={"x": 5, "y": 5})
    page.page.keyboard.press("ArrowLeft")
    assert page.frame == 9
    page.picture("narrow")


def test_names_are_text(show: Callable[..., Page]) -> None:
    graph = Graph(
        tuple(Element(f"t{i}", "leaf", name, value=name, grad=name) for i, name in enumerate(NASTY)),
        (Link("e1", "t0", "t1"),),
        title=NASTY[0],
    )
    frames = (
        Frame("start", text=NASTY[0]),
        Frame("send", text=NASTY[1], links=("e1",), changes={"e1": {"token": NASTY[0]}, "t1": {"grad": NASTY[0]}}),
    )
    page = show(Film(graph, frames, source=NASTY))
    page.key("End")
    assert page.page.locator("img").count() == 0
    assert page.root.get_attribute("aria-label") == f"Film: {NASTY[0]}"
    assert page.text("caption") == NASTY[1]


def test_a_picture_is_read_as_data(show: Callable[..., Page]) -> None:
    page = show(REFERENCE)
    page.page.evaluate("window.cleanUp()")
    page.mount(player(REFERENCE).film | {"svg": EVIL})
    found = page.page.locator(".autovis-stage").inner_html()
    assert not any(
        word in found for word in ("script", "foreignObject", "image", "alert", "href", "kept out", "example.org")
    )
    assert 'fill="url(#a)"' in found


def test_something_else_than_a_picture_is_refused(show: Callable[..., Page]) -> None:
    page = show(REFERENCE)
    with pytest.raises(Exception, match="the picture is not SVG"):
        page.mount(player(REFERENCE).film | {"svg": "<b xmlns='http://www.w3.org/1999/xhtml'/>"})


def test_motion_is_short_and_leaves_nothing(show: Callable[..., Page]) -> None:
    page = show(REFERENCE)
    for _ in range(3):
        page.key("ArrowRight")
    running = page.page.evaluate(MOVING)
    assert len(running) == 2
    assert max(running) < 400
    page.key("ArrowLeft")
    assert page.page.evaluate(MOVING) == []


def test_reduced_motion_moves_nothing(show: Callable[..., Page]) -> None:
    page = show(REFERENCE, reduced_motion="reduce")
    for _ in range(3):
        page.key("ArrowRight")
    assert page.page.evaluate("() => document.getAnimations().length") == 0


def test_removing_the_player_removes_its_listeners(show: Callable[..., Page]) -> None:
    page = show(REFERENCE)
    page.press("Play")
    page.page.evaluate("window.cleanUp()")
    assert page.page.evaluate("document.querySelector('main').children.length") == 0
    assert page.page.evaluate("window.model.ears.size") == 0
    page.page.wait_for_timeout(250)
    assert page.page.evaluate("window.saved") == []


@pytest.mark.parametrize("body", ['data-jp-theme-light="true"', 'data-jp-theme-light="false"', ""])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_is_readable_in_every_theme(show: Callable[..., Page], body: str, scheme: str) -> None:
    page = show(scripted(2), body=body, color_scheme=scheme)
    page.root.get_by_role("slider").fill("19")
    assert page.page.evaluate(CONTRAST) == []
    page.picture(f"theme-{'system' if not body else 'jupyter-dark' if 'false' in body else 'jupyter-light'}-{scheme}")


def test_a_still_is_the_stage_alone(show: Callable[..., Page]) -> None:
    page = show(REFERENCE.graph)
    assert page.root.get_attribute("aria-label") == "Picture: y"
    assert page.page.locator(".autovis-buttons button").all_inner_texts() == ["Menu"]
    assert page.root.get_by_role("slider").count() == 0
    assert (
        "leaf p, value 1, .grad None"
        in page.root.get_by_role("list", name="Elements of the picture").get_by_role("listitem").all_text_contents()
    )
    page.page.get_by_text("Legend").click()
    page.picture("still")
