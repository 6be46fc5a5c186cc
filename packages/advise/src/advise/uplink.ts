// How devices reach the network: each with a radio and subscription of its own, or by a hub that all devices of a place share. Wi-Fi and
// wires are there already. Which is cheaper depends on all that a way costs, batteries among it.
import type { Answers } from './answers.ts';
import { type CostLine, networkLines } from './costs.ts';
import type { Prices } from './prices.ts';

export interface Uplink {
  readonly once: readonly CostLine[];
  readonly monthly: readonly CostLine[];
  /** What a device spends on a megabyte. */
  readonly joulesPerMegabyte: number;
  /** The hop to a hub. */
  readonly extraMs: number;
}

const noUplink: Uplink = { once: [], monthly: [], joulesPerMegabyte: 0, extraMs: 0 };

/** Ways for devices that send so many bytes a second each; one that costs nothing where there is no network or nothing to send. */
export function uplinksFor(
  { network, devices, sites }: Answers,
  bytesPerSecond: number,
  list: Prices,
): readonly [Uplink, ...Uplink[]] {
  if (network === 'none' || bytesPerSecond === 0) return [noUplink];
  const { radioUsd, joulesPerMegabyte } = list.networks[network];
  const own: Uplink = {
    once: [{ what: `${network} radios`, usd: devices * radioUsd }],
    monthly: networkLines(network, devices, devices * bytesPerSecond, list),
    joulesPerMegabyte,
    extraMs: 0,
  };
  if (network === 'wifi' || network === 'wired') return [own];
  const shared: Uplink = {
    once: [
      { what: `${network} hubs`, usd: sites * (list.hubUsd + radioUsd) },
      { what: 'local radios', usd: devices * list.localRadioUsd },
    ],
    monthly: networkLines(network, sites, devices * bytesPerSecond, list),
    joulesPerMegabyte: list.localJoulesPerMegabyte,
    extraMs: list.gateway.roundTripMs,
  };
  return [own, shared];
}
