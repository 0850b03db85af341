"""Keys, as commands have always found them here; identity, which stands below, needs them too."""

from server.database.keys import new_key, new_keys

__all__ = ["new_key", "new_keys"]
