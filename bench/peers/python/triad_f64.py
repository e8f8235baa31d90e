"""A column plus a multiple of another."""

from tables import polars_frame


def numpy(a, b, s):
    return lambda: a + s * b


def numba(a, b, s):
    import numpy as np
    from numba import njit

    @njit
    def add(a, b, s):
        out = np.empty_like(a)
        for i in range(len(a)):
            out[i] = a[i] + s * b[i]
        return out

    return lambda: add(a, b, s)


def polars(a, b, s):
    import polars as pl

    frame = polars_frame(a=a, b=b).lazy().select((pl.col("a") + s * pl.col("b")).alias("o"))
    return lambda: frame.collect()["o"].to_numpy()


def c(a, b, s):
    import ctypes

    import numpy as np
    from c import address, compiled

    triad = compiled("""
        void triad(const double *restrict a, const double *restrict b, double s, double *restrict out, long n) {
          for (long i = 0; i < n; i++) out[i] = a[i] + s * b[i];
        }
    """).triad

    def run():
        out = np.empty_like(a)
        triad(address(a), address(b), ctypes.c_double(s), address(out), ctypes.c_long(len(a)))
        return out

    return run
