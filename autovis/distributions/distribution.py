"""What every distribution has: parameters that are checked, draws with and without gradients, its text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from autovis.creation import tensor
from autovis.functions import broadcast_tensors
from autovis.modes import enable_grad, no_grad
from autovis.operators import Size
from autovis.tensor import Tensor

__all__ = ["Distribution", "as_tensors"]

Check = tuple[str, Callable[[Any], Any]]  # what PyTorch calls a constraint, and which elements fulfil it

POSITIVE: Check = ("GreaterThan(lower_bound=0.0)", lambda x: x > 0)
REAL: Check = ("Real()", lambda x: ~x.isnan())
UNIT: Check = ("Interval(lower_bound=0.0, upper_bound=1.0)", lambda x: (x >= 0) & (x <= 1))
TRUTH: Check = ("Boolean()", lambda x: (x == 0) | (x == 1))
SIMPLEX: Check = ("Simplex()", lambda x: (x >= 0).all(-1) & ((x.sum(-1) - 1).abs() < 1e-6))


def as_tensors(*values: Any) -> tuple[Any, ...]:
    """Return numbers and tensors as tensors of one shape."""
    return broadcast_tensors(*(value if isinstance(value, Tensor) else tensor(float(value)) for value in values))


class Distribution:
    """Chances, of a batch of things that are independent of each other.

    Attributes:
        checks: for each parameter what it has to fulfil.
        batch_shape: how many distributions there are.
        event_shape: shape of one draw from one of them.
    """

    checks: ClassVar[dict[str, Check]] = {}

    def __init__(self, batch_shape: Any, event_shape: Any = (), validate_args: bool | None = None) -> None:
        self.batch_shape, self.event_shape = Size(batch_shape), Size(event_shape)
        for name, (constraint, holds) in self.checks.items():
            value = vars(self).get(name)
            if value is not None and validate_args is not False and not holds(value).all():
                raise ValueError(
                    f"Expected parameter {name} ({type(value).__name__} of shape {tuple(value.shape)}) of distribution"
                    f" {self!r} to satisfy the constraint {constraint}, but found invalid values:\n{value}"
                )

    def __getattr__(self, name: str) -> Any:
        if name not in self.checks:
            raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")
        with enable_grad():
            vars(self)[name] = self._other(name)
        return vars(self)[name]

    def _other(self, name: str) -> Any:
        """Work out a parameter that was not given from the one that was."""
        raise AttributeError(name)

    def __repr__(self) -> str:
        values = {name: vars(self)[name] for name in self.checks if name in vars(self)}
        texts = (f"{name}: {value if value.numel() == 1 else value.shape}" for name, value in values.items())
        return f"{type(self).__name__}({', '.join(texts)})"

    def support(self) -> Check:
        """Return what a draw fulfils."""
        return REAL

    def checked(self, value: Any) -> Any:
        """Return something that may have been drawn.

        Raises:
            ValueError: if it cannot have been.
        """
        if not isinstance(value, Tensor):
            raise ValueError("The value argument to log_prob must be a Tensor")
        constraint, holds = self.support()
        if not holds(value).all():
            raise ValueError(
                f"Expected value argument ({type(value).__name__} of shape {tuple(value.shape)}) to be within the"
                f" support ({constraint}) of the distribution {self!r}, but found invalid values:\n{value}"
            )
        return value

    def shape_of(self, sample_shape: Any) -> Size:
        """Return the shape of so many draws."""
        return Size((*sample_shape, *self.batch_shape, *self.event_shape))

    def sample(self, sample_shape: Any = ()) -> Any:
        """Return draws, through which no gradient passes."""
        with no_grad():
            return self.rsample(sample_shape)

    def rsample(self, sample_shape: Any = ()) -> Any:
        """Return draws as a function of the parameters, so that gradients pass."""
        raise NotImplementedError

    variance: Any

    @property
    def stddev(self) -> Any:
        """The standard deviation."""
        return self.variance.sqrt()
