"""The hub's speed against ceilings measured in the same run: `make bench`. See docs/bench.md."""
