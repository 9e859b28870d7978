"""The run that is watched: what is shown of it, and how the page asks for news."""
