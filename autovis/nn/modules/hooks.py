"""What happens when a module is called: the hooks before, `forward`, the hooks after; and, in backward, those of it."""

from __future__ import annotations

import warnings
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from autovis import errors, events
from autovis.autograd import Function
from autovis.hooks import RemovableHandle, register
from autovis.modes import is_grad_enabled
from autovis.tensor import Tensor

__all__ = ["Module"]


class Hook(NamedTuple):
    """A hook around `forward`.

    Attributes:
        run: what was registered.
        named: whether it is handed keyword arguments, too.
        always: whether it runs also where something failed before it.
    """

    run: Callable[..., Any]
    named: bool = False
    always: bool = False

    def __call__(self, module: Any, inputs: Any, named: Any, *output: Any) -> Any:
        return self.run(module, inputs, named, *output) if self.named else self.run(module, inputs, *output)


def enter(hooks: OrderedDict[int, Any], hook: Any, prepend: bool) -> RemovableHandle:
    """Register a hook after, or before, those that are there."""
    handle = register(hooks, hook)
    if prepend:
        hooks.move_to_end(handle.id, last=False)
    return handle


class Module:
    """The part that is called."""

    _forward_pre_hooks: OrderedDict[int, Any]
    _forward_hooks: OrderedDict[int, Any]
    _backward_pre_hooks: OrderedDict[int, Any]
    _backward_hooks: OrderedDict[int, Any]

    def forward(self, *inputs: Any) -> Any:
        """Compute the output; every subclass defines its own."""
        raise errors.explain(
            NotImplementedError(f'Module [{type(self).__name__}] is missing the required "forward" function'),
            "Define `def forward(self, x):` in the class, with exactly this name and not indented into __init__.",
        )

    def __call__(self, *inputs: Any, **named: Any) -> Any:
        """Run `forward`, with the hooks before and after it."""
        if events.listener is not None:
            return self._heard(events.listener, inputs, named)
        if self._backward_hooks or self._backward_pre_hooks or self._forward_hooks or self._forward_pre_hooks:
            return self._with_hooks(inputs, named)
        return self.forward(*inputs, **named)

    def _heard(self, listener: Any, inputs: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """Run `forward` while a tape listens: what is recorded until it ends belongs to this module."""
        listener.entered(self)
        try:
            hooks = (self._backward_hooks, self._backward_pre_hooks, self._forward_hooks, self._forward_pre_hooks)
            return self._with_hooks(inputs, named) if any(hooks) else self.forward(*inputs, **named)
        finally:
            listener.left(self)

    def _with_hooks(self, inputs: tuple[Any, ...], named: dict[str, Any]) -> Any:
        output, waiting, watch = None, self._forward_hooks.copy(), None
        try:
            inputs, named = self._prepared(inputs, named)
            if self._backward_hooks or self._backward_pre_hooks:
                watch = BackwardWatch(self, self._backward_pre_hooks.values(), self._backward_hooks.values())
                inputs = watch.inputs(inputs)
            output = self.forward(*inputs, **named)
            while waiting:
                _, hook = waiting.popitem(last=False)
                answer = hook(self, inputs, named, output)
                output = output if answer is None else answer
            return output if watch is None else watch.output(output)
        except Exception:
            for hook in waiting.values():
                if hook.always:
                    self._run_anyway(hook, inputs, named, output)
            raise

    def _prepared(self, inputs: tuple[Any, ...], named: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Let the hooks before `forward` replace its arguments."""
        for hook in tuple(self._forward_pre_hooks.values()):
            answer = hook(self, inputs, named)
            if answer is None:
                continue
            if not hook.named:
                inputs = answer if isinstance(answer, tuple) else (answer,)
            elif isinstance(answer, tuple) and len(answer) == 2:
                inputs, named = answer
            else:
                wanted = "None or a tuple of (new_args, new_kwargs)"
                raise RuntimeError(f"forward pre-hook must return {wanted}, but got {answer}.")
        return inputs, named

    def _run_anyway(self, hook: Hook, inputs: Any, named: Any, output: Any) -> None:
        try:
            hook(self, inputs, named, output)
        except Exception as error:  # noqa: BLE001, the first error is the one to be told
            sentence = "module forward hook with ``always_call=True`` raised an exception that was silenced"
            warnings.warn(f"{sentence} as another error was raised in forward: {error}", UserWarning, stacklevel=3)

    def register_forward_pre_hook(
        self, hook: Callable[..., Any], *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """Call `hook(module, inputs)` before `forward`; what it returns replaces the inputs.

        With `with_kwargs`, it is called as `hook(module, inputs, named)`, and returns both or None.
        """
        return enter(self._forward_pre_hooks, Hook(hook, with_kwargs), prepend)

    def register_forward_hook(
        self, hook: Callable[..., Any], *, prepend: bool = False, with_kwargs: bool = False, always_call: bool = False
    ) -> RemovableHandle:
        """Call `hook(module, inputs, output)` after `forward`; what it returns replaces the output.

        With `with_kwargs`, it is called as `hook(module, inputs, named, output)`; with `always_call`, it runs also
        where `forward` failed.
        """
        return enter(self._forward_hooks, Hook(hook, with_kwargs, always_call), prepend)

    def register_full_backward_pre_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Call `hook(module, grad_output)` before backward reaches the module; what it returns replaces them."""
        return enter(self._backward_pre_hooks, hook, prepend)

    def register_full_backward_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Call `hook(module, grad_input, grad_output)` when the gradients of the inputs are known."""
        return enter(self._backward_hooks, hook, prepend)


class BackwardHookFunction(Function):
    """Passes tensors on unchanged, so that what comes back through its node belongs to one call alone."""

    @staticmethod
    def forward(ctx: Any, *tensors: Tensor) -> Any:
        """Return the tensors."""
        ctx.mark_non_differentiable(*(x for x in tensors if not x.requires_grad))
        return tensors

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        """Return the gradients."""
        return gradients


class BackwardWatch:
    """Sees the gradients of one call of a module come and go, and calls the hooks.

    Args:
        module: handed to the hooks.
        before: called as `hook(module, grad_output)`.
        after: called as `hook(module, grad_input, grad_output)`.
    """

    def __init__(self, module: Any, before: Iterable[Any], after: Iterable[Any]) -> None:
        self.module, self.before, self.after = module, tuple(before), tuple(after)
        self.came: Any = None
        self.entered: list[int] | None = None  # places of tensors among the inputs; None where no gradient leaves
        self.left: list[int] | None = None
        self.given = self.returned = 0

    def inputs(self, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        """Watch the gradients that leave through the inputs."""
        self.given = len(inputs)
        inputs, self.entered, node = through(inputs)
        if node is not None:
            node.register_hook(self._leave)
        return inputs

    def output(self, output: Any) -> Any:
        """Watch the gradients that arrive at the outputs."""
        if not isinstance(output, (Tensor, tuple)):
            sentence = "For backward hooks to be called, module output should be a Tensor or a tuple of Tensors"
            warnings.warn(f"{sentence} but received {type(output)}", UserWarning, stacklevel=4)
        outputs = output if isinstance(output, tuple) else (output,)
        self.returned = len(outputs)
        outputs, self.left, node = through(outputs)
        if node is not None:
            node.register_prehook(self._arrive)
        return outputs if isinstance(output, tuple) else outputs[0]

    def _arrive(self, gradients: Any) -> Any:
        came = spread(gradients, self.left, self.returned)
        self.came = came = self._ask(self.before, "Backward pre hook", "grad_output", came)
        if self.entered is None:
            warnings.warn(
                "Full backward hook is firing when gradients are computed with respect to module outputs since no"
                " inputs require gradients. See https://docs.pytorch.org/docs/main/generated/torch.nn.Module.html"
                "#torch.nn.Module.register_full_backward_hook for more details.",
                UserWarning,
                stacklevel=2,
            )
            self._leave((), None)
        return tuple(came[place] for place in self.left or ())

    def _leave(self, gradients: Any, _: Any) -> Any:
        if self.came is None:  # it came by another way, as in a second backward
            return None
        came, self.came = self.came, None
        sent = self._ask(self.after, "Backward hook", "grad_input", spread(gradients, self.entered, self.given), came)
        return tuple(sent[place] for place in self.entered or ())

    def _ask(self, hooks: Iterable[Any], kind: str, noun: str, gradients: Any, *more: Any) -> Any:
        """Ask each hook for other gradients; None keeps them."""
        for hook in hooks:
            answer = hook(self.module, gradients, *more)
            if answer is not None and len(answer) != len(gradients):
                counts = f"got {len(answer)}, but expected {len(gradients)}"
                raise RuntimeError(f"{kind} returned an invalid number of {noun}, {counts}")
            gradients = gradients if answer is None else answer
        return gradients


def through(values: tuple[Any, ...]) -> tuple[tuple[Any, ...], list[int] | None, Any]:
    """Send the tensors among some values through one node; return the values, the places of tensors, and the node."""
    places = [place for place, x in enumerate(values) if isinstance(x, Tensor)]
    if not is_grad_enabled() or not any(values[place].requires_grad for place in places):
        return values, None, None
    passed = dict(zip(places, BackwardHookFunction.apply(*(values[place] for place in places)), strict=True))
    node = next(x.grad_fn for x in passed.values() if x.grad_fn is not None)
    return tuple(passed.get(place, x) for place, x in enumerate(values)), places, node


def spread(gradients: Any, places: list[int] | None, count: int) -> tuple[Any, ...]:
    """Return gradients by place; None where there is no tensor."""
    there = dict(zip(places or (), gradients, strict=True))
    return tuple(there.get(place) for place in range(count))
