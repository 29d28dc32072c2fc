"""Events people come to: finding them, saying "I'm coming", being reminded."""
