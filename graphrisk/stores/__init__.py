"""Stores: the graph and what analyses found in it, kept where investigators can ask."""
