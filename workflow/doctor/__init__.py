"""What is wrong with a workspace and with the machine around it, and what to do about it."""

from workflow.doctor.examination import CHECKS, examine
from workflow.doctor.findings import Finding

__all__ = ["CHECKS", "Finding", "examine"]
