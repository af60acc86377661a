"""Proofs: each test is named after the deed it proves."""
