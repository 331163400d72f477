"""The Map panel: the outcomes of many runs over two of the controls."""
