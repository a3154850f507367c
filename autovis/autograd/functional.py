"""Derivatives of functions: `jacobian`, `hessian` and their products with vectors.

Each takes a function of tensors and a point, and calls `grad` as often as it must: a Jacobian row by row, a product
with a vector from the left in one pass. A product from the right needs two passes: the gradient `v J` is linear in `v`,
so its own gradient in direction `u` is `J u`, whatever `v` was.

>>> import autovis as av
>>> av.autograd.functional.jacobian(lambda x: x**2, av.tensor([1.0, 2.0]))
tensor([[2., 0.],
        [0., 4.]])
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autovis.backward import grad
from autovis.modes import enable_grad, is_grad_enabled, set_grad_enabled
from autovis.rules.shape import stack
from autovis.tensor import Tensor

__all__ = ["hessian", "hvp", "jacobian", "jvp", "vhp", "vjp"]

Function = Callable[..., Any]
Tensors = tuple[Any, ...]

# what the answer does not depend on, where `strict` forbids it
INDEPENDENT = {
    "back": "The output of the user-provided function is independent of input {i}. This is not allowed in strict mode.",
    "back_trick": "The gradient with respect to the input is independent of entry {i} in the grad_outputs when using"
    " the double backward trick to compute forward mode gradients. This is not allowed in strict mode.",
    "double_back": "The jacobian of the user-provided function is independent of input {i}. This is not allowed in"
    " strict mode.",
    "double_back_trick": "The hessian of the user-provided function is independent of entry {i} in the grad_jacobian."
    " This is not allowed in strict mode as it prevents from using the double backward trick to replace forward mode"
    " AD.",
}

# what has no history, where `strict` demands one
FLAT = {
    "outputs": "Output {i} of the user-provided function does not require gradients. The outputs must be computed in a"
    " differentiable manner from the input when running in strict mode.",
    "grad_inputs": "The gradient with respect to input {i} is independent of the inputs of the user-provided function."
    " This is not allowed in strict mode.",
    "jacobian": "While computing the hessian, found that the jacobian of the user-provided function with respect to"
    " input {i} is independent of the input. This is not allowed in strict mode. You should ensure that your function"
    " is twice differentiable and that the jacobian depends on the inputs (this would be violated by a linear function"
    " for example).",
    "hessian": "The hessian of the user-provided function with respect to input {i} is independent of the input. This"
    " is not allowed in strict mode. You should ensure that your function is thrice differentiable and that the hessian"
    " depends on the inputs.",
}


def jacobian(
    func: Function,
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    strategy: str = "reverse-mode",
) -> Any:
    """Return the derivative of every output element with respect to every input element.

    Args:
        func: of tensors, returns a tensor or a tuple of them.
        inputs: the point, a tensor or a tuple of them.
        create_graph: record the computation, so that the result can be differentiated.
        strict: refuse outputs that do not depend on an input, instead of answering zeros.
        vectorize: accepted; the rows are computed one by one all the same.
        strategy: `forward-mode`, accepted with `vectorize`, gives the same numbers.

    Returns:
        A tensor of shape (output, input); for tuples of outputs and inputs a tuple of tuples, `[output][input]`.

    Raises:
        TypeError: if inputs or outputs are no tensors.
        RuntimeError: in strict mode, see `strict`.
    """
    if strategy not in ("forward-mode", "reverse-mode"):
        raise AssertionError(
            'Expected strategy to be either "forward-mode" or "reverse-mode". Hint: If your function has more outputs'
            ' than inputs, "forward-mode" tends to be more performant. Otherwise, prefer to use "reverse-mode".'
        )
    if strategy == "forward-mode":
        check_forward(create_graph=create_graph, strict=strict, vectorize=vectorize)
    with enable_grad():
        several, point = tupled(inputs, "inputs", "jacobian")
        point = fresh(point, create_graph=create_graph)
        many, outputs = called(func, point, "jacobian", strict=strict)
        if vectorize and strict:
            raise RuntimeError(
                "torch.autograd.functional.jacobian: `strict=True` and `vectorized=True` are not supported together."
                " Please either set `strict=False` or `vectorize=False`."
            )
        rows = [_rows(i, out, point, create_graph=create_graph, strict=strict) for i, out in enumerate(outputs)]
    return packed([bare(row, create_graph=create_graph) for row in rows], many, several)


def check_forward(*, create_graph: bool, strict: bool, vectorize: bool) -> None:
    """Refuse what PyTorch cannot combine with forward mode."""
    together = "are not supported together (yet). Please either set"
    if create_graph:
        raise NotImplementedError(
            'torch.autograd.functional.jacobian: `create_graph=True` and `strategy="forward-mode"` '
            f'{together} `create_graph=False` or `strategy="reverse-mode"`.'
        )
    if strict:
        raise RuntimeError(
            'torch.autograd.functional.jacobian: `strict=True` and `strategy="forward-mode"` '
            f'{together} `strict=False` or `strategy="reverse-mode"`.'
        )
    if not vectorize:
        raise NotImplementedError(
            "Computing Jacobian using forward-AD or forward-over-reverse Hessian isonly implemented for"
            " `vectorize=True`."
        )


def _rows(index: int, out: Any, point: Tensors, *, create_graph: bool, strict: bool) -> Tensors:
    """Differentiate one output, element by element; return its part of the Jacobian for each input."""
    found: list[list[Any]] = [[] for _ in point]
    for place in range(out.numel()):
        element = out.reshape(-1)[place]
        gradients = differentiated((element,), point, create_graph=create_graph, retain_graph=True)
        for slot, (g, x) in enumerate(zip(gradients, point, strict=True)):
            if strict and g is None:
                raise RuntimeError(
                    f"Output {index} of the user-provided function is independent of input {slot}. This is not allowed"
                    " in strict mode."
                )
            if strict and create_graph and not g.requires_grad:
                raise RuntimeError(
                    f"The jacobian of the user-provided function is independent of input {index}. This is not allowed"
                    " in strict mode when create_graph=True."
                )
            found[slot].append(zeros(x) if g is None else g)
    return tuple(
        stack(*gradients, dim=0).view((*out.shape, *x.shape)) for gradients, x in zip(found, point, strict=True)
    )


def hessian(
    func: Function,
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    outer_jacobian_strategy: str = "reverse-mode",
) -> Any:
    """Return the second derivatives of a function with a single number: the Jacobian of its gradient.

    The arguments are those of `jacobian`, `outer_jacobian_strategy` its `strategy`. The result has the shape (input,
    input); for a tuple of inputs it is a tuple of tuples.
    """
    several, inputs = tupled(inputs, "inputs", "hessian")
    if outer_jacobian_strategy not in ("forward-mode", "reverse-mode"):
        raise AssertionError('Expected strategy to be either "forward-mode" or "reverse-mode".')

    def value(*point: Any) -> Any:
        return single(*called(func, point, "hessian", strict=strict), "hessian").squeeze()

    def gradient(*point: Any) -> Any:
        if outer_jacobian_strategy == "forward-mode":
            point = tuple(x.requires_grad_() for x in point)
        found = jacobian(value, point, create_graph=True)
        check_history(found, "jacobian", strict=strict)
        return found

    found = jacobian(gradient, inputs, create_graph, strict, vectorize, outer_jacobian_strategy)
    return packed(found, several, several)


def vjp(func: Function, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> Any:
    """Return the value of a function, and `v` times its Jacobian: one backward pass.

    `v` has the shape of the output, and is not needed for a single number; the product has the shape of the inputs.
    """
    with enable_grad():
        several, point = tupled(inputs, "inputs", "vjp")
        point = fresh(point, create_graph=create_graph)
        many, outputs = called(func, point, "vjp", strict=strict)
        if v is None and (len(outputs) != 1 or outputs[0].numel() != 1):
            raise RuntimeError(
                "The vector v can only be None if the user-provided function returns a single Tensor with a single"
                " element."
            )
        vector = direction(v, outputs, many, "vjp", create_graph=create_graph)
    with set_grad_enabled(create_graph or is_grad_enabled()):
        found = differentiated(outputs, point, vector, create_graph=create_graph)
        product = filled(found, point, "back", create_graph=create_graph, strict=strict)
    return answer(outputs, many, product, several, create_graph=create_graph)


def jvp(func: Function, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> Any:
    """Return the value of a function, and its Jacobian times `v`: the gradient of a gradient.

    `v` has the shape of the inputs, and is not needed for a single number; the product has the shape of the output.
    """
    with enable_grad():
        several, point = tupled(inputs, "inputs", "jvp")
        point = fresh(point, create_graph=create_graph)
        vector = direction_of_inputs(v, point, several, "jvp", create_graph=create_graph)
        many, outputs = called(func, point, "jvp", strict=strict)
        seeds = tuple(zeros(out).requires_grad_() for out in outputs)
        gradients = differentiated(outputs, point, seeds, create_graph=True)
        check_history(gradients, "grad_inputs", strict=strict)
    with set_grad_enabled(create_graph or is_grad_enabled()):
        found = differentiated(gradients, seeds, vector, create_graph=create_graph)
        product = filled(found, outputs, "back_trick", create_graph=create_graph, strict=strict)
    return answer(outputs, many, product, many, create_graph=create_graph)


def vhp(func: Function, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> Any:
    """Return the value of a function with a single number, and `v` times its Hessian: two backward passes.

    `v` and the product have the shape of the inputs; `v` is not needed for a single number.
    """
    with enable_grad():
        several, point, vector, output = _scalar(func, inputs, v, "vhp", create_graph=create_graph, strict=strict)
        gradients = differentiated((output,), point, create_graph=True)
        check_history(gradients, "jacobian", strict=strict)
    with set_grad_enabled(create_graph or is_grad_enabled()):
        found = differentiated(gradients, point, vector, create_graph=create_graph)
        product = filled(found, point, "double_back", create_graph=create_graph, strict=strict)
    return answer((output,), False, product, several, create_graph=create_graph)


def hvp(func: Function, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> Any:
    """Return the value of a function with a single number, and its Hessian times `v`.

    The same as `vhp` where second derivatives are continuous, which is cheaper.
    """
    with enable_grad():
        several, point, vector, output = _scalar(func, inputs, v, "hvp", create_graph=create_graph, strict=strict)
        gradients = differentiated((output,), point, create_graph=True)
        check_history(gradients, "jacobian", strict=strict)
        seeds = tuple(zeros(x).requires_grad_() for x in point)
        twice = differentiated(gradients, point, seeds, create_graph=True)
        check_history(gradients, "hessian", strict=strict)
    with set_grad_enabled(create_graph or is_grad_enabled()):
        found = differentiated(twice, seeds, vector, create_graph=create_graph)
        product = filled(found, point, "double_back_trick", create_graph=create_graph, strict=strict)
    return answer((output,), False, product, several, create_graph=create_graph)


def _scalar(
    func: Function, inputs: Any, v: Any, name: str, *, create_graph: bool, strict: bool
) -> tuple[bool, Tensors, Tensors | None, Any]:
    """Prepare a point and a direction for a Hessian, and compute the single number."""
    several, point = tupled(inputs, "inputs", name)
    point = fresh(point, create_graph=create_graph)
    vector = direction_of_inputs(v, point, several, name, create_graph=create_graph)
    many, outputs = called(func, point, name, strict=strict)
    return several, point, vector, single(many, outputs, name)


# ---------------------------------------------------------------------------------------------------- what goes in


def tupled(given: Any, what: str, name: str) -> tuple[bool, Tensors]:
    """Return whether a tuple was given, and a tuple of tensors.

    Raises:
        TypeError: if something else is among it.
    """
    several = isinstance(given, tuple)
    values = given if several else (given,)
    for place, x in enumerate(values):
        if not isinstance(x, Tensor):
            found = f"value at index {place}" if several else f"given {what}"
            raise TypeError(
                f"The {what} given to {name} must be either a Tensor or a tuple of Tensors but the {found} has type"
                f" {type(x)}."
            )
    return several, values


def fresh(inputs: Tensors, *, create_graph: bool, flag: bool = True) -> Tensors:
    """Return new tensors with the same values, to be told apart from the same tensors used by the function itself."""
    return tuple(x.view_as(x) if create_graph and x.requires_grad else x.detach().requires_grad_(flag) for x in inputs)


def called(func: Function, point: Tensors, name: str, *, strict: bool) -> tuple[bool, Tensors]:
    """Call the function; return whether it answered with a tuple, and a tuple."""
    several, outputs = tupled(func(*point), "outputs of the user-provided function", name)
    check_history(outputs, "outputs", strict=strict)
    return several, outputs


def single(several: bool, outputs: Tensors, name: str) -> Any:
    """Return the one tensor with one element that a function must answer with.

    Raises:
        RuntimeError: if it does not.
    """
    if several:
        raise RuntimeError(f"The function given to {name} should return a single Tensor")
    if outputs[0].numel() != 1:
        raise RuntimeError(f"The Tensor returned by the function given to {name} should contain a single element")
    return outputs[0]


def direction(v: Any, likes: Tensors, several: bool, name: str, *, create_graph: bool) -> Tensors | None:
    """Return the vector of a product; it must have these shapes.

    Raises:
        RuntimeError: if it has not.
    """
    if v is None:
        return None
    vector = fresh(tupled(v, "v", name)[1], create_graph=create_graph, flag=False)
    if len(likes) != len(vector) and several:
        raise RuntimeError(f"v is a tuple of invalid length: should be {len(likes)} but got {len(vector)}.")
    if len(likes) != len(vector):
        raise RuntimeError("The given v should contain a single Tensor.")
    for place, (part, like) in enumerate(zip(vector, likes, strict=True)):
        if part.shape != like.shape:
            entry = f"Entry {place} in " if several else ""
            raise RuntimeError(f"{entry}v has invalid size: should be {like.shape} but got {part.shape}.")
    return vector


def direction_of_inputs(v: Any, point: Tensors, several: bool, name: str, *, create_graph: bool) -> Tensors | None:
    """The same for a vector of the shape of the inputs, which may only be left out for a single number."""
    if v is None and (len(point) != 1 or point[0].numel() != 1):
        raise RuntimeError(
            "The vector v can only be None if the input to the user-provided function is a single Tensor with a single"
            " element."
        )
    return direction(v, point, several, name, create_graph=create_graph)


# ------------------------------------------------------------------------------------------------- what comes out


def differentiated(
    outputs: Tensors, inputs: Tensors, vector: Tensors | None = None, *, create_graph: bool, retain_graph: Any = None
) -> Tensors:
    """Call `grad` on those outputs that have a history; None for an input that none of them depends on."""
    vector = (None,) * len(outputs) if vector is None else vector
    pairs = [(out, v) for out, v in zip(outputs, vector, strict=True) if out is not None and out.requires_grad]
    if not pairs:
        return (None,) * len(inputs)
    roots, seeds = zip(*pairs, strict=True)
    return grad(roots, inputs, seeds, retain_graph, create_graph, allow_unused=True)


def check_history(tensors: Sequence[Any], what: str, *, strict: bool) -> None:
    """Refuse, in strict mode, what has no history."""
    for place, tensor in enumerate(tensors if strict else ()):
        if tensor is None:
            raise RuntimeError(INDEPENDENT["back"].format(i=place))
        if not tensor.requires_grad:
            raise RuntimeError(FLAT[what].format(i=place))


def filled(found: Tensors, likes: Tensors, stage: str, *, create_graph: bool, strict: bool) -> Tensors:
    """Replace None by zeros, or refuse it in strict mode."""
    for place, g in enumerate(found if strict else ()):
        if g is None:
            raise RuntimeError(INDEPENDENT[stage].format(i=place))
        if create_graph and not g.requires_grad:
            what = "hessian" if "double" in stage else "jacobian"
            raise RuntimeError(
                f"The {what} of the user-provided function is independent of input {place}. This is not allowed in"
                " strict mode when create_graph=True."
            )
    return tuple(zeros(like) if g is None else g for g, like in zip(found, likes, strict=True))


def zeros(like: Any) -> Any:
    """Return zeros of the same shape and kind."""
    return like.new_zeros(like.shape)


def bare(tensors: Sequence[Any], *, create_graph: bool) -> Tensors:
    """Take the history off, unless it was asked for."""
    return tuple(tensors) if create_graph else tuple(tensor.detach() for tensor in tensors)


def packed(rows: Sequence[Any], many: bool, several: bool) -> Any:
    """Turn a tuple of tuples into what was given: single tensors where no tuple was."""
    result = tuple(rows) if several else tuple(row[0] for row in rows)
    return result if many else result[0]


def answer(outputs: Tensors, many: bool, product: Tensors, several: bool, *, create_graph: bool) -> tuple[Any, Any]:
    """Return the value of the function and a product with its derivative, as tuples where tuples were given."""
    value, found = bare(outputs, create_graph=create_graph), bare(product, create_graph=create_graph)
    return value if many else value[0], found if several else found[0]
