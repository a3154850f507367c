"""Every sentence the classroom says by itself, in one table; what a question says stands in the bank."""

from __future__ import annotations

from typing import Final

__all__ = ["PHRASES"]

PHRASES: Final = {
    "choice": "choose one",
    "several": "choose all that apply",
    "number": "a number",
    "how": 'commit with av.predict("{id}", ...): a letter or the words after it',
    "how several": 'commit with av.predict("{id}", [...]): letters or the words after them',
    "how number": 'commit with av.predict("{id}", ...): your number',
    "commit": "Commit",
    "committed": "You predict: {prediction}",
    "stays": "You predicted {prediction} before; the first prediction stays.",
    "not an option": "{given} is not one of the options: {options}.",
    "not a number": "{given} is not a number.",
    "locked": "Predict first: go to the question {id} above, choose, and press Commit. A wrong guess costs nothing,"
    " and a guess of your own makes the answer stick.",
    "how to skip": 'Or show it without a prediction: av.reveal("{id}", anyway=True)',
    "untried": 'Try it first: change the cell above, run it, and run its check. A hint: av.hint("{id}")',
    "how to give up": 'Or show it now: av.solution("{id}", anyway=True)',
    "show anyway": "Show anyway",
    "answer": "Answer: {answer}",
    "predicted right": "You predicted {prediction}, and so it is.",
    "predicted wrong": "You predicted {prediction}.",
    "at first": "At the start you predicted {prediction}.",
    "skipped": "Shown without a prediction.",
    "another value": "This cell gave {value}; the question as it stands gives {answer}. Perhaps a cell above was"
    " changed or run twice: restart the kernel and run the cells in order.",
    "empty": "{id}: nothing to check yet. Replace the ... in the cell above, run it, then run this cell again.",
    "passed": "{id}: right, all {count} checks agree.",
    "passed one": "{id}: right.",
    "not yet": "{id}: not yet, {wrong} of {count} checks differ.",
    "not yet one": "{id}: not yet.",
    "differs": "{name}: yours {given}, expected {expected}",
    "is not": "{name}: {given} is not it",
    "more wrong": "and {count} more",
    "hint": "{id}  hint {number} of {count}",
    "one way": "{id}  one way",
    "last hint": 'That was the last hint; av.solution("{id}") shows one way.',
}
