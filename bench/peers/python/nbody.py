"""One step of an n-body simulation with softening."""

SOFTENING = 0.01


def numpy(x, y, z, u, v, w, mass, step):
    import numpy as np

    def run():
        dx, dy, dz = (np.subtract(p[None, :], p[:, None]) for p in (x, y, z))
        r = dx * dx + dy * dy + dz * dz + SOFTENING
        force = mass[None, :] / (r * np.sqrt(r))
        moved = [q + (force * d).sum(axis=1) * step for q, d in ((u, dx), (v, dy), (w, dz))]
        return tuple(p + q * step for p, q in zip((x, y, z), moved)) + tuple(moved)

    return run


def numba(x, y, z, u, v, w, mass, step):
    import math

    import numpy as np
    from numba import njit

    @njit(fastmath=True)
    def advance(x, y, z, u, v, w, mass, step):
        n = len(x)
        out = np.empty((6, n))
        for i in range(n):
            ax = ay = az = 0.0
            for j in range(n):
                dx, dy, dz = x[j] - x[i], y[j] - y[i], z[j] - z[i]
                r = dx * dx + dy * dy + dz * dz + SOFTENING
                force = mass[j] / (r * math.sqrt(r))
                ax += force * dx
                ay += force * dy
                az += force * dz
            out[3, i], out[4, i], out[5, i] = u[i] + ax * step, v[i] + ay * step, w[i] + az * step
            for k, p in enumerate((x, y, z)):
                out[k, i] = p[i] + out[3 + k, i] * step
        return out

    def run():
        return tuple(advance(x, y, z, u, v, w, mass, step))

    return run
