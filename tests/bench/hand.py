"""What a graph has to stand comparison with: the same steps in NumPy, forward and backward written out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

Array = Any
ZERO = np.zeros((), np.float32)


def dense(x: Array, w: Array, b: Array) -> Array:
    y = np.matmul(x, w.T)
    y += b
    return y


def relu(x: Array) -> Array:
    return np.maximum(x, ZERO, out=x)


def cross_entropy(scores: Array, target: Array) -> tuple[Array, Array]:
    """Return the loss and its gradient."""
    rows = np.arange(len(target))
    shares = np.exp(scores - scores.max(1, keepdims=True))
    shares /= shares.sum(1, keepdims=True)
    loss = -np.log(shares[rows, target]).mean()
    shares[rows, target] -= 1
    shares /= np.float32(len(target))
    return loss, shares


def dense_layers(x: Array, weights: list[Array], target: Array) -> tuple[Array, Array, list[Array]]:
    """Run a stack of layers with ReLU between them; return loss, gradient at the first layer's output, gradients."""
    kept = [x]
    for number in range(0, len(weights), 2):
        x = dense(x, *weights[number : number + 2])
        if number < len(weights) - 2:
            kept.append(relu(x))
    loss, g = cross_entropy(x, target)
    gradients: list[Array] = []
    for number in range(len(weights) - 2, -1, -2):
        x = kept[number // 2]
        gradients[:0] = [np.matmul(g.T, x), g.sum(0)]
        if number:
            g = np.matmul(g, weights[number])
            g *= x > ZERO
    return loss, g, gradients


def mlp_step(x: Array, target: Array, weights: list[Array]) -> Array:
    loss, _, gradients = dense_layers(x, weights, target)
    rate = np.float32(0.01)
    for w, g in zip(weights, gradients, strict=True):
        np.multiply(g, rate, out=g)
        np.subtract(w, g, out=w)
    return loss


# -------------------------------------------------------------------------------------------------------- convolution


def columns(x: Array, k: int) -> Array:
    """Write the windows out: (batch, channels * k * k, places)."""
    b, c, n, m = x.shape
    places = (n - k + 1, m - k + 1)
    view = as_strided(x, (b, c, k, k, *places), (*x.strides, *x.strides[2:]))
    cols = np.empty(view.shape, x.dtype)
    np.copyto(cols, view)
    return cols.reshape(b, c * k * k, -1)


def conv(x: Array, w: Array, b: Array) -> tuple[Array, Array]:
    cols = columns(x, w.shape[2])
    y = np.matmul(w.reshape(len(w), -1), cols)
    y += b[:, None]
    side = x.shape[2] - w.shape[2] + 1
    return y.reshape(len(x), len(w), side, side), cols


def conv_weights(g: Array, cols: Array, w: Array) -> list[Array]:
    flat = g.reshape(*g.shape[:2], -1)
    return [np.matmul(flat, cols.swapaxes(1, 2)).sum(0).reshape(w.shape), flat.sum((0, 2))]


def conv_image(g: Array, w: Array, size: int) -> Array:
    """Add up what each place of the window gave, over rows of full width: long pieces of memory."""
    b, k, side = len(g), w.shape[2], g.shape[2]
    wide = np.zeros((*g.shape[:3], size), g.dtype)
    wide[..., :side] = g
    given = np.matmul(w.reshape(len(w), -1).T, wide.reshape(b, len(w), -1)).reshape(b, w.shape[1], k, k, side * size)
    image = np.zeros((b, w.shape[1], size * size + k), g.dtype)
    for i in range(k):
        for j in range(k):
            start = i * size + j
            image[..., start : start + side * size] += given[:, :, i, j]
    return image[..., : size * size].reshape(b, w.shape[1], size, size)


def pool(x: Array) -> tuple[Array, Array]:
    rows = np.maximum(x[:, :, ::2], x[:, :, 1::2])
    return np.maximum(rows[..., ::2], rows[..., 1::2]), x


def pool_image(g: Array, x: Array, out: Array) -> Array:
    """Send each number to the first place of its window that holds the maximum."""
    image = np.empty_like(x)
    left = np.ones(out.shape, bool)
    for i in range(2):
        for j in range(2):
            chosen = x[:, :, i::2, j::2] == out
            chosen &= left
            left ^= chosen
            np.multiply(g, chosen, out=image[:, :, i::2, j::2])
    return image


def cnn_step(x: Array, target: Array, weights: list[Array], speeds: list[Array]) -> Array:
    w1, b1, w2, b2, *rest = weights
    a1, cols1 = conv(x, w1, b1)
    p1, a1 = pool(relu(a1))
    a2, cols2 = conv(p1, w2, b2)
    p2, a2 = pool(relu(a2))
    loss, g, gradients = dense_layers(p2.reshape(len(x), -1), rest, target)
    g = pool_image(np.matmul(g, rest[0]).reshape(p2.shape), a2, p2)
    g *= a2 > ZERO
    gradients[:0] = conv_weights(g, cols2, w2)
    g = pool_image(conv_image(g, w2, p1.shape[2]), a1, p1)
    g *= a1 > ZERO
    gradients[:0] = conv_weights(g, cols1, w1)
    rate, momentum = np.float32(0.001), np.float32(0.9)
    for w, speed, g in zip(weights, speeds, gradients, strict=True):
        np.multiply(speed, momentum, out=speed)
        np.add(speed, g, out=speed)
        np.subtract(w, rate * speed, out=w)
    return loss
