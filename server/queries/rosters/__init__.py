"""What source systems asked of a school, as rows to be read."""
