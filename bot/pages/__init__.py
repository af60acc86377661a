"""What is shown: pure functions from values to pages, and the only makers of markup."""
