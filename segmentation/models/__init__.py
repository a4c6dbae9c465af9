"""Classes, stages and segments: nothing else decides where a customer stands."""

from segmentation.models.classes import ClassChange, ClassMembership, CustomerClass
from segmentation.models.segments import Segment
from segmentation.models.stages import StageMembership
from segmentation.models.tallies import Tally, Watermark

__all__ = [
    "ClassChange",
    "ClassMembership",
    "CustomerClass",
    "Segment",
    "StageMembership",
    "Tally",
    "Watermark",
]
