"""What libpq takes for the address of a database."""

import psycopg
from psycopg.conninfo import conninfo_to_dict


def is_address(text: str) -> bool:
    """Whether it can be read: a URL, or words such as host=db dbname=usher. Whether anybody answers isn't asked."""
    try:
        conninfo_to_dict(text)
    except psycopg.Error:
        return False
    return True
