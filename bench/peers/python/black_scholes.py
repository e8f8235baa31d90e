"""Call and put prices of options."""

import math


def numpy(price, strike, time, rate, volatility):
    import numpy as np
    from scipy.special import erf

    def run():
        spread = volatility * np.sqrt(time)
        d1 = (np.log(price / strike) + (rate + volatility * volatility * 0.5) * time) / spread
        d2 = d1 - spread
        cdf1 = erf(d1 * math.sqrt(0.5)) * 0.5 + 0.5
        cdf2 = erf(d2 * math.sqrt(0.5)) * 0.5 + 0.5
        present = strike * np.exp(-(rate * time))
        call = price * cdf1 - present * cdf2
        put = present * (1.0 - cdf2) - price * (1.0 - cdf1)
        return call, put

    return run


def numba(price, strike, time, rate, volatility):
    import numpy as np
    from numba import njit

    # Numba computes in f64 with a constant of f64.
    one, half, root_half = (price.dtype.type(k) for k in (1, 0.5, math.sqrt(0.5)))

    @njit(fastmath=True)
    def prices(price, strike, time, rate, volatility):
        call, put = np.empty_like(price), np.empty_like(price)
        for i in range(len(price)):
            spread = volatility[i] * math.sqrt(time[i])
            drift = (rate[i] + volatility[i] * volatility[i] * half) * time[i]
            d1 = (math.log(price[i] / strike[i]) + drift) / spread
            d2 = d1 - spread
            cdf1 = math.erf(d1 * root_half) * half + half
            cdf2 = math.erf(d2 * root_half) * half + half
            present = strike[i] * math.exp(-(rate[i] * time[i]))
            call[i] = price[i] * cdf1 - present * cdf2
            put[i] = present * (one - cdf2) - price[i] * (one - cdf1)
        return call, put

    return lambda: prices(price, strike, time, rate, volatility)


def c(price, strike, time, rate, volatility):
    import ctypes

    import numpy as np
    from c import address, compiled

    number, f = ("float", "f") if price.dtype.name == "float32" else ("double", "")
    prices = compiled(f"""
        #include <math.h>
        typedef {number} num;
        void prices(const num *restrict price, const num *restrict strike, const num *restrict time,
                    const num *restrict rate, const num *restrict volatility, num *restrict call, num *restrict put,
                    long n) {{
          for (long i = 0; i < n; i++) {{
            num spread = volatility[i] * sqrt{f}(time[i]);
            num drift = (rate[i] + volatility[i] * volatility[i] * (num)0.5) * time[i];
            num d1 = (log{f}(price[i] / strike[i]) + drift) / spread, d2 = d1 - spread;
            num cdf1 = erf{f}(d1 * (num)M_SQRT1_2) * (num)0.5 + (num)0.5;
            num cdf2 = erf{f}(d2 * (num)M_SQRT1_2) * (num)0.5 + (num)0.5;
            num present = strike[i] * exp{f}(-(rate[i] * time[i]));
            call[i] = price[i] * cdf1 - present * cdf2;
            put[i] = present * (1 - cdf2) - price[i] * (1 - cdf1);
          }}
        }}
    """).prices

    def run():
        call, put = np.empty_like(price), np.empty_like(price)
        columns = (price, strike, time, rate, volatility, call, put)
        prices(*(address(column) for column in columns), ctypes.c_long(len(price)))
        return call, put

    return run
