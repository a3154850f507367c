"""Anomaly mode: when backward fails, say which line of the program made the operation.

Every node remembers where it was made, and backward looks at each gradient, so it is slow; use it to find a mistake.
"""

from __future__ import annotations

import warnings
from types import TracebackType

from autovis.modes import is_anomaly_check_nan_enabled, is_anomaly_enabled, set_anomaly_enabled

__all__ = ["detect_anomaly", "set_detect_anomaly"]


class set_detect_anomaly:  # noqa: N801, PyTorch's name
    """Switch anomaly mode at once; as a context manager, until the end of the block.

    Args:
        mode: on or off.
        check_nan: whether backward stops at a gradient that is no number.
    """

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        self.prev, self.prev_check_nan = is_anomaly_enabled(), is_anomaly_check_nan_enabled()
        set_anomaly_enabled(mode, check_nan)

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        set_anomaly_enabled(self.prev, self.prev_check_nan)


class detect_anomaly:  # noqa: N801, PyTorch's name
    """Anomaly mode inside a block; warns that it is slow.

    Args:
        check_nan: whether backward stops at a gradient that is no number.
    """

    def __init__(self, check_nan: bool = True) -> None:
        self.check_nan = check_nan
        self.prev, self.prev_check_nan = is_anomaly_enabled(), is_anomaly_check_nan_enabled()
        warnings.warn(
            "Anomaly Detection has been enabled. This mode will increase the runtime and should only be enabled for"
            " debugging.",
            UserWarning,
            stacklevel=2,
        )

    def __enter__(self) -> None:
        set_anomaly_enabled(True, self.check_nan)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        set_anomaly_enabled(self.prev, self.prev_check_nan)
