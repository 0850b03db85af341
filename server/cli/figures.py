"""The memories that processes count in, and the page that shows them together."""

from collections.abc import Generator, Sequence
from contextlib import ExitStack, closing, contextmanager

from server.settings import Settings
from server.web.instruments import Memory, shared_memory
from server.web.measuring import Metrics
from server.web.metrics import LAYOUT
from server.web.metrics_page import Figures, MetricsPage


@contextmanager
def figures(settings: Settings, workers: int) -> Generator[list[int]]:
    """Descriptors of a memory for each server process and, last, for the jobs'; /metrics is there for the block if its
    port is set. Raises Unavailable.
    """
    with ExitStack() as stack:
        memories = [stack.enter_context(closing(shared_memory(LAYOUT))) for _ in range(workers + 1)]
        own = Metrics(process="supervisor")
        stack.callback(own.memory.close)
        stack.enter_context(served(settings, [own.memory, *memories], own))
        yield [memory.descriptor for memory in memories if memory.descriptor is not None]


@contextmanager
def served(settings: Settings, memories: Sequence[Memory], own: Metrics) -> Generator[None]:
    """/metrics for the block, if its port is set; `own` are the figures of the process that serves it. Raises Unavailable."""
    port = settings.usher_metrics_port
    if port is None:
        yield
        return
    with closing(MetricsPage(settings.usher_metrics_host, port, Figures(LAYOUT, memories), own.itself)):
        yield
