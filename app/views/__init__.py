"""What is drawn: one module a panel. A view never calls the engine; it is handed arrays."""
