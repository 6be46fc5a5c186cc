// The golden models on WebAssembly, which needs no tools; `npm run verify:golden` has every target.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type GoldenFile, type GoldenModel, statelessModels, verifyGolden } from './golden.ts';
import { renderGoldenTable } from './golden-table.ts';

const shared = process.env.ANYMOTE_SHARED ?? fileURLToPath(new URL('../../../../shared', import.meta.url));
const path = `${shared}/models/golden-tflm.json`;
const title = `verifyGolden${existsSync(path) ? '' : `: ${path} is absent`}`;

describe.skipIf(!existsSync(path))(title, () => {
  const golden = (): GoldenFile => JSON.parse(readFileSync(path, 'utf8')) as GoldenFile;
  const small = ['hello_world_int8'];

  it('knows which models keep no state', () => {
    expect(statelessModels(golden())).toEqual([
      'kws_ref_model',
      'vww_96_int8',
      'pretrainedResnet_quant',
      'ad01_int8',
      'hello_world_int8',
      'micro_speech_quantized',
      'person_detect',
    ]);
  });

  it('finds all of them right on WebAssembly', async () => {
    const done: string[] = [];
    const rows = await verifyGolden(golden(), shared, ['wasm', 'wasm-scalar'], {
      onProgress: ({ model, report }) => done.push(`${model} ${report.target}`),
    });
    const problems = rows.flatMap(({ model, cells }) =>
      cells.flatMap(({ target, outcome }) => (outcome.status === 'ok' ? [] : [{ model, target, outcome }])),
    );
    expect(problems).toEqual([]);
    expect(rows).toHaveLength(7);
    expect(done).toHaveLength(21);
    const layersOf = (model: string) => rows.find((row) => row.model === model)?.cells[1]?.layers;
    expect(layersOf('vww_96_int8')).toMatchObject({ compared: 30, inPart: 18, removed: [{ by: 'fold-reshape' }] });
    expect(layersOf('ad01_int8')).toEqual({ compared: 10, inPart: 0, removed: [] });
    expect(renderGoldenTable(rows)).toMatch(/^model +evaluate +wasm +wasm-scalar\nkws_ref_model +✓ +✓ +✓\n/);
  });

  /** The file with something else recorded for hello_world. */
  const altered = (change: (model: GoldenModel) => GoldenModel): GoldenFile => {
    const { models } = golden();
    const model = models.hello_world_int8;
    if (model === undefined) throw new Error('no hello_world_int8');
    return { models: { hello_world_int8: change(model) } };
  };

  it('names a layer that is not as recorded', async () => {
    const file = altered((model) => ({
      ...model,
      layers: model.layers.map((layer, i) => (i === 1 ? { ...layer, lcg_output: [{ crc32: '00000000' }] } : layer)),
    }));
    const [row] = await verifyGolden(file, shared, ['wasm'], { models: small });
    const message = 'layer 1 fullyConnected, node 1 (FULLY_CONNECTED): other bytes than recorded';
    expect(row?.cells[0]?.outcome).toEqual({ status: 'failed', message });
    expect(row?.cells[1]?.outcome).toMatchObject({ status: 'failed', message: /^layer 1 fullyConnected/ });
    expect(renderGoldenTable(row === undefined ? [] : [row])).toContain('✗ hello_world_int8 on wasm: layer 1');
  });

  it('names an inference of the stream that is not as recorded', async () => {
    const file = altered((model) => {
      const { n, first16_hex: recorded } = model.expected_stream16;
      const first16_hex = recorded.map((hex, i) => (i === 4 ? '00' : hex));
      return { ...model, expected_stream16: { n, crc32: '00000000', first16_hex } };
    });
    const [row] = await verifyGolden(file, shared, ['wasm'], { models: small });
    const message = 'stream: other outputs than recorded, first in inference 4';
    expect(row?.cells.map(({ outcome }) => outcome)).toEqual([{ status: 'ok' }, { status: 'failed', message }]);
  });

  it('reports a model that is not there', async () => {
    const file = altered((model) => ({ ...model, file: 'nowhere.tflite' }));
    const [row] = await verifyGolden(file, shared, ['wasm'], { models: small });
    for (const { outcome } of row?.cells ?? []) expect(outcome).toMatchObject({ status: 'failed', message: /ENOENT/ });
  });
});
