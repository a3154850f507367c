"""Full backward hooks: the gradients at the output and at the inputs of one call of a module, shown together."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

from autovis.primitive import Primitive
from autovis.tensor import Tensor

__all__ = ["BackwardWatch"]

# A gate that numbers and gradients pass unchanged, so that what comes through it belongs to this call alone.
gate = Primitive("gate", lambda x: x[...], node="BackwardHookFunctionBackward", symbol="hook", x=lambda g: g)


class BackwardWatch:
    """Collects the gradients of one call, and calls the hooks when all are there.

    Args:
        module: handed to the hooks.
        hooks: called as `hook(module, grad_input, grad_output)`.
    """

    def __init__(self, module: Any, hooks: Sequence[Callable[..., Any]]) -> None:
        self.module = module
        self.hooks = hooks
        self.came: dict[int, Any] = {}
        self.sent: dict[int, Any] = {}
        self.tracked_inputs = self.tracked_outputs = self.inputs_given = self.outputs_given = 0

    def inputs(self, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        """Watch the gradients that leave through the inputs."""
        self.inputs_given = len(inputs)
        self.tracked_inputs = sum(map(is_tracked, inputs))
        return tuple(self._watched(x, place, self._send) for place, x in enumerate(inputs))

    def output(self, output: Any) -> Any:
        """Watch the gradients that arrive at the outputs."""
        outputs = output if isinstance(output, tuple) else (output,)
        self.outputs_given = len(outputs)
        self.tracked_outputs = sum(map(is_tracked, outputs))
        watched = tuple(self._watched(y, place, self._arrive) for place, y in enumerate(outputs))
        return watched if isinstance(output, tuple) else watched[0]

    def _watched(self, x: Any, place: int, report: Callable[[int, Any], Any]) -> Any:
        if not is_tracked(x):
            return x
        through = gate(x)
        through.register_hook(lambda g: report(place, g))
        return through

    def _arrive(self, place: int, g: Any) -> None:
        self.came[place] = g
        if not self.tracked_inputs and len(self.came) == self.tracked_outputs:
            warnings.warn(
                "Full backward hook is firing when gradients are computed with respect to module outputs since no"
                " inputs require gradients. See https://docs.pytorch.org/docs/main/generated/torch.nn.Module.html"
                "#torch.nn.Module.register_full_backward_hook for more details.",
                UserWarning,
                stacklevel=2,
            )
            self._tell()

    def _send(self, place: int, g: Any) -> Any:
        self.sent[place] = g
        if len(self.sent) < self.tracked_inputs:
            return None
        answer = self._tell()
        return None if answer is None else answer[place]

    def _tell(self) -> tuple[Any, ...] | None:
        came = tuple(self.came.get(place) for place in range(self.outputs_given))
        sent = tuple(self.sent.get(place) for place in range(self.inputs_given))
        self.came, self.sent = {}, {}
        answer = None
        for hook in self.hooks:
            given = hook(self.module, answer or sent, came)
            if given is not None:
                answer = given if isinstance(given, tuple) else (given,)
        return answer


def is_tracked(x: Any) -> bool:
    """Whether gradients reach it."""
    return isinstance(x, Tensor) and x.requires_grad
