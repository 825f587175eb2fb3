"""The way of a page to its user: names, connections, transfers, edges."""
