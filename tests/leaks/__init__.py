"""What must not leak: the matrix, its naive twins, the sentinels, and the list of lines with their tests."""
