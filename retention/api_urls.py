from retention import api

routes = [("churn-scores", api.ScoreViewSet), ("warnings", api.WarningViewSet)]
