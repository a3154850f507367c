"""The sentences of a film, by key; one table, so that a translation is another table.

Each is one sentence of at most 140 characters. Two verbs are kept apart: inside one backward pass gradients are *added
up*; across passes a gradient is *added to .grad*.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["CAPTIONS", "LIMIT", "caption"]

LIMIT = 140  # characters

CAPTIONS: Mapping[str, str] = {
    "start_forward": "Before the first line has run.",
    "start_backward": "The recorded graph, before backward() is called.",
    "forward": "{about}: {name} is computed and recorded.",
    "forward_value": "{about} = {value}: computed and recorded.",
    "skip_no_grad": "{about} = {value}: computed under no_grad, nothing is recorded.",
    "skip_plain": "{about} = {value}: no input asks for gradients, nothing is recorded.",
    "skip_no_derivative": "{about} = {value}: this operation has no derivative, the history ends here.",
    "cut": "detach(): {name} shares the values of {source}, and its history is cut.",
    "cut_in_place": "detach_(): {name} itself loses its history.",
    "edit": "{name} is edited in place by {op}: version {version}.",
    "seed": "backward() starts at {name} with the gradient {gradient}.",
    "local": "At {op}: the gradient {arrives} arrives; the local derivatives are {locals}.",
    "send": "Arriving × local: {sends}.",
    "send_through": "{op} passes the gradient on: {sends}.",
    "send_stop": "{op} passes the gradient on: {sends}; {stopped} gets nothing.",
    "send_nothing": "{op} has nobody to send a gradient to.",
    "free": "{op} is done: its saved {names} is freed.",
    "free_many": "{op} is done: its saved {names} are freed.",
    "fan_in": "{sum} adds up at {name}; waiting for {due} more.",
    "fan_in_done": "{sum} adds up at {name}: complete.",
    "hook": "A hook turns the gradient of {name} from {before} into {after}.",
    "retain": "{name} keeps its gradient {gradient}, because retain_grad() was called.",
    "accumulate_first": "{name}.grad was None and becomes {after}.",
    "accumulate": "{arriving} is added to {name}.grad: {before} + {arriving} = {after}.",
    "clear_none": "{name}.grad is cleared: {before} becomes None.",
    "clear_zero": "{name}.grad is filled with zeros: {before} becomes {after}.",
    "step": "{optimizer}.step() changes the parameters.",
    "error": "Error: {sentence}",
}


def caption(key: str, args: Mapping[str, str]) -> str:
    """Fill in a sentence, cut short at the limit.

    >>> caption("accumulate_first", {"name": "p", "after": "5"})
    'p.grad was None and becomes 5.'
    """
    text = CAPTIONS[key].format_map(args)
    return text if len(text) <= LIMIT else text[: LIMIT - 1].rstrip() + "…"
