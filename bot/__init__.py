"""Rohnamo: a guide that answers trainees in Russian, Tajik, English and Chinese.

The rooms and the direction of imports between them are described in docs/architecture.md.
"""

import os

# Before numpy is loaded: the matrices of a question are small, and threads that wait for each other over them make it
# eight times slower on a busy machine with two processors.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
