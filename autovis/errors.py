"""Every error a learner can meet: PyTorch's type and sentence, and beside it the plain cause and the cure.

The sentence is the whole of `str(error)`, so a program that prints it prints what PyTorch prints and a search finds it;
the cause and the cure are a note (PEP 678) that every traceback shows below it.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

Error = TypeVar("Error", bound=BaseException)


def explain(error: Error, cure: str) -> Error:
    """Attach the plain cause and the cure to an error and return it."""
    error.add_note(cure)
    return error


warned: set[str] = set()
warn_always = [False]


def warn_once(text: str, level: int = 3) -> None:
    """Warn the first time in a process, or every time after `set_warn_always(True)`."""
    if warn_always[0] or text not in warned:
        warned.add(text)
        warnings.warn(text, UserWarning, stacklevel=level)


def did_you_mean(kind: str, name: str, known: Iterable[str]) -> str:
    """Return the sentence that offers the nearest known names, or an empty string."""
    import difflib  # dear to import

    near = difflib.get_close_matches(name, [word for word in known if not word.startswith("_")], n=2, cutoff=0.7)
    return f"Did you mean {' or '.join(repr(word) for word in near)}?" if near else f"A {kind} knows no such name."


# what autovis leaves out of PyTorch, and what to do instead; of functions, methods and modules alike
LEFT_OUT = {
    name: reason
    for reason, names in {
        "it has no complex numbers.": """complex complex32 complex64 complex128 cfloat cdouble chalf polar angle imag
            view_as_real view_as_complex fft stft istft is_conj resolve_conj conj_physical eig""",
        "it has dense tensors only.": """sparse sparse_coo_tensor sparse_csr_tensor sparse_compressed_tensor to_sparse
            to_sparse_coo to_sparse_csr to_dense to_mkldnn coalesce indices crow_indices col_indices nested""",
        "it would hide the operations that autovis shows; leave the call out.": "compile compiler _dynamo",
        "it runs Python as it is written.": "jit fx export onnx overrides library package",
        "use autograd.grad and autograd.functional.": "func vmap functorch forward_ad",
        "it computes in the kind of number you choose.": """amp autocast GradScaler bfloat16 uint16 uint32 uint64
            float8_e4m3fn float8_e5m2 quantize_per_tensor quantization ao dequantize qint8 quint8 int_repr q_scale""",
        "it runs in one process.": "distributed multiprocessing futures share_memory_ is_shared pin_memory",
        "time it with time.perf_counter.": "profiler",
        "write the model out.": "hub",
        "an array of NumPy is its memory: x.numpy().": """storage untyped_storage UntypedStorage FloatStorage set_
            storage_offset as_strided as_strided_ resize_ resize_as_""",
        "its graph keeps arrays in the order of their dimensions.": "channels_last channels_last_3d",
        "write the operation out.": """lu lu_solve ldl_factor geqrf orgqr ormqr cholesky_solve cholesky_inverse
            triangular_solve renorm put put_ index_reduce index_reduce_ histogram histogramdd frexp igamma igammac i0
            mvlgamma pdist narrow_copy hash_tensor nonzero_static map_ map2_ apply_ cauchy_ geometric_ log_normal_""",
    }.items()
    for name in names.split()
}


def left_out(name: str, owner: str = "torch") -> AttributeError | None:
    """Say what to do instead of something that autovis leaves out; None if it does not."""
    reason = LEFT_OUT.get(name)
    return AttributeError(f"autovis does not do {owner}.{name}: {reason}") if reason else None


def unknown(module: str, name: str, known: Iterable[str] = ()) -> AttributeError:
    """A module has no such name: misspelt, or one of PyTorch's many that autovis has no row for."""
    near = did_you_mean("module", name, known)
    return explain(
        AttributeError(f"module '{module}' has no attribute '{name}'"),
        near
        if near.startswith("Did")
        else "Look at the spelling. If PyTorch has it: autovis does not; PARITY.md lists what there is.",
    )


# ---------------------------------------------------------------------------------------------- flags and leaves


def not_a_leaf_flag(*, by_assignment_of_true: bool = False) -> RuntimeError:
    """`requires_grad` of a computed tensor was to be changed."""
    sentence = "you can only change requires_grad flags of leaf variables."
    if not by_assignment_of_true:
        sentence += (
            " If you want to use a computed variable in a subgraph that doesn't require differentiation use"
            " var_no_grad = var.detach()."
        )
    return explain(
        RuntimeError(sentence),
        "This tensor was computed (it has a grad_fn), so its flag follows from its inputs. Set the flag on the leaf it"
        " came from, or call .detach() to get a leaf with the same values.",
    )


def integers_cannot_require_grad(sentence: str) -> RuntimeError:
    """A flag was asked for on integers or booleans."""
    return explain(
        RuntimeError(sentence),
        "Gradients are defined for real numbers only. Write the numbers with a point (2. instead of 2), or convert:"
        " x.float().",
    )


def read_only(name: str) -> AttributeError:
    """An attribute that follows from how the tensor was made was to be assigned."""
    return explain(
        AttributeError(f"attribute '{name}' of 'torch._C.TensorBase' objects is not writable"),
        f"'{name}' follows from how the tensor was made; use .detach() or requires_grad_() to get another one.",
    )


def retain_grad_without_flag() -> RuntimeError:
    """`retain_grad()` on a tensor that has no gradient."""
    return explain(
        RuntimeError("can't retain_grad on Tensor that has requires_grad=False"),
        "No gradient will ever arrive at this tensor. Let one of the inputs it is computed from require grad.",
    )


def leaf_in_place(*, view: bool = False) -> RuntimeError:
    """A leaf that requires grad was edited while operations are recorded."""
    what = "a view of a leaf Variable that requires grad" if view else "a leaf Variable that requires grad"
    return explain(
        RuntimeError(f"{what} is being used in an in-place operation."),
        "The recorded graph would lose its starting point. To update a parameter, edit it under `with no_grad():`.",
    )


def view_in_place(maker: str, *, several: bool, inside: bool, indirect: bool) -> RuntimeError:
    """A view was edited whose history cannot be mended, or its base was edited and then the view used.

    Args:
        maker: `Output 0 of Split is a view`; empty if no node made it.
        several: whether its operation makes several views at once.
        inside: whether it came out of a custom function; else it was made while recording was off.
        indirect: whether the base, or another view of it, was edited.
    """
    edited = "and its base or another view of its base has been" if indirect else "and is being"
    view = maker or "A view was created in no_grad mode"
    when = " with grad mode enabled" if view.endswith("no_grad mode") else ""
    if several:
        why = (
            "This view is the output of a function that returns multiple views. Such functions do not allow the output"
            " views to be modified inplace. You should replace the inplace operation by an out-of-place one."
        )
        cure = "The pieces of one tensor share their history. Edit a copy: piece = piece + 1, or piece.clone()."
    elif inside:
        why = (
            "This view was created inside a custom Function (or because an input was returned as-is) and the autograd"
            " logic to handle view+inplace would override the custom backward associated with the custom Function,"
            " leading to incorrect gradients. This behavior is forbidden. You can fix this by cloning the output of the"
            " custom Function."
        )
        cure = "The function returned its input, or a view of it. Let it return x.clone(), or edit a copy."
    else:
        why = (
            "Given that this use case is ambiguous and error-prone, it is forbidden. You can clarify your code by"
            " moving both the view and the inplace either both inside the no_grad block (if you don't want the inplace"
            " to be tracked) or both outside (if you want the inplace to be tracked)."
        )
        cure = "The view was made under no_grad, so nothing says how it hangs together with its base. Make it again."
    return explain(RuntimeError(f"{view} {edited} modified inplace{when}. {why}"), cure)


def overlapping() -> RuntimeError:
    """An expanded tensor was to be written to."""
    return explain(
        RuntimeError(
            "unsupported operation: more than one element of the written-to tensor refers to a single memory location."
            " Please clone() the tensor before performing the operation."
        ),
        "expand() repeats elements without copying them, so writing to one would change several.",
    )


def shared_memory() -> RuntimeError:
    """An edit reads from the memory that it writes to."""
    return explain(
        RuntimeError(
            "unsupported operation: some elements of the input tensor and the written-to tensor refer to a single"
            " memory location. Please clone() the tensor before performing the operation."
        ),
        "What is read would change while it is read. Read from a copy: x[1:] += x[:-1].clone().",
    )


def no_derivative(name: str) -> RuntimeError:
    """Backward through an operation that PyTorch has no derivative of."""
    return explain(
        RuntimeError(f"derivative for aten::{name} is not implemented"),
        "Its result jumps from one whole number to the next. Cut it off with .detach() if no gradient is meant.",
    )


def invalid_gradient(node: str, slot: int, got: Sequence[int], wanted: Sequence[int]) -> RuntimeError:
    """A pullback gave a gradient of another shape than its input has."""
    return explain(
        RuntimeError(
            f"Function {node} returned an invalid gradient at index {slot} - got {list(got)} but expected shape"
            f" compatible with {list(wanted)}"
        ),
        "PyTorch has a derivative here only where the source is as large as the index.",
    )


def detach_view() -> RuntimeError:
    """`detach_()` on a view."""
    return explain(
        RuntimeError(
            "Can't detach views in-place. Use detach() instead. If you are using DistributedDataParallel (DDP) for"
            " training, and gradient_as_bucket_view is set as True, gradients are views of DDP buckets, and hence"
            " detach_() cannot be called on these gradients. To fix this error, please refer to the"
            " Optimizer.zero_grad() function in torch/optim/optimizer.py as the solution."
        ),
        "The view and its base share one history. Write y = y.detach() instead of y.detach_().",
    )


def deepcopy_of_non_leaf() -> RuntimeError:
    """`copy.deepcopy` of a computed tensor."""
    return explain(
        RuntimeError(
            "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the moment. "
            " If you were attempting to deepcopy a module, this may be because of a torch.nn.utils.weight_norm usage,"
            " see https://github.com/pytorch/pytorch/pull/103001"
        ),
        "A computed tensor hangs on its graph, which cannot be copied. Copy x.detach() or use x.clone().",
    )


# ------------------------------------------------------------------------------------------------------ backward


def no_graph(index: int = 0) -> RuntimeError:
    """Backward from a tensor without history."""
    return explain(
        RuntimeError(f"element {index} of tensors does not require grad and does not have a grad_fn"),
        "Nothing that this tensor was computed from requires grad, or the history was cut on the way (detach, no_grad,"
        " item(), argmax, a comparison). Setting the flag on the result hides the cut and does not mend it.",
    )


def not_a_scalar() -> RuntimeError:
    """Backward from several elements without a vector."""
    return explain(
        RuntimeError("grad can be implicitly created only for scalar outputs"),
        "The result has several elements. Reduce it (.sum(), .mean()), or pass one weight per element:"
        " y.backward(v) gives v times the Jacobian.",
    )


def gradient_shape(index: int, got: str, wanted: str) -> RuntimeError:
    """A gradient whose shape is not the output's."""
    return explain(
        RuntimeError(
            f"Mismatch in shape: grad_output[{index}] has a shape of {got} and output[{index}] has a shape of {wanted}."
        ),
        "The gradient that starts the backward pass holds one number per element of the output.",
    )


def freed() -> RuntimeError:
    """A node whose saved values are gone was run again."""
    return explain(
        RuntimeError(
            "Trying to backward through the graph a second time (or directly access saved tensors after they have"
            " already been freed). Saved intermediate values of the graph are freed when you call .backward() or"
            " autograd.grad(). Specify retain_graph=True if you need to backward through the graph a second time or if"
            " you need to access saved tensors after calling backward."
        ),
        "An earlier backward used up what this graph had saved. Usually the cure is to compute the forward pass again,"
        " or to add the losses and call backward once.",
    )


def stale(
    kind: str, shape: Sequence[int], output: str, version: int, expected: int, *, traced: bool = False
) -> RuntimeError:
    """A saved tensor was edited in place since it was saved.

    Args:
        kind: `torch.FloatTensor`.
        shape: its shape.
        output: `, which is output 0 of Exp,` for a computed tensor, else empty.
        version: its version now.
        expected: its version when it was saved.
        traced: whether anomaly mode has just said which operation it was.
    """
    where = f", which is {output}," if output else ""
    hint = (
        "the backtrace further above shows the operation that failed to compute its gradient. The variable in question"
        " was changed in there or anywhere later. Good luck!"
        if traced
        else "enable anomaly detection to find the operation that failed to compute its gradient, with"
        " torch.autograd.set_detect_anomaly(True, check_nan=False)."
    )
    return explain(
        RuntimeError(
            "one of the variables needed for gradient computation has been modified by an inplace operation:"
            f" [{kind} {list(shape)}]{where} is at version {version}; expected version {expected} instead. Hint: {hint}"
        ),
        "An operation kept this tensor for its backward, and the tensor was edited in place afterwards. Edit a copy"
        " instead (x = x + 1 rather than x += 1).",
    )


def not_used(index: int) -> RuntimeError:
    """`grad` of an output with respect to something it does not depend on."""
    return explain(
        RuntimeError(
            f"The differentiated Tensor at index {index} appears to not have been used in the graph. Set"
            " allow_unused=True if this is the desired behavior."
        ),
        "No recorded path leads from the output to this input.",
    )


def input_without_grad() -> RuntimeError:
    """`grad` with respect to a plain tensor."""
    return explain(
        RuntimeError("One of the differentiated Tensors does not require grad"),
        "Ask for its gradient before it is used: x.requires_grad_().",
    )


def empty_inputs(function: str) -> RuntimeError:
    """`inputs=[]`."""
    return explain(
        RuntimeError(f"`inputs` argument to `{function}()` cannot be empty."),
        "Leave `inputs` out, or name at least one.",
    )


# ------------------------------------------------------------------------------------------------ custom functions


def gradient_count(name: str, wanted: int, got: int) -> RuntimeError:
    """The backward of a custom function returned too few gradients, or too many."""
    return explain(
        RuntimeError(f"function {name} returned an incorrect number of gradients (expected {wanted}, got {got})"),
        "backward returns one gradient for each argument of forward (without ctx); None for what is no tensor.",
    )


def gradient_of_no_tensor(name: str, position: int) -> RuntimeError:
    """The backward of a custom function returned a gradient of a number, a string or the like."""
    return explain(
        RuntimeError(
            f"function {name} returned a gradient different than None at position {position}, but the corresponding"
            " forward input was not a Variable"
        ),
        "Return None in this place: only tensors have gradients.",
    )


def gradient_invalid(name: str, index: int, got: Sequence[int], wanted: Sequence[int]) -> RuntimeError:
    """The backward of a custom function returned a gradient of another shape than its input."""
    return explain(
        RuntimeError(
            f"Function {name} returned an invalid gradient at index {index} - got {list(got)} but expected shape"
            f" compatible with {list(wanted)}"
        ),
        "The gradient of an input has the shape of the input.",
    )


def legacy_function() -> RuntimeError:
    """An instance of a custom function was called."""
    return explain(
        RuntimeError(
            "Legacy autograd function with non-static forward method is deprecated. Please use new-style autograd"
            " function with static forward method. (Example:"
            " https://pytorch.org/docs/stable/autograd.html#torch.autograd.Function)"
        ),
        "Make forward and backward static methods with a first argument ctx, and call Name.apply(...).",
    )


def saves_returned_input() -> RuntimeError:
    """`setup_context` saves an input that forward returned as it is."""
    return RuntimeError(
        "An input that has been returned as-is as output is being saved for backward. This is not supported if you"
        " override setup_context. You should return and save a view of the input instead, e.g. with x.view_as(x) or"
        " setup ctx inside the forward function itself."
    )


def dirty_not_returned() -> RuntimeError:
    """`mark_dirty` names a tensor that forward does not return."""
    return RuntimeError(
        "Some elements marked as dirty during the forward method were not returned as output. The inputs that are"
        " modified inplace must all be outputs of the Function."
    )


def several_with_edited_view() -> RuntimeError:
    """`mark_dirty` names a view, and forward returns several tensors."""
    return RuntimeError(
        "If your Function modifies inplace an input that is a view of another Tensor, your Function cannot return more"
        " than one Tensor. This is not supported by the current autograd engine. You should either make sure the input"
        " is not a view (using .clone() for example) or make your Function only return one Tensor (potentially"
        " splitting it into two Functions: one doing the inplace that returns a single Tensor and a second one that"
        " does the other operations). You can ask on the forum https://discuss.pytorch.org/ if you need help to do this"
        " change."
    )


def inference_saved() -> RuntimeError:
    """An operation that is recorded would have to keep what was made in inference mode."""
    return explain(
        RuntimeError(
            "Inference tensors cannot be saved for backward. Please do not use Tensors created in inference mode in"
            " computation tracked by autograd. To work around this, you can make a clone to get a normal tensor and use"
            " it in autograd, or use `torch.no_grad()` instead of `torch.inference_mode()`."
        ),
        "What inference mode makes has no version, so backward could not tell whether it was edited since.",
    )


def inference_in_place() -> RuntimeError:
    """What was made in inference mode was edited outside."""
    return explain(
        RuntimeError(
            "Inplace update to inference tensor outside InferenceMode is not allowed.You can make a clone to get a"
            " normal tensor before doing inplace update.See https://github.com/pytorch/rfcs/pull/17 for more details."
        ),
        "Edit a copy: x = x.clone().",
    )


def inference_flag() -> RuntimeError:
    """What was made in inference mode is to require grad."""
    return explain(
        RuntimeError("Setting requires_grad=True on inference tensor outside InferenceMode is not allowed."),
        "Make a normal tensor of it: x.clone().requires_grad_().",
    )


def packing_in_place() -> RuntimeError:
    """A hook that packs saved tensors edited its argument."""
    return RuntimeError(
        "A saved tensor pack hook is modifying its input in place. Tensors provided as input to pack hook cannot be"
        " modified by in-place operations as this can lead to unexpected side-effects. Please open an issue if you need"
        " to perform in-place operations on the input to a pack hook."
    )


# --------------------------------------------------------------------------------------------- shapes and kinds


def arithmetic_of_truth(operation: str, kinds: list[str]) -> RuntimeError | None:
    """Return the refusal of `-` where truth values (NumPy's kind `b`) take part; None for everything else."""
    if "b" not in kinds or operation not in ("sub", "rsub", "neg"):
        return None
    instead = "If you are trying to invert a mask, use the `~` or `logical_not()` operator instead."
    if operation == "neg":
        return RuntimeError(f"Negation, the `-` operator, on a bool tensor is not supported. {instead}")
    many = "two bool tensors" if kinds == ["b", "b"] else "a bool tensor"
    instead = "Use the `^` or `logical_xor()` operator instead." if kinds == ["b", "b"] else instead
    return RuntimeError(f"Subtraction, the `-` operator, with {many} is not supported. {instead}")


def broadcast(a: int, b: int, dimension: int) -> RuntimeError:
    """Two shapes that do not broadcast."""
    return explain(
        RuntimeError(
            f"The size of tensor a ({a}) must match the size of tensor b ({b}) at non-singleton dimension {dimension}"
        ),
        "Shapes are compared from the right; two sizes fit when they are equal or one of them is 1.",
    )


def result_type(result: str, wanted: str) -> RuntimeError:
    """An in-place result of a wider kind than its target."""
    return explain(
        RuntimeError(f"result type {result} can't be cast to the desired output type {wanted}"),
        "An in-place operation keeps the dtype of the tensor it writes to. Convert that tensor first.",
    )


def in_place_shape(shape: Sequence[int], broadcast_shape: Sequence[int]) -> RuntimeError:
    """An in-place result of another shape than its target."""
    return explain(
        RuntimeError(f"output with shape {list(shape)} doesn't match the broadcast shape {list(broadcast_shape)}"),
        "An in-place operation cannot make its tensor larger. Use the operation that returns a new tensor.",
    )


def many_elements(count: int) -> RuntimeError:
    """`item()` on several elements."""
    return explain(
        RuntimeError(f"a Tensor with {count} elements cannot be converted to Scalar"),
        "Only a single number can become a Python number; reduce first, or use .tolist().",
    )


def numpy_of_tracked() -> RuntimeError:
    """`numpy()` of a tensor that requires grad."""
    return explain(
        RuntimeError("Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead."),
        "NumPy records nothing, so the history would be lost without a word; .detach() says that you mean it.",
    )


def ambiguous_truth(*, empty: bool = False) -> RuntimeError:
    """`if tensor:` with other than one element."""
    many = "no values" if empty else "more than one value"
    return explain(
        RuntimeError(f"Boolean value of Tensor with {many} is ambiguous"), "Use .any(), .all() or compare .item()."
    )


# ------------------------------------------------------------------------------------------------------- devices


def two_devices(first: object, second: object) -> RuntimeError:
    """An operation was given tensors whose memory is in different places."""
    return explain(
        RuntimeError(
            f"Expected all tensors to be on the same device, but found at least two devices, {first} and {second}!"
        ),
        "Move one of them: x.to(y.device).",
    )


ARGUMENTS = {  # what PyTorch calls the arguments of operations that never mix devices
    "mm": ("self", "mat2"),
    "mv": ("self", "vec"),
    "dot": ("self", "tensor"),
    "bmm": ("self", "mat2"),
    "addmm": ("self", "mat1", "mat2"),
    "cat": ("tensors",) * 99,
    "stack": ("tensors",) * 99,
    "gather": ("self", "index"),
    "convolution": ("input", "weight", "bias"),
    "embedding": ("weight", "indices"),
}


def argument_elsewhere(operation: str, devices: Sequence[Any]) -> RuntimeError | None:
    """Return the error that names the first argument that is on another device; None if that is not the trouble."""
    names = ARGUMENTS.get(operation, ())
    wrong = next((i for i, device in enumerate(devices) if device != devices[0]), None)
    if wrong is None or wrong >= len(names):
        return None
    kind = next(device.type for device in devices if device.type != "cpu")
    return explain(
        RuntimeError(
            f"Expected all tensors to be on the same device, but got {names[wrong]} is on {devices[wrong]}, different"
            f" from other tensors on {devices[0]} (when checking argument in method wrapper_{kind.upper()}_{operation})"
        ),
        "Move one of them: x.to(y.device).",
    )


def no_cuda(error: Error) -> Error:
    """A GPU was asked for where none can be used."""
    return explain(
        error,
        'autovis uses a GPU through CuPy: pip install "autovis[cuda]". Without a GPU, device "sim" behaves like one.',
    )


def not_on_host(device: object) -> TypeError:
    """NumPy was to look at memory that is not the host's."""
    return explain(
        TypeError(
            f"can't convert {device} device type tensor to numpy. Use Tensor.cpu() to copy the tensor to host memory"
            " first."
        ),
        "NumPy works on the memory of the host; a copy has to be asked for, because it takes time.",
    )


def not_supported(name: str, reason: str) -> NotImplementedError:
    """Something of PyTorch's that autovis leaves out."""
    return NotImplementedError(f"autovis does not do {name}: {reason}")
