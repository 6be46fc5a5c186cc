// What passes take out of published networks: the figures of the documents.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readModel } from '../formats/index.ts';
import { optimiseGraph, type PassReport } from './index.ts';

const shared = process.env.ANYMOTE_SHARED ?? fileURLToPath(new URL('../../../../../shared', import.meta.url));
const models = `${shared}/models`;
const title = `networks${existsSync(models) ? '' : `: ${models} is absent`}`;

const nothing = { channels: 0, weights: 0, macs: 0 };

describe.skipIf(!existsSync(models))(title, () => {
  it.each<[string, Pick<PassReport, 'channels' | 'weights' | 'macs'>, readonly string[]]>([
    // 3,727,313 of 7,489,664 multiply-accumulates and 29,066 of 208,112 weights are left.
    ['vision/mlperf-tiny/vww_96_int8', { channels: 1958, weights: 179_046, macs: 3_762_351 }, ['28 (RESHAPE)']],
    ['vision/tflm/person_detect', { channels: 2, weights: 258, macs: 2306 }, []],
    ['tflm/hello_world_int8', { channels: 4, weights: 68, macs: 68 }, []],
    ['assistant/mlperf-tiny/kws_ref_model', nothing, ['10 (RESHAPE)']],
    ['vision/mlperf-tiny/pretrainedResnet_quant', nothing, ['13 (RESHAPE)']],
    ['monitoring/mlperf-tiny/ad01_int8', nothing, []],
    ['assistant/tflm/micro_speech_quantized', nothing, []],
  ])('%s', (name, eliminated, gone) => {
    const file = `${models}/${name}.tflite`;
    const { passes, removed } = optimiseGraph(readModel(new Uint8Array(readFileSync(file)), { file }));
    expect(passes.find((pass) => pass.name === 'eliminate-channels')).toMatchObject(eliminated);
    expect(removed.map(({ from }) => from)).toEqual(gone);
  });
});
