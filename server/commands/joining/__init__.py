"""From a code to an account: each step in one transaction of its own, by whoever holds the code and nobody of the school yet."""
