// What the compiler uses of its surroundings beyond the language itself: present in every browser, worker and Node.

interface TextDecoder {
  decode(bytes: Uint8Array): string;
}
declare var TextDecoder: { new (label: 'utf-8', options: { fatal: boolean; ignoreBOM: boolean }): TextDecoder };

interface TextEncoder {
  encode(text: string): Uint8Array;
}
declare var TextEncoder: { new (): TextEncoder };

declare namespace WebAssembly {
  interface Module {
    readonly kind?: 'module';
  }
  interface Instance {
    readonly exports: object;
  }
  var Instance: { new (module: Module, imports: object): Instance };
  function compile(bytes: Uint8Array): Promise<Module>;
  function validate(bytes: Uint8Array): boolean;
}
