// Figures as people read them: three digits, a unit that suits the size.

const grouped = (text: string): string => text.replace(/\B(?=(\d{3})+$)/g, ',');

/** Three significant digits without an exponent. */
export function digits(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const places = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  const text = value.toFixed(Math.min(places, 12));
  return places > 0 ? text.replace(/\.?0+$/, '') : grouped(text);
}

export const formatBytes = (bytes: number): string =>
  bytes >= 1073741824 ? `${digits(bytes / 1073741824)} GiB` : smallBytes(bytes);

const smallBytes = (bytes: number): string =>
  bytes < 1024
    ? `${Math.round(bytes)} B`
    : bytes < 1048576
      ? `${digits(bytes / 1024)} KiB`
      : `${digits(bytes / 1048576)} MiB`;

export function formatMs(ms: number): string {
  if (ms < 1) return `${digits(ms * 1000)} µs`;
  if (ms < 1000) return `${digits(ms)} ms`;
  return ms < 120_000 ? `${digits(ms / 1000)} s` : `${digits(ms / 60_000)} min`;
}

export const formatRate = (perSecond: number): string =>
  perSecond >= 0.2
    ? `${digits(perSecond)}/s`
    : perSecond * 60 >= 0.2
      ? `${digits(perSecond * 60)}/min`
      : perSecond * 3600 >= 0.2
        ? `${digits(perSecond * 3600)}/h`
        : `${digits(perSecond * 86400)}/day`;

const dayHours = 24;
const yearHours = 8766;

export function formatHours(hours: number): string {
  if (hours < 48) return `${digits(hours)} h`;
  if (hours < yearHours) return `${digits(hours / dayHours)} days`;
  const years = digits(hours / yearHours);
  return `${years} ${years === '1' ? 'year' : 'years'}`;
}

export const formatUsd = (usd: number): string =>
  usd >= 1000 ? `$${grouped(String(Math.round(usd)))}` : `$${digits(usd)}`;

export const formatMilliwatts = (milliwatts: number): string =>
  milliwatts < 1
    ? `${digits(milliwatts * 1000)} µW`
    : milliwatts < 1000
      ? `${digits(milliwatts)} mW`
      : `${digits(milliwatts / 1000)} W`;

export const formatMicrojoules = (microjoules: number): string =>
  microjoules < 1000
    ? `${digits(microjoules)} µJ`
    : microjoules < 1e6
      ? `${digits(microjoules / 1000)} mJ`
      : `${digits(microjoules / 1e6)} J`;
