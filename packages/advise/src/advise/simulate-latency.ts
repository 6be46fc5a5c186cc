// How long answers take from three places, as many random cases: round trip with jitter, transfer, inference, and outages that make an
// answer wait until the network is back. The same seed gives the same cases.
import type { Network } from './prices.ts';

/** What a way to an answer consists of. */
export interface Route {
  /** Of the inference itself. */
  readonly computeMs: number;
  /** Standard deviation of the logarithm of what computing takes from case to case. */
  readonly computeJitter: number;
  /** Between device and computer; absent where they are one. */
  readonly roundTripMs?: number;
  readonly roundTripJitter?: number;
  /** To send the input. */
  readonly transferMs?: number;
  readonly availability?: number;
  readonly outageMinutes?: number;
}

/** The route through a network to a server. */
export const networkRoute = (
  network: Network,
  availability: number | undefined,
  inputBytes: number,
  computeMs: number,
): Route => ({
  computeMs,
  computeJitter: 0.1,
  roundTripMs: network.roundTripMs,
  roundTripJitter: network.jitter,
  transferMs: (inputBytes * 8) / network.kilobitsPerSecond,
  availability: availability ?? network.availability,
  outageMinutes: network.outageMinutes,
});

/** Latencies in milliseconds, ascending. */
export function simulateLatency(route: Route, cases: number, seed = 1): readonly number[] {
  const random = generator(seed);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const latencies = Array.from({ length: cases }, () => {
    // Every case draws the same numbers, so that one answer more or less moves no other.
    const [compute, trip, up, wait] = [normal(), normal(), random(), random()];
    const { roundTripMs = 0, roundTripJitter = 0, transferMs = 0, availability = 1, outageMinutes = 0 } = route;
    const away = up >= availability ? -Math.log(1 - wait) * outageMinutes * 60_000 : 0;
    return (
      route.computeMs * Math.exp(route.computeJitter * compute) +
      roundTripMs * Math.exp(roundTripJitter * trip) +
      transferMs +
      away
    );
  });
  return latencies.sort((a, b) => a - b);
}

/** Uniform numbers from 0 to below 1 (mulberry32). */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** The value that a share of an ascending list does not exceed. */
export const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;

/** The share of an ascending list that is at most a limit. */
export function shareWithin(sorted: readonly number[], limit: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) <= limit) low = middle + 1;
    else high = middle;
  }
  return sorted.length === 0 ? 0 : low / sorted.length;
}
