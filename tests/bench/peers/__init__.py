"""Usher beside PostGraphile and Mercurius, over the same data with the same answers: `make bench-peers`."""
