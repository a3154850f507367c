"""The sentences of a film, by key; one table, so that a translation is another table.

Each is one sentence of at most 140 characters. Two verbs are kept apart: inside one backward pass gradients are
*added up*; across passes a gradient is *added to .grad*. The parts of the chain rule are called *arrives, local,
product, sent* everywhere. A key that ends in `_short` is taken when the full sentence is too long.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

__all__ = ["CAPTIONS", "LIMIT", "caption", "listed"]

LIMIT = 140  # characters

CAPTIONS: Mapping[str, str] = {
    "start_forward": "Before the first line has run.",
    "start_backward": "The recorded graph, before backward() is called.",
    "forward": "{about} is computed and recorded.",
    "forward_value": "{about} = {value} is computed and recorded.",
    "forward_in_place": "{about} = {value} is written into the memory of {source}, and recorded.",
    "skip_no_grad": "{about} = {value} is computed under no_grad: nothing is recorded.",
    "skip_plain": "{about} = {value} is computed; no input asks for a gradient, so nothing is recorded.",
    "skip_no_derivative": "{about} = {value} is computed; it has no derivative, so the history ends here.",
    "cut": "{about} shares the values of {source}, but its history is cut.",
    "cut_in_place": "{source}.detach_() cuts its own history: {name} is a leaf that asks for no gradient.",
    "edit": "{name} is edited in place by {op} and becomes {value}, version {version}.",
    "edit_shared": "{name} is edited in place by {op} and becomes {value}; {others} over the same memory changes too.",
    "edit_grad": "{name}.grad is edited in place by {op}: {before} becomes {after}.",
    "seed": "The backward pass starts at {name} with the gradient {gradient}.",
    "seed_more": "It starts at {name}, too, with the gradient {gradient}.",
    "local": "At {op}: {arrives} arrives; local: {locals}.",
    "local_short": "At {op}: {arrives} arrives and meets the local derivative for {receivers}.",
    "send": "Arrives × local = product, sent: {sends}.",
    "send_short": "At {op}: a product is sent to {receivers}.",
    "send_stop": "Arrives × local = product, sent: {sends}; {stopped} gets nothing.",
    "send_stop_short": "At {op}: a product is sent to {receivers}; {stopped} gets nothing.",
    "through": "{op} sends on what arrives: {sends}.",
    "through_short": "{op} sends on what arrives, to {receivers}.",
    "through_stop": "{op} sends on what arrives: {sends}; {stopped} gets nothing.",
    "through_stop_short": "{op} sends on what arrives, to {receivers}; {stopped} gets nothing.",
    "send_nothing": "{op} has nobody to send a gradient to.",
    "free": "{op} is done: its saved {names} is freed.",
    "free_many": "{op} is done: its saved {names} are freed.",
    "fan_in": "The gradients of {name} are added up: {sum}, waiting for {due} more.",
    "fan_in_short": "The gradients of {name} are added up: {came} of {of} so far.",
    "fan_in_done": "The gradients of {name} are added up: {sum}, complete.",
    "fan_in_done_short": "The gradients of {name} are added up: all {of} are there.",
    "hook": "A hook turns the gradient of {name} from {before} into {after}.",
    "retain": "{name} keeps its gradient {gradient}, because retain_grad() was called.",
    "retain_more": "{gradient} is added to {name}.grad, because retain_grad() was called: now {after}.",
    "store": "{gradient} is stored in {name}.grad, because backward(inputs=...) names {name}.",
    "return": "grad() hands back {gradient} for {name}; {name}.grad is not touched.",
    "return_none": "grad() hands back None for {name}: the result does not depend on it.",
    "accumulate_first": "{arriving} is added to {name}.grad, which was None and becomes {after}.",
    "accumulate_first_short": "{name}.grad was None and becomes {after}.",
    "accumulate": "{arriving} is added to {name}.grad: {before} + {arriving} = {after}.",
    "accumulate_short": "{name}.grad was {before}; what arrives is added to it: {after}.",
    "clear_none": "{name}.grad is cleared: {before} becomes None.",
    "clear_zero": "{name}.grad is filled with zeros: {before} becomes {after}.",
    "step": "{optimizer}.step() changes {names}.",
    "step_short": "{optimizer}.step() changes the parameters.",
    "error": "Error: {sentence}",
    "error_at": "Error at {op}: {sentence}",
    "error_at_short": "Error at {op}.",
}


def listed(words: Iterable[str]) -> str:
    """Join words as a sentence does, each once.

    >>> listed(["a", "b", "a", "c"])
    'a, b and c'
    """
    *head, last = dict.fromkeys(words) or [""]
    return f"{', '.join(head)} and {last}" if head else last


def caption(key: str, args: Mapping[str, str]) -> str:
    """Fill in a sentence; the short one if it is too long, cut off at the limit if that is, too.

    >>> caption("accumulate_first_short", {"name": "p", "after": "5"})
    'p.grad was None and becomes 5.'
    """
    texts = [CAPTIONS[each].format_map(args) for each in (key, f"{key}_short") if each in CAPTIONS]
    fitting = [text for text in texts if len(text) <= LIMIT]
    return fitting[0] if fitting else texts[0][: LIMIT - 1].rstrip() + "…"
