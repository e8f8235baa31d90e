/** JAX for JavaScript, compiled by its `jit` to WebAssembly. Needs Node 22. */

import { defaultDevice, init, jit, numpy as np, scipySpecial } from '@jax-js/jax';

await init('wasm');
defaultDevice('wasm');

const prices = jit((price, strike, time, rate, volatility) => {
  const spread = volatility.ref.mul(np.sqrt(time.ref));
  const drift = rate.ref.add(volatility.ref.mul(volatility).mul(0.5)).mul(time.ref);
  const d1 = np.log(price.ref.div(strike.ref)).add(drift).div(spread.ref);
  const d2 = d1.ref.sub(spread);
  const cdf = (d) => scipySpecial.erf(d.mul(Math.SQRT1_2)).mul(0.5).add(0.5);
  const [cdf1, cdf2] = [cdf(d1), cdf(d2)];
  const present = strike.mul(np.exp(rate.mul(time).mul(-1)));
  const call = price.ref.mul(cdf1.ref).sub(present.ref.mul(cdf2.ref));
  const put = present.mul(cdf2.mul(-1).add(1)).sub(price.mul(cdf1.mul(-1).add(1)));
  return [call, put];
});

export function black_scholes_f32(...columns) {
  const given = columns.map((c) => np.array(c, { dtype: np.float32 }));
  return async () => {
    const [call, put] = prices(...given.map((c) => c.ref));
    return [await call.data(), await put.data()];
  };
}
