collect_ignore_glob = ["*.py"]  # programs, no tests; looked through for examples they would start PyTorch
