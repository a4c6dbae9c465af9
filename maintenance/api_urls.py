from maintenance.api import MaintenancePlanViewSet

routes = [("maintenance-plans", MaintenancePlanViewSet)]
