"""The page's part of the room lessons."""
