"""Differentiation on request: `backward`, `grad`, what is built on them, and `Function`, as in `torch.autograd`."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from autovis import errors
from autovis.autograd import anomaly_mode, function, grad_mode, graph, variable
from autovis.autograd.anomaly_mode import detect_anomaly, set_detect_anomaly
from autovis.autograd.function import Function
from autovis.autograd.gradcheck import gradcheck, gradgradcheck
from autovis.autograd.variable import Variable
from autovis.backward import backward, grad
from autovis.modes import enable_grad, inference_mode, no_grad, set_grad_enabled

__all__ = [
    "Function",
    "Variable",
    "anomaly_mode",
    "backward",
    "detect_anomaly",
    "enable_grad",
    "function",
    "functional",
    "grad",
    "grad_mode",
    "gradcheck",
    "gradgradcheck",
    "graph",
    "inference_mode",
    "no_grad",
    "set_detect_anomaly",
    "set_grad_enabled",
    "variable",
]


def __getattr__(name: str) -> Any:
    """Load what few programs ask for when it is asked for."""
    if name == "functional":
        return import_module("autovis.autograd.functional")
    raise errors.unknown("torch.autograd", name)
