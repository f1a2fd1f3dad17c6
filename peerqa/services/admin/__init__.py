"""What admins look after: people, spaces, topics, and what holds in the whole organization."""
