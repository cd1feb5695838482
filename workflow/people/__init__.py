"""Who there is: units, groups, offices, roles and persons, each a dated fact.

The register is what `people.yaml` says, as one immutable value; questions to it name the day. A gate
belongs to an office or role, and who may act for it is looked up here.
"""

from workflow.people.facts import (
    ISO_DAY,
    Conflict,
    Dated,
    Day,
    Deputy,
    Form,
    Group,
    Office,
    Person,
    Remit,
    Role,
    Substitute,
    Tenure,
    Unit,
)
from workflow.people.problems import Problem, problems_of
from workflow.people.register import Appointment, Authority, Kind, Matter, Register, Via

__all__ = [
    "ISO_DAY",
    "Appointment",
    "Authority",
    "Conflict",
    "Dated",
    "Day",
    "Deputy",
    "Form",
    "Group",
    "Kind",
    "Matter",
    "Office",
    "Person",
    "Problem",
    "Register",
    "Remit",
    "Role",
    "Substitute",
    "Tenure",
    "Unit",
    "Via",
    "problems_of",
]
