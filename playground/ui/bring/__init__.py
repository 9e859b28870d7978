"""The page's part of bringing an adapter in."""
