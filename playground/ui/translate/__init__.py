"""The page's part of the room translate."""
