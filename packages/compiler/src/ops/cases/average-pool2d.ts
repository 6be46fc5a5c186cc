// Contract cases of averagePool2d: those of both pools.
import type { Case } from './case.ts';
import { poolCases } from './pool.ts';

export const averagePool2dCases: readonly Case[] = poolCases('averagePool2d');
