"""Who there is: units, groups, offices, roles and persons, each a dated fact.

The register is what `people.yaml` says, as one immutable value; questions to it name the day. A gate
belongs to an office or role, and who may act for it is looked up here.
"""

from workflow.people.facts import ISO_DAY, Dated, Day, Group, Office, Person, Role, Tenure, Unit
from workflow.people.problems import Problem
from workflow.people.register import Authority, Kind, Register, Via

__all__ = [
    "ISO_DAY",
    "Authority",
    "Dated",
    "Day",
    "Group",
    "Kind",
    "Office",
    "Person",
    "Problem",
    "Register",
    "Role",
    "Tenure",
    "Unit",
    "Via",
]
