"""Letters to people: a closed list of kinds, each with a text of its own, queued in the transaction that causes them."""
