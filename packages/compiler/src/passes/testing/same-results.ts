// Whether a graph after passes computes what it computed before: outputs, every value that is left in the channels that
// are left, and the constants that were assumed for the others.
import { valueAt } from '../../graph/graph.ts';
import { checkGraph } from '../../ops/check-graph.ts';
import { evaluateGraph } from '../../ops/evaluate-graph.ts';
import type { Graph } from '../../ops/index.ts';
import type { Data } from '../../tensor/dtype.ts';
import { takeAlong } from '../../tensor/take.ts';

const equal = (a: Data, b: Data): boolean => a.length === b.length && a.every((element, i) => Object.is(element, b[i]));

/** What is not the same, one line each. */
export function differences(before: Graph, after: Graph, inputs: readonly Data[]): readonly string[] {
  const issues = checkGraph(after);
  if (issues.length > 0) return issues.map((issue) => JSON.stringify(issue));
  const [want, got] = [evaluateGraph(before, inputs), evaluateGraph(after, inputs)];
  const computed = new Set(before.nodes.flatMap(({ outputs }) => outputs));
  return [...got].flatMap(([id, data]): string[] => {
    const whole = want.get(id);
    if (!computed.has(id) || whole === undefined) return [];
    const { name, original } = valueAt(after, id);
    if (original === undefined) return equal(whole, data) ? [] : [`${name}: [${data}], expected [${whole}]`];
    const { shape, kept, constants } = original;
    const part = takeAlong(whole, shape, shape.length - 1, kept);
    const channels = shape.at(-1) ?? 1;
    const wrong = constants.flatMap((constant, channel) =>
      constant === undefined ||
      Array.from(whole, Number).every((element, i) => i % channels !== channel || element === constant)
        ? []
        : [`${name}: channel ${channel} is not ${constant} everywhere`],
    );
    return equal(part, data) ? wrong : [`${name}: [${data}], expected [${part}] of channels ${kept}`, ...wrong];
  });
}
