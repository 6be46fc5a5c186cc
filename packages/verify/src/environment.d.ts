// WebAssembly as Node has it; its types come with neither the language nor Node's own.

declare namespace WebAssembly {
  interface Module {
    readonly kind?: 'module';
  }
  interface Instance {
    readonly exports: object;
  }
  var Instance: { new (module: Module, imports: object): Instance };
  function compile(bytes: Uint8Array): Promise<Module>;
  var RuntimeError: { new (message: string): Error };
  var CompileError: { new (message: string): Error };
}
