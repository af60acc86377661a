"""Rohnamo: a guide that answers trainees in Russian, Tajik, English and Chinese.

The rooms and the direction of imports between them are described in docs/architecture.md.
"""
