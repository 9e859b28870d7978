"""The calls of the room lessons."""
