"""The page's part of the room inside."""
