"""What admins see and do: pages, commands, checks, the self-test."""
