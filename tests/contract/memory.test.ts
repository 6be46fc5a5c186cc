// The memory of real models: proven to be the least their tensors can lie in, on cores of every kind, and what they are known to need.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compile, readModel } from '../../packages/compiler/src/index.ts';

const repository = join(import.meta.dirname, '../..');
const shared = process.env.ANYMOTE_SHARED ?? join(repository, '../shared');
const models = {
  gestures: join(repository, 'tests/models/gestures/gestures.tflite'),
  kws_ref_model: join(shared, 'models/assistant/mlperf-tiny/kws_ref_model.tflite'),
  vww_96_int8: join(shared, 'models/vision/mlperf-tiny/vww_96_int8.tflite'),
  pretrainedResnet_quant: join(shared, 'models/vision/mlperf-tiny/pretrainedResnet_quant.tflite'),
  ad01_int8: join(shared, 'models/monitoring/mlperf-tiny/ad01_int8.tflite'),
  person_detect: join(shared, 'models/vision/tflm/person_detect.tflite'),
  micro_speech_quantized: join(shared, 'models/assistant/tflm/micro_speech_quantized.tflite'),
  hello_world_int8: join(shared, 'models/tflm/hello_world_int8.tflite'),
};

/** Bytes of RAM on Cortex-M4 that these never take again. */
const mostBytes = {
  gestures: 1_600,
  kws_ref_model: 9_000,
  vww_96_int8: 30_000,
  pretrainedResnet_quant: 25_000,
  ad01_int8: 800,
  person_detect: 25_000,
  micro_speech_quantized: 5_000,
  hello_world_int8: 48,
};

/** What does not fit a device is planned all the same. */
const unlimited = { ramBytes: Number.POSITIVE_INFINITY, flashBytes: Number.POSITIVE_INFINITY };

describe.each(Object.entries(models))('%s', (name, path) => {
  const reason = existsSync(path) ? '' : ' (needs shared/models)';
  const graph = () => readModel(Uint8Array.from(readFileSync(path)), { file: path });

  it.skipIf(reason !== '')(`lies as low as can be on every kind of core${reason}`, { timeout: 120_000 }, () => {
    for (const target of ['cortex-m4', 'cortex-m0plus', 'cortex-m55', 'rv32imc']) {
      const { report } = compile(graph(), { target, memory: unlimited });
      expect([target, report.arenaProven]).toEqual([target, true]);
      if (target === 'cortex-m4')
        expect(report.arenaBytes).toBeLessThanOrEqual(mostBytes[name as keyof typeof mostBytes]);
    }
  });
});
