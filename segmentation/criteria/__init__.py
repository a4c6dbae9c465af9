"""The socket of criteria: what classes and segments may ask of a customer.

Other apps register their own fields from a ``criteria.py`` of theirs.
"""

from segmentation.criteria.fields import Field, Kind, discover, field_of, fields, register
from segmentation.criteria.rules import BadCriteria, Criterion, Rule, asked, parse, to_keep
from segmentation.criteria.sql import Reference, Sql, decided_by, explained, holds, value_of
from segmentation.criteria.words import learn_names, learn_reasons, reasons, told

__all__ = [
    "BadCriteria",
    "Criterion",
    "Field",
    "Kind",
    "Reference",
    "Rule",
    "Sql",
    "asked",
    "decided_by",
    "discover",
    "explained",
    "field_of",
    "fields",
    "holds",
    "learn_names",
    "learn_reasons",
    "parse",
    "reasons",
    "register",
    "to_keep",
    "told",
    "value_of",
]
