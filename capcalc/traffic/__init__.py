"""How much comes: peak rates, thinned at the edge, counted tier by tier."""
