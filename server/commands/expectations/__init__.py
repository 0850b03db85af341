"""What people expect of learners: estimates, targets, and forecasts that somebody confirms."""

from server.commands.expectations.confirm import ConfirmForecast, ConfirmForecastOutcome, confirm_forecast
from server.commands.expectations.entries import EstimateEntry, RecordEstimates, SetTargets, TargetEntry
from server.commands.expectations.estimates import record_estimates
from server.commands.expectations.faults import Fault
from server.commands.expectations.outcome import BatchOutcome
from server.commands.expectations.targets import set_targets

__all__ = [
    "BatchOutcome", "ConfirmForecast", "ConfirmForecastOutcome", "EstimateEntry", "Fault", "RecordEstimates",
    "SetTargets", "TargetEntry", "confirm_forecast", "record_estimates", "set_targets",
]  # fmt: skip
