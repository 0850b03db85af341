"""The guardrails: what could ever be allowed, whatever a school's book says. Shipped with the program, no table."""

import hashlib

from server.policies.decider import Decider
from server.policies.rule_book import RuleBook

GUARDRAILS_MODEL_SHA256 = "dd29d22023681f8ae94c95b9d90b30944c212b39eb5bb50ad26f911747bcfde7"

# G8: who may draft, approve and publish policy is decided by the ceiling alone; a school's rows about it are refused.
CEILING_ALONE = frozenset({"policy"})


class Ceiling:
    """The guardrails as a fixed book with a model of its own. An empty book allows nothing."""

    def __init__(self, book: RuleBook, model_text: str) -> None:
        self.book = book
        self.decider = Decider(book, model_text, GUARDRAILS_MODEL_SHA256)
        self._model_text = model_text

    def digest(self) -> str:
        """sha256 over model and rows, hexadecimal; logged at start and stored with each audit row."""
        return hashlib.sha256(f"{self._model_text}\n{self.book.content()}".encode()).hexdigest()
