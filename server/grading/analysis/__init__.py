"""Reckoning over marks and grades that somebody may read: exact, pure, of no rows and no clock."""
