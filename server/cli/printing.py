"""usher schema and usher data-map: what leaves, printed from the code."""

import typer

from server.register.data_map import data_map
from server.tables import metadata


def print_schema() -> None:
    """Print the GraphQL schema."""
    from server.resolvers.schema import (
        printed,
    )  # its import builds the whole schema: 1 s that other commands don't need

    typer.echo(printed(), nl=False)


def print_data_map() -> None:
    """Print what personal data there is, why, how long it stays, and in which columns."""
    columns = {
        table.name: {column.name: str(column.info["element"]) for column in table.columns}
        for table in metadata.sorted_tables
    }
    typer.echo(data_map(columns), nl=False)
