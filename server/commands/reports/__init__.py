"""Reports: publishing them as snapshots, and saying that one was received."""

from server.commands.reports.publish import PublishReports, PublishReportsOutcome, publish_reports
from server.commands.reports.receipt import AcknowledgeReport, AcknowledgeReportOutcome, acknowledge_report

__all__ = [
    "AcknowledgeReport", "AcknowledgeReportOutcome", "PublishReports", "PublishReportsOutcome", "acknowledge_report",
    "publish_reports",
]  # fmt: skip
