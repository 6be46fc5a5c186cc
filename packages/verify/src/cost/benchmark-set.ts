// What `npm run bench` measures, in the order of its tables.

/** Models: the repository's own, then those of the golden file that keep no state. */
export const benchmarkModels: readonly { readonly name: string; readonly title: string }[] = [
  { name: 'gestures', title: 'gestures' },
  { name: 'kws_ref_model', title: 'KWS' },
  { name: 'vww_96_int8', title: 'VWW' },
  { name: 'pretrainedResnet_quant', title: 'IC' },
  { name: 'ad01_int8', title: 'AD' },
  { name: 'person_detect', title: 'person_detect' },
  { name: 'micro_speech_quantized', title: 'micro_speech' },
  { name: 'hello_world_int8', title: 'hello_world' },
];

/** Targets whose machines count instructions. */
export const benchmarkTargets: readonly string[] = [
  'cortex-m4',
  'cortex-m0plus',
  'cortex-m55',
  'cortex-m33',
  'cortex-m7',
  'cortex-m3',
  'rv32imc',
];
