"""Telegram: updates in, pages out."""
