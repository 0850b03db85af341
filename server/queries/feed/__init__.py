"""What a program's feed of changes is reckoned from."""
