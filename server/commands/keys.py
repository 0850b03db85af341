"""Keys, as commands have always found them here; identity, which stands below, needs them too."""

from server.database.keys import first_key, new_key, new_keys

__all__ = ["first_key", "new_key", "new_keys"]
