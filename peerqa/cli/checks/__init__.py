"""What the doctor checks: the machine and its settings, then what is in the database."""
