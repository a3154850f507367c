"""Why something is as it is: the first reason that holds, on the exact node, in words and in the picture.

`gradients` answers for a `.grad` that is None, `mishaps` for an error that was raised.
"""
