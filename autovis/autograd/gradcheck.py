"""Is a derivative right? `gradcheck` compares it with differences of values, `gradgradcheck` does so for the second.

>>> import autovis as av
>>> x = av.tensor([1.0, 2.0], dtype=av.float64, requires_grad=True)
>>> av.autograd.gradcheck(lambda x: x.sin(), (x,))
True
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autovis import dtypes, errors
from autovis.arrays import peek
from autovis.autograd.function import Function
from autovis.backward import grad
from autovis.tensor import Tensor

__all__ = ["GradcheckError", "gradcheck", "gradgradcheck"]

Func = Callable[..., Any]
Array = Any

NOT_REPEATABLE = """

NOTE: If your op relies on non-deterministic operations i.e., it is listed here:
https://pytorch.org/docs/stable/generated/torch.use_deterministic_algorithms.html
this failure might be expected.

If you are adding a new operator, please file an issue and then use one of the
workarounds. The workaround depends on how your test invokes gradcheck/gradgradcheck.
If the test
- manually invokes gradcheck/gradgradcheck, then call gradcheck/gradgradcheck
  with `nondet_tol=<tol>` as a keyword argument.
- is OpInfo-based (e.g., in test_ops_gradients.py), then modify the OpInfo for the test
  to have `gradcheck_nondet_tol=<tol>`.
- is a Module test (e.g., in common_nn.py), then modify the corresponding
  module_test entry to have `gradcheck_nondet_tol=<tol>`
"""


class GradcheckError(RuntimeError):
    """What `gradcheck` raises when a derivative is wrong."""


def gradcheck(
    func: Func,
    inputs: Any,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_batched_forward_grad: bool = False,
    check_forward_ad: bool = False,
    check_backward_ad: bool = True,
    fast_mode: bool = False,
    masked: bool | None = None,
) -> bool:
    """Compare the gradients of a function with central differences of its values.

    Args:
        func: of tensors, returns a tensor or a tuple of them.
        inputs: the point; use float64, differences of single precision are too coarse.
        eps: how far the inputs are moved to either side.
        atol: how far the two may be apart.
        rtol: the same as a share of the difference.
        raise_exception: raise what is wrong, rather than return False.
        nondet_tol: how far two backward passes may be apart.
        check_undefined_grad: whether backward must cope with outputs that nobody used.
        check_grad_dtypes: accepted; a gradient always has the kind of its input.
        check_batched_grad: must stay False, as the next two.
        check_batched_forward_grad: see above.
        check_forward_ad: see above.
        check_backward_ad: must stay True.
        fast_mode: accepted; every element is compared all the same.
        masked: accepted; there are no sparse tensors.

    Returns:
        True; or False, see `raise_exception`.

    Raises:
        GradcheckError: if a gradient is wrong.
        ValueError: if no input requires grad.
    """
    if check_forward_ad or check_batched_forward_grad or not check_backward_ad:
        raise errors.not_supported("gradcheck of forward mode", "it differentiates backwards only.")
    if check_batched_grad:
        raise errors.not_supported("check_batched_grad", "it has no vmap.")
    try:
        point = tupled(inputs)
        check_inputs(point)
        answer = tupled(func(*point))
        compare(func, point, answer, eps=eps, close=(rtol, atol), repeats=nondet_tol)
        wanted, outputs = asking(point), asking(answer)
        check_zero(outputs, wanted)
        if check_undefined_grad:
            check_undefined(func, point, wanted)
    except GradcheckError:
        if raise_exception:
            raise
        return False
    return True


def gradgradcheck(
    func: Func,
    inputs: Any,
    grad_outputs: Any = None,
    *,
    gen_non_contig_grad_outputs: bool = False,
    check_fwd_over_rev: bool = False,
    check_rev_over_rev: bool = True,
    **checks: Any,
) -> bool:
    """Compare the second derivatives of a function with central differences of its gradients.

    Args:
        func: of tensors, returns a tensor or a tuple of them.
        inputs: the point.
        grad_outputs: the gradients of the outputs from which backward starts; random ones if not given.
        gen_non_contig_grad_outputs: accepted.
        check_fwd_over_rev: must stay False.
        check_rev_over_rev: must stay True.
        **checks: as for `gradcheck`.

    Returns:
        See `gradcheck`, as for what is raised.
    """
    if check_fwd_over_rev or not check_rev_over_rev:
        raise errors.not_supported("gradgradcheck of forward mode", "it differentiates backwards only.")
    point = tupled(inputs)
    seeds = random_like(asking(tupled(func(*point)))) if grad_outputs is None else tupled(grad_outputs)
    flags = [isinstance(x, Tensor) and x.requires_grad for x in (*point, *seeds)]

    def gradient(*args: Any) -> tuple[Any, ...]:
        flagged = [x.requires_grad_() if flag else x for x, flag in zip(args, flags, strict=True)]
        at, start = flagged[: len(point)], flagged[len(point) :]
        found = grad(asking(tupled(func(*at))), asking(at), start, create_graph=True, allow_unused=True)
        return tuple(g for g in found if g is not None)

    return gradcheck(gradient, (*point, *seeds), **checks)


def tupled(given: Any) -> tuple[Any, ...]:
    """Return one thing or several as a tuple."""
    return tuple(given) if isinstance(given, (tuple, list)) else (given,)


def asking(values: Sequence[Any]) -> tuple[Any, ...]:
    """Return the tensors among some values that require grad."""
    return tuple(x for x in values if isinstance(x, Tensor) and x.requires_grad)


def random_like(outputs: Sequence[Any]) -> tuple[Any, ...]:
    """Return gradients to start from: numbers between -1 and 1, the same ones each time."""
    draw = np.random.default_rng(0)
    return tuple(out.like(draw.uniform(-1, 1, out.shape).astype(out.dtype.numpy)).requires_grad_() for out in outputs)


def check_inputs(point: Sequence[Any]) -> None:
    """Warn of single precision, and refuse a point that cannot be moved."""
    for place, x in enumerate(point):
        if not asking([x]):
            continue
        if x.dtype is not dtypes.float64:
            warnings.warn(
                f"Input #{place} requires gradient and is not a double precision floating point or complex. This check"
                " will likely fail if all the inputs are not of double precision floating point or complex. ",
                UserWarning,
                stacklevel=3,
            )
        if not all(step > 0 or size <= 1 for step, size in zip(x.stride(), x.shape, strict=True)):
            raise RuntimeError(
                f"The {place}th input has a dimension with stride 0. gradcheck only supports inputs that are"
                " non-overlapping to be able to compute the numerical gradients correctly. You should call .contiguous"
                " on the input before passing it to gradcheck."
            )
    if not asking(point):
        raise ValueError(
            "gradcheck expects at least one input tensor to require gradient, but none of them have requires_grad=True."
        )


# ------------------------------------------------------------------------------------------------ the comparison


def compare(
    func: Func, point: Sequence[Any], answer: Sequence[Any], *, eps: float, close: tuple[float, float], repeats: float
) -> None:
    """Compare every number of every Jacobian."""
    numeric = [differences(func, point, x, answer, eps=eps) for x in asking(point)]
    outputs = [place for place, out in enumerate(answer) if asking([out])]
    if not outputs and any(np.any(part) for parts in numeric for part in parts):
        raise GradcheckError("Numerical gradient for function expected to be zero")
    for index, place in enumerate(outputs):
        for slot, found in enumerate(rows(answer[place], point, repeats=repeats)):
            wanted = numeric[slot][place]
            if not np.allclose(found, wanted, *close):
                like = answer[place].like
                raise GradcheckError(
                    f"Jacobian mismatch for output {index} with respect to input {slot},\n"
                    f"numerical:{like(wanted)}\nanalytical:{like(found)}\n"
                )


def differences(func: Func, point: Sequence[Any], x: Any, answer: Sequence[Any], *, eps: float) -> list[Array]:
    """Move each element of one input to either side.

    Returns:
        For each output how fast it changes, as an array (elements of the input, elements of the output).
    """
    memory = x.data.numbers
    columns: list[list[Array]] = [[] for _ in answer]
    for place in np.ndindex(memory.shape):
        before = memory[place].copy()
        memory[place] = before - eps
        low = values(func, point)
        memory[place] = before + eps
        high = values(func, point)
        memory[place] = before
        for column, a, b in zip(columns, low, high, strict=True):
            check_alike(a, b, place, eps)
            column.append(np.ravel(np.subtract(b, a, dtype=None if a.dtype.kind == "f" else float) / (2 * eps)))
    return [
        np.stack(column) if column else np.zeros((0, out.numel())) for column, out in zip(columns, answer, strict=True)
    ]


def values(func: Func, point: Sequence[Any]) -> list[Array]:
    """Return the numbers of all outputs."""
    return [np.array(peek(out.numbers)) for out in tupled(func(*point))]


def check_alike(a: Array, b: Array, place: tuple[int, ...], eps: float) -> None:
    """Refuse a function whose outputs change in size or kind with its inputs."""
    for what, one, other in (("shape", a.shape, b.shape), ("dtype", a.dtype, b.dtype)):
        if one != other:
            show = dtypes.of_numpy if what == "dtype" else lambda shape: f"torch.Size({list(shape)})"
            raise AssertionError(
                f"Expected `func` to return outputs with the same {what} when inputs are perturbed on index {place} by"
                f" {eps}, but got: {what}s {show(one)} and {show(other)}."
            )


def rows(out: Any, point: Sequence[Any], *, repeats: float) -> list[Array]:
    """Differentiate one output, element by element, and once more to see that the same comes out.

    Returns:
        For each input that asks, an array (elements of the input, elements of the output).
    """
    wanted = asking(point)
    first, second = ([np.zeros((x.numel(), out.numel()), x.dtype.numpy) for x in wanted] for _ in range(2))
    for found in (first, second):
        for column in range(out.numel()):
            seed = np.zeros(out.numel(), out.dtype.numpy)
            seed[column] = 1
            gradients = grad(out, wanted, out.like(seed.reshape(out.shape)), retain_graph=True, allow_unused=True)
            for part, g in zip(found, gradients, strict=True):
                part[:, column] = 0 if g is None else np.ravel(peek(g.numbers))
    if any(part.size and np.abs(part - again).max() > repeats for part, again in zip(first, second, strict=True)):
        raise GradcheckError(
            "Backward is not reentrant, i.e., running backward with same input and grad_output multiple times gives"
            " different values, although analytical gradient matches numerical gradient.The tolerance for"
            f" nondeterminism was {repeats}." + NOT_REPEATABLE
        )
    return first


# --------------------------------------------------------------------------------------------- gradients of nothing


class UndefinedGrad(Function):
    """Passes a tensor on, and no gradient back: as if nobody had used it."""

    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        """Return the same numbers."""
        return x.view_as(x)

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        """Send nothing."""
        return None


def check_zero(outputs: Sequence[Any], wanted: Sequence[Any]) -> None:
    """Backward is linear: from zeros come zeros."""
    if not outputs:
        return
    for g in grad(outputs, wanted, [out.new_zeros(out.shape) for out in outputs], allow_unused=True):
        if g is not None and g.numbers.any():
            raise GradcheckError("backward not multiplied by grad_output")


def check_undefined(func: Func, point: Sequence[Any], wanted: Sequence[Any]) -> None:
    """Run backward with no gradient for all the outputs, then for one of them at a time."""
    count = len(asking(tupled(func(*point))))
    for missing in [set(range(count)), *({place} for place in range(count if count > 1 else 0))]:
        outputs = asking(tupled(func(*point)))
        outputs = tuple(UndefinedGrad.apply(out) if place in missing else out for place, out in enumerate(outputs))
        if not outputs:
            continue
        try:
            found = grad(outputs, wanted, [out.new_zeros(out.shape) for out in outputs], allow_unused=True)
        except RuntimeError as error:
            warn_undefined()
            raise GradcheckError(
                'Expected backward function to handle undefined output grads. Please look at "Notes about undefined'
                ' output gradients" in "tools/autograd/derivatives.yaml"'
            ) from error
        if any(g is not None and g.numbers.any() for g in found):
            warn_undefined()
            raise GradcheckError(
                "Expected all input grads to be undefined or zero when all output grads are undefined or zero. Please"
                ' look at "Notes about undefined output gradients" in "tools/autograd/derivatives.yaml"'
            )


def warn_undefined() -> None:
    """Say how to do without this check."""
    warnings.warn(
        "Backwards compatibility: New undefined gradient support checking feature is enabled by default, but it may"
        " break existing callers of this function. If this is true for you, you can call this function with"
        ' "check_undefined_grad=False" to disable the feature',
        UserWarning,
        stacklevel=4,
    )
