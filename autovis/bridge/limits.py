"""What PyTorch's public API cannot tell, and what a picture or a film of a PyTorch program shows instead.

`LIMITS` is the whole list: wherever the film of a PyTorch program differs from that of the same program on autovis, one
of its rows says why. The tests compare films frame by frame, and leave out nothing else.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["LIMITS", "Limit"]


class Limit(NamedTuple):
    """One thing that cannot be told.

    Attributes:
        key: short name, by which tests refer to it.
        hidden: what PyTorch keeps to itself.
        shown: what is drawn instead.
    """

    key: str
    hidden: str
    shown: str


LIMITS = (
    Limit("digits", "PyTorch may add up in another order, so the last digits differ", "PyTorch's numbers"),
    Limit(
        "between steps",
        "the results between the steps of one call (`linear`, `cross_entropy`) and between the nodes of a graph",
        "in a film what autovis computes for that step; in a picture what a node saved, else no number",
    ),
    Limit(
        "constants",
        "constants that a node did not save (`x + c`), and Python numbers apart from tensors of one number",
        "in a film everything, for calls are seen; in a picture of live tensors `…`, or the number",
    ),
    Limit(
        "settings",
        "arguments of a call that its node does not need, such as the shape of `view`",
        "in a film everything; in a picture `x.view(…)`",
    ),
    Limit(
        "the past",
        "what lies above `detach()` or was computed under `no_grad`, once it is over",
        "in a film everything; in a picture a constant, without the cut or the region that autovis draws",
    ),
    Limit("order", "in which order nodes were made before the tape ran", "inputs before what uses them, left first"),
    Limit(
        "hooks",
        "hooks that were registered before the tape ran, or on nodes",
        "what they did to a gradient, as one hook on the tensor; nothing where they changed nothing",
    ),
    Limit("inside hooks", "what a program computes and differentiates inside a hook", "what becomes of `.grad`"),
    Limit(
        "inside the engine",
        "the operations of a pass that is recorded itself (`create_graph`) before they are done, and their results",
        "the nodes of the new graph with the operations' names, without numbers",
    ),
    Limit(
        "a call that failed",
        "what an operation did before it raised, such as the view that `x[0] = v` edits",
        "the error alone",
    ),
    Limit(
        "custom functions",
        "when a custom `Function` ran, and what it saved",
        "the function where its result is first used, without a local derivative",
    ),
    Limit(
        "unknown operations",
        "how an operation pulls a gradient back that autovis has no rule for, or is made of other steps (`einsum`)",
        "the nodes by PyTorch's names, what arrives and what is sent",
    ),
    Limit(
        "large tensors",
        f"nothing; above {1 << 16} elements calls are not made twice, to save time",
        "the operations as their nodes tell them, shapes instead of numbers",
    ),
    Limit(
        "versions",
        "edits that PyTorch makes before it hands a result out",
        "versions counted from when the result is handed out; in a picture PyTorch's own count",
    ),
    Limit("a pass elsewhere", "passes started from C++, from `torch.func` or in other threads", "what is in `.grad`"),
)
