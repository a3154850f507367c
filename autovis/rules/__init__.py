"""The table of operations: forward beside derivative, one row each.

`shape` moves numbers without changing them, `elementwise` works number by number, `reduce` makes fewer,
`linear` multiplies matrices, `index` picks and puts, `neural` holds what would overflow or crawl in its naive form.
"""
