"""What GraphQL itself refuses."""

from graphql import GraphQLError


class DocumentInvalid(Exception):
    """The document can't be run, or not with these variables; `errors` are GraphQL's."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__("the document is not valid")
        self.errors = errors
