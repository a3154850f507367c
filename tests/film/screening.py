"""What the tests of films ask of a film."""

from autovis.viz.scene import Element, Film, Frame, Graph


def label_of(film: Film, id: str) -> str:
    """Return what an element is called: an operation by its symbol, an accumulator by its leaf."""
    if id.startswith("g"):
        id = next(link.target for link in film.graph.links if link.source == id)
    return film.graph.element(id).label


def table(film: Film, *, kinds: str = "") -> list[tuple[str, str, str]]:
    """List of each frame what the table of the reference film lists: kind, active element, what is written down."""
    wanted = kinds.split()
    return [
        (frame.kind, label_of(film, frame.node) if frame.node else "", written(frame))
        for frame in film.frames
        if not wanted or frame.kind in wanted
    ]


def written(frame: Frame) -> str:
    """Write the tray, the ledger or the chain rule of a frame in one line."""
    if frame.tray:
        tray = frame.tray
        return f"{tray.before} + {tray.arriving} = {tray.after}, {tray.came} of {tray.of}"
    if frame.ledger:
        entry = frame.ledger
        return f"{entry.event} {entry.old} {entry.arriving} {entry.new}".replace("  ", " ")
    return "; ".join(f"{row.product} to {row.to}" if frame.kind == "send" else row.local for row in frame.rows)


def ledger(film: Film, name: str) -> list[str]:
    """List the lines of a leaf's ledger."""
    return [written(frame) for frame in film.frames if frame.ledger and frame.ledger.name == name]


def find(graph: Graph, label: str) -> Element:
    """Return the value of that name."""
    (found,) = [element for element in graph.elements if element.label == label and element.id[0] in "tc"]
    return found


def operation(graph: Graph, label: str) -> Element:
    """Return the operation with that symbol."""
    (found,) = [element for element in graph.elements if element.label == label and element.id[0] == "o"]
    return found


def roles(graph: Graph) -> dict[str, str]:
    """Return the role of every value, by name."""
    return {element.label: element.role for element in graph.elements if element.id[0] in "tc"}


def texts(film: Film, kind: str) -> list[str]:
    """Return the captions of one kind of frame."""
    return [frame.text for frame in film.frames if frame.kind == kind]


def check(film: Film) -> None:
    """Assert what holds for every film whatever was recorded."""
    known = {thing.id for thing in (*film.graph.elements, *film.graph.links, *film.graph.regions)}
    assert len(known) == len(film.graph.elements) + len(film.graph.links) + len(film.graph.regions)
    for link in film.graph.links:
        assert {link.source, link.target} <= known
    for region in film.graph.regions:
        assert set(region.members) <= known
    for frame in film.frames:
        used = {frame.node, *frame.links, *frame.changes, *(row.link for row in frame.rows)} - {""}
        used |= {frame.tray.node} if frame.tray else set()
        used |= {frame.ledger.leaf} if frame.ledger else set()
        assert used <= known, (frame.kind, used - known)
        assert len(frame.text) <= 140, frame.text
        assert "\n" not in frame.text
        for id, change in frame.changes.items():
            assert change.keys() <= (LINK if id.startswith("e") else ELEMENT), change


ELEMENT = {"visible", "value", "grad", "saved", "tray", "role", "version"}
LINK = {"visible", "token"}
