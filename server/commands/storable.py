"""What text can be stored, as commands have always found it here; identity, which stands below, needs it too."""

from server.database.storable import misleads, plain_line, plain_text, storable

__all__ = ["misleads", "plain_line", "plain_text", "storable"]
