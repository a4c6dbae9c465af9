from django.urls import path

from retention.views import backtests, home, warnings

app_name = "retention"

urlpatterns = [
    path("retention/", home.home, name="home"),
    path("retention/warnings/", warnings.warnings, name="warnings"),
    path("retention/warnings/<uuid:pk>/act/", warnings.act, name="act"),
    path("retention/warnings/<uuid:pk>/close/", warnings.close, name="close"),
    path("retention/customers/<uuid:pk>/why/", home.why, name="why"),
    path("retention/backtest/", backtests.backtest, name="backtest"),
    path("retention/backtest/new/", backtests.new_backtest, name="new-backtest"),
    path("retention/backtest/<uuid:pk>/", backtests.backtest, name="kept-backtest"),
]
