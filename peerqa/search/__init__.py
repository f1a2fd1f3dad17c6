"""Finding what colleagues already answered: the only neighbour of the indexer."""
