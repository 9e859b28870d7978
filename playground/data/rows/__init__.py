"""From a table's rows to examples, one file a question: which column is what, and what a row has to teach."""
