// A main.c that runs the model once on the host, and the Makefile that builds it: the shortest way to see it work.
import type { Program } from '../program.ts';
import { instanceOf } from './memories.ts';

/** The text of `main.c`: reads the inputs from files named on the command line (zeros without), prints the outputs. */
export function renderMain(program: Program): string {
  const { prefix } = program;
  const upper = prefix.toUpperCase();
  const print = program.outputs.map((port, i) => {
    const float = port.type.dtype === 'f32';
    const type = {
      f32: 'float',
      i8: 'int8_t',
      u8: 'uint8_t',
      i16: 'int16_t',
      i32: 'int32_t',
      i64: 'int64_t',
      bool: 'uint8_t',
    }[port.type.dtype];
    const format = float ? '%.9g' : '%lld';
    const value = float ? '(double)y[i]' : '(long long)y[i]';
    return [
      '  {',
      `    const ${type} *y = (const ${type} *)${prefix}_output(&model, ${i});`,
      `    printf("output ${i}:");`,
      `    for (unsigned i = 0; i < ${upper}_OUTPUT_${i}_ELEMENTS; i++) printf(" ${format}", ${value});`,
      '    printf("\\n");',
      '  }',
    ].join('\n');
  });
  return `/* Runs ${prefix} once on this machine: ./${prefix} [input0.bin input1.bin ...]; raw elements, zeros where no file is given. */
#include <stdio.h>
${program.inputs.length === 0 ? '' : '#include <string.h>\n'}
#include "${prefix}.h"

${instanceOf(program, 'model').join('\n')}

int main(int argc, char **argv)
{
  ${prefix}_init(&model);
${program.inputs.length === 0 ? '  (void)argc;\n  (void)argv; /* there are no inputs */' : readInputs(program)}
  ${prefix}_run(&model);
${print.join('\n')}
  return 0;
}
`;
}

function readInputs({ prefix, inputs }: Program): string {
  const upper = prefix.toUpperCase();
  return `  static const unsigned long bytes[] = { ${inputs.map((_, i) => `${upper}_INPUT_${i}_BYTES`).join(', ')} };
  for (unsigned i = 0; i < ${upper}_INPUT_COUNT; i++) {
    void *x = ${prefix}_input(&model, i);
    memset(x, 0, bytes[i]);
    if ((int)i + 1 < argc) {
      FILE *file = fopen(argv[i + 1], "rb");
      if (file == NULL || fread(x, 1, bytes[i], file) != bytes[i]) {
        fprintf(stderr, "%s: cannot read %lu bytes\\n", argv[i + 1], bytes[i]);
        return 1;
      }
      fclose(file);
    }
  }`;
}

/** The text of `Makefile`. */
export function renderMakefile(program: Program): string {
  const { prefix } = program;
  return `# make run: builds ${prefix} for this machine and runs it once.
CC ?= cc
CFLAGS ?= -O2 -Wall -Wextra
override CFLAGS += -std=c99 -ffp-contract=off

${prefix}: main.c ${prefix}.c ${prefix}.h
\t$(CC) $(CFLAGS) -o $@ main.c ${prefix}.c

.PHONY: run clean
run: ${prefix}
\t./${prefix}

clean:
\trm -f ${prefix}
`;
}
