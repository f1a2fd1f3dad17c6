"""Tables about keeping answers right: who vouches for them, who keeps a topic, what is due."""
