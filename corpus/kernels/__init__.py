"""Compiled kernels over UTF-8 buffers. Pure functions of arrays; no Python object per word."""
