"""From live objects to pictures: `show` for tensors, `frames` for a tape, then layout, SVG, PNG and plain text."""
