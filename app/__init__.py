"""The bench: a page on which a Hebbian synapse learns in front of the visitor."""
