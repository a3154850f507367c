"""The bench. One thread for everybody: said here, before NumPy and PyTorch are loaded and read it."""

import os

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")
