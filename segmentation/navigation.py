"""Where segmentation stands in the frame."""

from django.utils.translation import gettext_lazy as _

from crm.navigation import Item, register

register(
    Item("segments", _("Segments"), "chart-pie-2", "segmentation:classes", 30, "segments.view", keys="g s")
)
register(
    Item(
        "new-segment",
        _("New segment"),
        "filter-plus",
        "segmentation:new-segment",
        40,
        "segments.change",
        group="action",
    )
)
