// A band of prices as tables show it.
import type { Chip } from '@anymote/advise';

export const priceText = ({ price }: Pick<Chip, 'price'>): string => `$${price.usd[0]}–${price.usd[1]}`;
