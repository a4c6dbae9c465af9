"""The admin at ``/admin/``: what operators do without a shell, and what of it every company can read in its history."""
