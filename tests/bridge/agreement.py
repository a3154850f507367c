"""One program, run on autovis and on PyTorch, and the two films side by side."""

import itertools
import json
import linecache
import re
import warnings

import numpy as np
import torch

import autovis as av
from autovis.viz.show import film

numbers = itertools.count(1)


def shoot(library, program):
    """Run a program while a tape runs, and return the film as JSON; an error ends it and is the last frame."""
    file = f"<program {next(numbers)}>"
    linecache.cache[file] = len(program), None, program.splitlines(keepends=True), file
    code = compile(program, file, "exec")
    _names = {"torch": library, "np": np}
    tape = av.record()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.filterwarnings("error", "autovis cannot follow")
        try:
            with tape:
                exec(code, _names)
        except Exception as error:  # noqa: BLE001, errors are part of the film
            _names["_error"] = error
        tape.note_names(_names)
        return film(tape).to_json()


def lines(shot):
    """Return a film as lines of text, one for each thing that can differ."""
    graph = shot["graph"]
    found = [
        json.dumps(thing, ensure_ascii=False, sort_keys=True) for key in sorted(graph) for thing in listed(graph[key])
    ]
    found += [json.dumps(frame, ensure_ascii=False, sort_keys=True) for frame in shot["frames"]]
    return found


def listed(thing):
    return thing if isinstance(thing, list) else [thing]


NUMBER = re.compile(r"−?\d+(?:\.\d+)?(?:e[+−-]?\d+)?")
ARRAY = re.compile(r"\[[-\d−.e, …\[\]]*\]")


def differences(program):
    """List where the film of PyTorch says something else than that of autovis."""
    ours, theirs = lines(shoot(av, program)), lines(shoot(torch, program))
    pairs = itertools.zip_longest(ours, theirs, fillvalue="nothing")
    return [(a, b) for a, b in pairs if a != b and not nearly(a, b)]


def nearly(a, b):
    """Whether two texts differ in the last digits of numbers only."""
    a, b = ARRAY.sub(settled, a), ARRAY.sub(settled, b)
    if NUMBER.sub("#", a) != NUMBER.sub("#", b):
        return False
    pairs = zip(NUMBER.findall(a), NUMBER.findall(b), strict=True)
    return all(np.isclose(value(x), value(y), 1e-3, 1e-5) for x, y in pairs)


def settled(found):
    """Write an array whose numbers are equal but for the last digits as one of which all are equal."""
    numbers = [value(text) for text in NUMBER.findall(found[0])]
    alike = numbers and np.allclose(numbers, numbers[0], 1e-3, 1e-5)
    return f"all {0 if abs(numbers[0]) < 1e-5 else numbers[0]:.4g}" if alike else found[0]


def value(text):
    return float(text.replace("−", "-"))
