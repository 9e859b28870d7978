"""What stands before the page: which requests are let in, and as whom."""
