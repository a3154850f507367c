"""The bridge to PyTorch: its tensors and graphs, seen through its public API, as tensors and graphs of ours.

Nothing here imports PyTorch: whoever hands a PyTorch tensor over has imported it already, and `sys.modules` has it.
"""
