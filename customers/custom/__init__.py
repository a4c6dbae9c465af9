"""What custom fields are made of: kinds and how their values are read, kept and told."""
