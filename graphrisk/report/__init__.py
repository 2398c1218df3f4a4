"""The analysis folder and its report page."""
