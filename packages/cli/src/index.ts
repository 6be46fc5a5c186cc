// The package `anymote`: the compiler's public API, for Node and browsers alike. The command line is not part of it.
export * from '@anymote/compiler';
