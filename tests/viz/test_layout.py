"""All three layouts put everything somewhere sensible, and a bad `dot` never costs the picture."""

import builtins
import os
import random
import re
import stat
import sys
import time
from pathlib import Path

import pytest
import samples

from autovis.viz import draw
from autovis.viz.curves import along, point
from autovis.viz.layout import BACKENDS, FRAME, Size, UnavailableError, box, dot, layered, place, wasi
from autovis.viz.scene import Element, Graph, Link, Region

CASES = [(name, backend) for name in samples.GRAPHS for backend in BACKENDS]


def placed(graph, backend, **options):
    return place(graph, draw.sizes(graph), backend=backend, **options)


def boxes(placement):
    return {id: box(point, placement.sizes[id]) for id, point in placement.elements.items()}


def overlap(one, other):
    return min(one[2], other[2]) - max(one[0], other[0]) > 0.5 and min(one[3], other[3]) - max(one[1], other[1]) > 0.5


def points(curve):
    return [point(curve[at : at + 4], step / 12) for at in range(0, len(curve) - 3, 3) for step in range(13)]


@pytest.mark.parametrize(("name", "backend"), CASES)
def test_everything_is_placed_inside_the_picture(name, backend):
    graph = samples.GRAPHS[name]()
    found = placed(graph, backend)
    assert found.backend == backend
    assert list(found.elements) == [element.id for element in graph.elements]
    assert list(found.links) == [link.id for link in graph.links]
    for left, top, right, bottom in boxes(found).values():
        assert left >= 0
        assert top >= 0
        assert right <= found.width
        assert bottom <= found.height


@pytest.mark.parametrize(("name", "backend"), CASES)
def test_no_two_elements_overlap(name, backend):
    found = boxes(placed(samples.GRAPHS[name](), backend))
    ids = list(found)
    assert [(a, b) for n, a in enumerate(ids) for b in ids[:n] if overlap(found[a], found[b])] == []


@pytest.mark.parametrize(("name", "backend"), CASES)
@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_links_run_forwards_so_accumulators_stand_before_their_leaves(name, backend, direction):
    graph = samples.GRAPHS[name]()
    found = placed(graph, backend, direction=direction)
    axis = 0 if direction == "LR" else 1
    for link in graph.links:
        assert found.elements[link.source][axis] < found.elements[link.target][axis]


@pytest.mark.parametrize(("name", "backend"), CASES)
def test_links_start_and_end_at_their_elements(name, backend):
    graph = samples.GRAPHS[name]()
    found = placed(graph, backend)
    for link in graph.links:
        curve = found.links[link.id]
        assert len(curve) % 3 == 1
        assert curve[0] == pytest.approx(found.elements[link.source], abs=0.2)
        left, top, right, bottom = box(found.elements[link.target], found.sizes[link.target])
        assert left <= curve[-1][0] <= right
        assert top <= curve[-1][1] <= bottom


@pytest.mark.parametrize(("name", "backend"), CASES)
def test_links_run_around_other_elements(name, backend):
    graph = samples.GRAPHS[name]()
    found = placed(graph, backend)
    hit = []
    for link in graph.links:
        for id, (left, top, right, bottom) in boxes(found).items():
            if id not in (link.source, link.target) and any(
                left + 2 < x < right - 2 and top + 2 < y < bottom - 2 for x, y in points(found.links[link.id])
            ):
                hit.append((link.id, id))
    assert hit == []


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_a_value_that_is_used_twice_by_one_operation_has_two_lines(backend, direction):
    found = placed(samples.square(), backend, direction=direction)
    one, other = (along(found.links[id][3:-3]) for id in ("e1", "e2"))
    axis = 1 if direction == "LR" else 0
    assert abs(one[axis] - other[axis]) >= 20


@pytest.mark.parametrize("backend", BACKENDS)
def test_arrows_into_one_element_arrive_beside_each_other(backend):
    graph = samples.lesson02()
    found = placed(graph, backend)
    ends = [found.links[link.id][-1] for link in graph.links if link.target == "o8"]
    assert abs(ends[0][1] - ends[1][1]) >= 10


def crowded():
    """Draw a region on three ranks, with strangers on all of them."""
    ids = ("t1", "o2", "t3", "t4", "o5", "t6", "t7", "o8", "t9")
    elements = tuple(Element(id, "op" if id[0] == "o" else "const", id) for id in ids)
    pairs = ("t1 o2", "o2 t3", "t4 o5", "o5 t6", "t7 o8", "o8 t9", "t1 o5", "t7 o5")
    return Graph(elements, samples.links(*pairs), (Region("r1", "no_grad", "no_grad", ("t4", "o5", "t6")),))


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("make", [samples.unrecorded, crowded])
def test_a_region_holds_its_members_and_nobody_else(backend, make):
    graph = make()
    found = placed(graph, backend)
    (region,) = graph.regions
    x, y, width, height = found.regions[region.id]
    frame = (x, y, x + width, y + height)
    for id, (left, top, right, bottom) in boxes(found).items():
        if id in region.members:
            assert left - FRAME >= x - 0.2
            assert top - FRAME >= y - 0.2
            assert right + FRAME <= frame[2] + 0.2
            assert bottom + FRAME <= frame[3] + 0.2
        else:
            assert not overlap(frame, (left, top, right, bottom)), id


def nested():
    """Draw a region inside another one, and a stranger beside them."""
    ids = ("t1", "o2", "t3", "o4", "t5", "t6")
    elements = tuple(Element(id, "op" if id[0] == "o" else "const", id) for id in ids)
    regions = (
        Region("r1", "module", "net.0", ("o2", "t3")),
        Region("r2", "device", "sim:0", ("t1", "o2", "t3", "o4")),
    )
    return Graph(elements, samples.links("t1 o2", "o2 t3", "t3 o4", "o4 t5", "t6 o4"), regions)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_a_frame_lies_inside_the_frame_around_it(backend, direction):
    found = placed(nested(), backend, direction=direction)
    (x, y, width, height), (left, top, wide, high) = found.regions["r1"], found.regions["r2"]
    assert x - left >= FRAME - 0.2
    assert y - top >= FRAME - 0.2
    assert left + wide - x - width >= FRAME - 0.2
    assert top + high - y - height >= FRAME - 0.2
    around = boxes(found)
    for stranger in ("t5", "t6"):
        assert not overlap((left, top, left + wide, top + high), around[stranger])


def scattered(seed):
    """Draw a random graph with a region around three elements that need not be neighbours."""
    dice = random.Random(seed)
    count = dice.randint(6, 12)
    pairs = [f"t{dice.randrange(at)} t{at}" for at in range(2, count)]
    pairs += ["t{} t{}".format(*sorted(dice.sample(range(count), 2))) for _ in range(3)]
    members = tuple(f"t{at}" for at in range(count // 3, count // 3 + 3))
    elements = tuple(Element(f"t{at}", "const", f"x{at}", str(at)) for at in range(count))
    return Graph(elements, samples.links(*pairs), (Region("r1", "no_grad", "no_grad", members),))


@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_our_own_layout_keeps_strangers_out_of_any_region_and_elements_apart(direction):
    for seed in range(60):
        graph = scattered(seed)
        found = placed(graph, "layered", direction=direction)
        x, y, width, height = found.regions["r1"]
        around = boxes(found)
        strangers = [around[element.id] for element in graph.elements if element.id not in graph.regions[0].members]
        assert not [seed for stranger in strangers if overlap((x, y, x + width, y + height), stranger)]
        both = list(around.values())
        assert not [seed for at, one in enumerate(both) for other in both[:at] if overlap(one, other)]


def test_our_own_layout_puts_an_operation_level_with_the_middle_of_its_inputs():
    elements = (Element("t1", "const", "a", "1"), Element("t2", "const", "b", "2"), Element("o3", "op", "+"))
    found = placed(Graph(elements, samples.links("t1 o3", "t2 o3")), "layered").elements
    assert found["o3"][1] == pytest.approx((found["t1"][1] + found["t2"][1]) / 2, abs=1)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_long_chain_runs_downwards_and_a_short_one_to_the_right(backend):
    assert placed(samples.chain(30), backend).direction == "TB"
    assert placed(samples.chain(5), backend).direction == "LR"


@pytest.mark.parametrize("backend", BACKENDS)
def test_room_is_left_for_the_widest_gradient(backend):
    graph = samples.lesson02()
    narrow = place(graph, draw.sizes(graph), backend=backend)
    sizes = draw.sizes(graph, [{"e9": {"token": "-1234.5678"}}])
    wide = place(graph, sizes, backend=backend)
    gap = wide.elements["t9"][0] - wide.elements["o8"][0] - (sizes["t9"].width + sizes["o8"].width) / 2
    assert gap >= sizes["e9"].width + 26
    assert wide.elements["o8"] == pytest.approx(narrow.elements["o8"])


@pytest.mark.parametrize("backend", BACKENDS)
def test_an_empty_graph_has_an_empty_picture(backend):
    assert place(Graph((), ()), {}, backend=backend).elements == {}


@pytest.mark.parametrize("backend", BACKENDS)
def test_hostile_names_reach_no_layout_program(backend):
    for text in samples.HOSTILE:
        assert len(placed(samples.hostile(text), backend).elements) == 3


@pytest.mark.parametrize("text", samples.HOSTILE)
def test_dot_text_holds_no_user_text(text):
    found, plain = (
        dot.source(graph, draw.sizes(graph), "LR") for graph in (samples.hostile(text), samples.hostile("x"))
    )
    assert re.sub(r"[\d.]+", "9", found) == re.sub(r"[\d.]+", "9", plain)


def test_a_cycle_cannot_hang_our_own_layout():
    elements = (Element("t1", "mid", "a"), Element("t2", "mid", "b"), Element("t3", "mid", "c"))
    graph = Graph(elements, samples.links("t1 t2", "t2 t3", "t3 t2"))
    assert len(placed(graph, "layered").links) == 3


def test_a_link_that_spans_every_rank_does_not_make_the_work_quadratic():
    graph = samples.chain(2000, fan=2)
    sizes = draw.sizes(graph)
    start = time.perf_counter()
    found = place(graph, sizes)
    assert found.backend == "layered"
    assert time.perf_counter() - start < 20


def test_a_graph_of_long_links_is_left_to_our_own_layout():
    assert place(samples.chain(200, fan=4), draw.sizes(samples.chain(200, fan=4))).backend == "layered"
    assert layered.passed(samples.chain(60, fan=4)) < 500


def test_unknown_names_are_refused():
    graph = samples.square()
    with pytest.raises(ValueError, match="unknown layout 'neato': choose from dot, wasi, layered"):
        placed(graph, "neato")
    with pytest.raises(ValueError, match="unknown direction 'up'"):
        placed(graph, None, direction="up")


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_environment_chooses_the_backend(backend, monkeypatch):
    monkeypatch.setenv("AUTOVIS_LAYOUT", backend)
    assert placed(samples.square(), None).backend == backend


# What can go wrong with programs


@pytest.fixture
def fresh(monkeypatch):
    """Forget what earlier tests learnt about the programs of this machine."""
    monkeypatch.setattr(dot, "failed", set())
    monkeypatch.delenv("AUTOVIS_LAYOUT", raising=False)
    wasi.renderer.cache_clear()
    yield
    wasi.renderer.cache_clear()


@pytest.fixture
def fake_dot(fresh, tmp_path, monkeypatch):
    """Put a script called `dot` first on the PATH."""

    def install(script):
        program = tmp_path / "dot"
        program.write_text("#!/bin/sh\n" + script)
        program.chmod(program.stat().st_mode | stat.S_IEXEC)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
        monkeypatch.setattr(dot, "TIMEOUT", 0.5)
        return program

    return install


BAD = {
    "fails": "exit 1",
    "fails after an answer": "echo '{\"objects\": []}'; exit 3",
    "prints nothing": "cat > /dev/null",
    "prints garbage": "cat > /dev/null; echo 'Error: plugin not found'",
    "prints other JSON": "cat > /dev/null; echo '[1, 2]'",
    "prints half a layout": 'cat > /dev/null; echo \'{"objects": [{"name": "n0", "pos": "1,2"}]}\'',
    "does not listen": "exec 0<&-; sleep 0.1; exit 1",
    "hangs": "sleep 60",
    "hangs behind a child": "sleep 60 & wait",
}


@pytest.mark.skipif(sys.platform == "win32", reason="the fake programs are shell scripts")
@pytest.mark.parametrize("case", BAD)
def test_a_dot_that_misbehaves_counts_as_absent(case, fake_dot):
    fake_dot(BAD[case])
    start = time.perf_counter()
    assert placed(samples.square(), None).backend == "wasi"
    with pytest.raises(UnavailableError):
        placed(samples.square(), "dot")
    assert time.perf_counter() - start < 10


@pytest.mark.skipif(sys.platform == "win32", reason="the fake programs are shell scripts")
def test_a_dot_that_hangs_costs_its_timeout_once(fake_dot, tmp_path):
    fake_dot(f"echo called >> {tmp_path}/calls; sleep 60")
    for _ in range(3):
        placed(samples.square(), None)
    assert (tmp_path / "calls").read_text() == "called\n"


@pytest.mark.skipif(sys.platform == "win32", reason="the fake programs are shell scripts")
def test_a_dot_that_answers_and_then_fails_counts_as_absent(fake_dot):
    graph = Graph((Element("t1", "leaf", "x"),), ())
    answer = '{"objects": [{"name": "n0", "pos": "1,2"}]}'
    program = fake_dot(f"cat > /dev/null; echo '{answer}'\n")
    assert placed(graph, None).backend == "dot"
    program.write_text(program.read_text() + "exit 3\n")
    assert placed(graph, None).backend == "wasi"


@pytest.mark.skipif(sys.platform == "win32", reason="the fake programs are shell scripts")
def test_what_a_hanging_dot_started_is_ended_with_it(fake_dot, tmp_path):
    fake_dot(f"sleep 60 & echo $! > {tmp_path}/child; wait")
    placed(samples.square(), None)
    child = int((tmp_path / "child").read_text())
    time.sleep(0.1)
    state = Path(f"/proc/{child}/stat")
    assert not state.exists() or state.read_text().split()[2] == "Z"


def test_without_any_program_our_own_layout_draws(fresh, monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "wasmtime", None)
    assert placed(samples.lesson02(), None).backend == "layered"
    for backend in ("dot", "wasi"):
        with pytest.raises(UnavailableError):
            placed(samples.lesson02(), backend)


@pytest.mark.parametrize("error", [ImportError, OSError, AttributeError, RuntimeError])
def test_a_wasmtime_that_installs_but_does_not_load_counts_as_absent(error, fresh, monkeypatch):
    load = builtins.__import__

    def fail(name, *rest):
        if name == "wasmtime":
            raise error(name)
        return load(name, *rest)

    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(builtins, "__import__", fail)
    assert placed(samples.square(), None).backend == "layered"


def test_a_machine_without_processes_counts_as_without_dot(fresh, monkeypatch):
    def refuse(*_, **__):
        raise OSError("emscripten does not support processes")

    monkeypatch.setattr(dot.subprocess, "Popen", refuse)
    assert placed(samples.square(), None).backend == "wasi"


def test_sizes_may_be_made_by_hand():
    graph = Graph((Element("t1", "leaf", "x"), Element("t2", "mid", "y")), (Link("e1", "t1", "t2"),))
    sizes = {"t1": Size(60, 40, 20), "t2": Size(60, 60, 20)}
    found = place(graph, sizes, backend="layered")
    assert found.elements["t1"][1] == found.elements["t2"][1]
    assert found.height == 60 + 2 * 16
