"""Pictures that can be played: one widget, one hand-written module for the browser."""
