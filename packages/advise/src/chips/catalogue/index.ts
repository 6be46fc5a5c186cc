// The catalogue: a file a vendor, an entry a chip. Adding a chip is adding an entry.

import type { Chip } from '../chip.ts';
import { ambiqAndAnalogChips } from './ambiq-and-analog.ts';
import { espressifChips } from './espressif.ts';
import { microchipChips } from './microchip.ts';
import { nordicChips } from './nordic.ts';
import { nxpChips } from './nxp.ts';
import { othersChips } from './others.ts';
import { renesasChips } from './renesas.ts';
import { siliconLabsChips } from './silicon-labs.ts';
import { stChips } from './st.ts';
import { texasInstrumentsChips } from './texas-instruments.ts';

/** All chips, by vendor. */
export const chips: readonly Chip[] = [
  ...stChips,
  ...nordicChips,
  ...espressifChips,
  ...renesasChips,
  ...nxpChips,
  ...siliconLabsChips,
  ...texasInstrumentsChips,
  ...microchipChips,
  ...ambiqAndAnalogChips,
  ...othersChips,
];

export { boards } from './boards.ts';
