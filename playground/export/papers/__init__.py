"""What is written about a run: a model card, a report that opens anywhere, and the Hub to which both are sent."""
