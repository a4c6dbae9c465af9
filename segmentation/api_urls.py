from segmentation import api

routes = [
    ("segments", api.SegmentViewSet),
    ("classes", api.ClassViewSet),
    ("class-memberships", api.ClassMembershipViewSet),
    ("class-changes", api.ClassChangeViewSet),
]
