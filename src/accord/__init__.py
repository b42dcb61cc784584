import os

# Fits have three parameters and are made by the hundred: handing each to threads takes seven times as long.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
