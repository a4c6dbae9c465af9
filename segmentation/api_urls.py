from segmentation import api

routes = [
    ("segments", api.SegmentViewSet),
    ("classes", api.ClassViewSet),
    ("class-changes", api.ClassChangeViewSet),
]
