"""Random numbers: normal, uniform, and a permutation."""


def numpy(what, n):
    import numpy as np

    generator = np.random.default_rng(7)
    return {
        "normal": lambda: generator.standard_normal(n),
        "uniform": lambda: generator.random(n),
        "permutation": lambda: generator.permutation(n),
    }[what]
