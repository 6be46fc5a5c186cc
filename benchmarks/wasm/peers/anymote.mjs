// anymote's own WebAssembly through its public API.
import { load } from '../../../packages/compiler/dist/index.js';
import { dequantised, typeOf } from '../networks.mjs';

export const thread = 'no threads';

export async function runners({ graph, bytes }, input) {
  const model = await load(bytes);
  const outputType = typeOf(graph, graph.outputs[0]);
  return [
    {
      numbers: 'int8',
      async run(count) {
        let result;
        for (let n = 0; n < count; n += 1) [result] = model.run(input);
        return dequantised(result, outputType);
      },
    },
  ];
}
