"""The order lab: a naive order beside the right one, on the same graph, step by step."""

from __future__ import annotations

import sys
from typing import Any, Final

from autovis import language
from autovis.language import listed, say
from autovis.viz.lab import Outcome, lab
from autovis.viz.orders import RULES
from autovis.viz.reel import Reel
from autovis.viz.show import sketched
from autovis.widgets.page import Shared
from autovis.widgets.player import View, payload

__all__ = ["OrderLab", "order_lab"]

RIGHT: Final = "topological"


class OrderLab(View):
    """Two films of one graph; see `order_lab`.

    Attributes:
        outcomes: what each order comes to, by its name.
        naive: name of the order that is shown at first.
    """

    def __init__(self, outcomes: dict[str, Outcome], naive: str, name: str) -> None:
        title = say("order", "title", name=name)
        reels = {rule: Reel.of(outcome.film, f"{title}: {say('order', rule)}") for rule, outcome in outcomes.items()}
        super().__init__(reels[naive])
        self.player = Shared.get("order.js")
        self.outcomes = outcomes
        self.naive = naive
        films = {rule: payload(reel) for rule, reel in reels.items()}
        self.film = {
            "title": title,
            "items": films[naive]["items"],
            "words": language.table("order"),
            "films": films,
            "naive": naive,
            "rows": {rule: rows(outcomes[rule], outcomes[RIGHT]) for rule in outcomes},
            "visits": {rule: outcome.visits for rule, outcome in outcomes.items()},
        }

    def playable(self) -> dict[str, Any]:
        """Return the film of the naive order."""
        film: dict[str, Any] = self.film["films"][self.naive]
        return film

    def _repr_mimebundle_(self, **options: object) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the widget, a PNG of how the naive order ends, and the text."""
        data, metadata = super()._repr_mimebundle_(**options)
        return data | {"text/plain": self.outline()}, metadata

    def outline(self) -> str:
        """Return both films, and what they come to, as plain text."""
        told = [str(self.film["title"])]
        for rule in (RIGHT, self.naive):
            outcome = self.outcomes[rule]
            held = "   ".join(
                f"{row['name']} {row['naive']} {row['word']}" for row in rows(outcome, self.outcomes[RIGHT])
            )
            told += [f"{say('order', rule)}: {outcome.visits} {say('order', 'visits')}", held]
        told += [Reel.of(self.outcomes[rule].film).outline for rule in (RIGHT, self.naive)]
        return "\n".join(told)


def rows(naive: Outcome, right: Outcome) -> list[dict[str, str]]:
    """Set the gradients of two orders side by side."""
    return [row(name, naive, grad) for name, grad in right.grads.items()]


def row(name: str, naive: Outcome, right: str) -> dict[str, str]:
    """Describe the gradient of one variable in both orders."""
    found = naive.grads.get(name, "None") if naive.whole else "…"
    word = "not_whole" if not naive.whole else "right_word" if found == right else "wrong_word"
    return {"name": name, "naive": found, "right": right, "mark": word, "word": say("order", word)}


def order_lab(y: Any, naive: str = "again") -> OrderLab:
    """Send gradients through the graph of a result in the wrong order, beside the right one.

    No `.grad` is changed and nothing is freed.

    Args:
        y: a result with a history; start with `a = leaf(3.0); b = a + a; c = b + b; order_lab(c)`.
        naive: the order to begin with: `assign` writes over what is there, `early` sends on what comes first, `again`
            sends on its whole sum each time, `paths` follows every path by itself.

    Returns:
        A widget; the last expression of a cell shows it.

    Raises:
        TypeError: if it is no tensor.
        ValueError: if it has no history, an operation with several results, or there is no such order.
        RuntimeError: if the graph has been freed.
    """
    drawn = sketched(y, frame=sys._getframe(1))
    name = drawn.graph.title
    if naive not in RULES or naive == RIGHT:
        there = listed(rule for rule in RULES if rule != RIGHT)
        raise ValueError(say("order", "unknown", name=naive, there=there))
    if y.grad_fn is None:
        raise ValueError(say("order", "no_history", name=name))
    made = [link.source for link in drawn.graph.links if link.source.startswith("o")]
    if len(set(made)) < len(made):
        raise ValueError(say("order", "several", name=name))
    return OrderLab(lab(y, drawn), naive, name)
