"""Axes, colours and words of charts, and the charts that several rooms draw."""
