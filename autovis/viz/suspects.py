"""Where a program leaves the graph in plain sight: calls that hand out plain numbers, found in the source."""
