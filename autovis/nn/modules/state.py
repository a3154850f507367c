"""The state of a module: stored, loaded, and turned into another kind of number."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple, Self

from autovis import dtypes
from autovis.modes import no_grad
from autovis.nn.modules import members
from autovis.tensor import Parameter, Tensor

__all__ = ["Module"]


class IncompatibleKeys(NamedTuple):
    """What `load_state_dict` found on one side only."""

    missing_keys: list[str]
    unexpected_keys: list[str]

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return f"_IncompatibleKeys(missing_keys={self.missing_keys}, unexpected_keys={self.unexpected_keys})"


class Module(members.Module):
    """The part that is stored."""

    def _state(self) -> Iterator[tuple[str, Tensor]]:
        """Walk through what is stored: parameters, then buffers, module by module; shared ones under each name."""
        for path, module in self.named_modules(remove_duplicate=False):
            unsaved = module._non_persistent_buffers_set
            for name, member in (*module._parameters.items(), *module._buffers.items()):
                if member is not None and name not in unsaved:
                    yield f"{path}.{name}" if path else name, member

    def state_dict(
        self, *, destination: dict[str, Any] | None = None, prefix: str = "", keep_vars: bool = False
    ) -> dict[str, Any]:
        """Return all parameters and buffers by dotted name, as detached tensors over the same memory.

        Args:
            destination: where they are put; a new ordered dictionary where None.
            prefix: put before every name.
            keep_vars: return the parameters themselves.
        """
        state: dict[str, Any] = OrderedDict() if destination is None else destination
        state.update((prefix + name, member if keep_vars else member.detach()) for name, member in self._state())
        return state

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
    ) -> IncompatibleKeys:
        """Copy values stored by `state_dict` into the parameters and buffers.

        Args:
            state_dict: name -> tensor.
            strict: whether the names must be the same on both sides.
            assign: take over the tensors themselves instead of copying their values.

        Returns:
            The names found on one side only.
        """
        if not isinstance(state_dict, Mapping):
            raise TypeError(f"Expected state_dict to be dict-like, got {type(state_dict)}.")
        own = dict(self._state())
        missing = [name for name in own if name not in state_dict and not name.endswith("num_batches_tracked")]
        unexpected = [name for name in state_dict if name not in own]
        complaints = []
        for word, names in (("Missing", missing), ("Unexpected", unexpected)):
            if strict and names:
                quoted = ", ".join(f'"{name}"' for name in names)
                complaints.append(f"{word} key(s) in state_dict: {quoted}. ")
        for name, member in own.items():
            if name in state_dict:
                complaints += self._load(name, member, state_dict[name], assign=assign)
        if complaints:
            lines = "\n\t".join(complaints)
            raise RuntimeError(f"Error(s) in loading state_dict for {type(self).__name__}:\n\t{lines}")
        return IncompatibleKeys(missing, unexpected)

    def _load(self, name: str, member: Tensor, given: Any, *, assign: bool) -> Iterable[str]:
        """Take over one value; return what is wrong with it."""
        if not isinstance(given, Tensor):
            return [
                f'While copying the parameter named "{name}", expected torch.Tensor or Tensor-like object from'
                f" checkpoint but received {type(given)}"
            ]
        if given.shape != member.shape:
            return [
                f"size mismatch for {name}: copying a param with shape {given.shape} from checkpoint, the shape in"
                f" current model is {member.shape}."
            ]
        if assign:
            path, _, attribute = name.rpartition(".")
            learned = isinstance(member, Parameter)
            new = Parameter(given, requires_grad=member.requires_grad) if learned else given
            setattr(self.get_submodule(path), attribute, new)
        else:
            with no_grad():
                member.copy_(given)
        return []

    def _convert(self, convert: Callable[[Tensor], Any]) -> Self:
        """Convert parameters (the same objects with other values), their gradients, and buffers."""
        for module in self.modules():
            for parameter in module._parameters.values():
                if parameter is not None:
                    parameter.data = convert(parameter.data)
                    if parameter.grad is not None:
                        parameter.grad = convert(parameter.grad)
            for name, buffer in module._buffers.items():
                module._buffers[name] = None if buffer is None else convert(buffer)
        return self

    def to(self, *target: Any, dtype: Any = None, **more: Any) -> Self:
        """Convert floating parameters and buffers to another kind, or move all to another device; return self."""
        given = [dtype]
        for each in target:
            given += [each.device, each.dtype] if isinstance(each, Tensor) else [each]
        kind = next((each for each in given if isinstance(each, dtypes.dtype)), None)
        places = [each for each in given if each is not None and each is not kind]
        if kind is not None and not kind.is_floating_point:
            raise TypeError(f"nn.Module.to only accepts floating point or complex dtypes, but got desired dtype={kind}")

        def convert(x: Tensor) -> Any:
            moved = x.to(*places, **more)
            return moved.to(kind) if kind is not None and x.is_floating_point() else moved

        return self._convert(convert)

    def type(self, dst_type: Any) -> Self:
        """Convert all parameters and buffers to another kind; return self."""
        return self._convert(lambda x: x.type(dst_type))

    def float(self) -> Self:
        """Convert floating parameters and buffers to float32; return self."""
        return self.to(dtypes.float32)

    def double(self) -> Self:
        """Convert floating parameters and buffers to float64; return self."""
        return self.to(dtypes.float64)

    def half(self) -> Self:
        """Convert floating parameters and buffers to float16; return self."""
        return self.to(dtypes.float16)

    def cpu(self) -> Self:
        """Move to the CPU; return self."""
        return self.to("cpu")

    def cuda(self, device: Any = None) -> Self:
        """Move to a GPU; return self."""
        return self._convert(lambda x: x.cuda(device))
