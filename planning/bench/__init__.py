"""What ``manage.py bench`` measures: each figure beside a floor of the same run, so that it means the same anywhere."""
