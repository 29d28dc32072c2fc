"""Demo data: the campaign's real facts at dates that lie ahead, with plainly made-up people.

`dates` says when, `campaign_events` and `everyday_events` say what, `making` writes it, and `scale`
fills the tables with large numbers. `manage.py demo` calls them.
"""
