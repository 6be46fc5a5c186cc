// Contract cases of maxPool2d: those of both pools.
import type { Case } from './case.ts';
import { poolCases } from './pool.ts';

export const maxPool2dCases: readonly Case[] = poolCases('maxPool2d');
