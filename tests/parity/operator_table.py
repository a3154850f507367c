"""The table of operators: for each expression that the tests compare, its derivative, its second one, and how often."""

import operations
import test_rules
import torch

import autovis

START = [0.5, 1.0, 2.0, 0.25, 1.5, 0.75]
GROUPS = {  # heading, table of expressions, test that draws the cases
    "Element by element": (operations.UNARY, test_rules.test_one_argument),
    "Two arguments that broadcast": (operations.BINARY, test_rules.test_two_arguments_broadcast),
    "All elements together, and shapes": (operations.REDUCING, test_rules.test_all_elements_together),
    "Along a dimension": (operations.ALONG, test_rules.test_along_a_dimension),
}


def derivatives(library, expression):
    """Return the node of an expression, and whether its derivative and its second derivative depend on the input."""
    x, y = (library.tensor(values, requires_grad=True) for values in (START[:3], START[3:]))
    result = eval(expression, {"torch": library, "x": x, "y": y, "d": 0})
    if not result.requires_grad:
        return "-", "none", "none"
    inputs = [x, y]
    weights = library.arange(1.0, 1 + result.numel(), dtype=result.dtype).reshape(result.shape)
    first = library.autograd.grad(result, inputs, weights, create_graph=True, allow_unused=True)
    moving = [(g * g.detach().cos()).sum() for g in first if g is not None and g.requires_grad]
    second = library.autograd.grad(moving, inputs, allow_unused=True) if moving else ()
    found = (any(g is not None and bool((g != 0).any()) for g in gradients) for gradients in (first, second))
    return type(result.grad_fn).__name__, *("yes" if some else "zero" for some in found)


def lines():
    """Return the tables as Markdown."""
    result = [
        "## Operators",
        "",
        "Each row was compared on drawn shapes and numbers, in single and double precision.",
        "",
    ]
    for heading, (table, test) in GROUPS.items():
        cases = test._hypothesis_internal_use_settings.max_examples
        result += [f"### {heading}", "", "| expression | node | derivative | second | cases | state |"]
        result += ["| --- | --- | --- | --- | ---: | --- |"]
        for expression in table:
            ours, theirs = derivatives(autovis, expression), derivatives(torch, expression)
            state = "same" if ours == theirs else f"differs: PyTorch has {', '.join(theirs)}"
            shown = expression.replace("|", "\\|")
            result += [f"| `{shown}` | {' | '.join(ours)} | {cases} | {state} |"]
        result += [""]
    return result
