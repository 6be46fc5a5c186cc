// The cases of every operator; the type makes it impossible to forget one.

import { addCases } from './add.ts';
import { argMaxCases, argMinCases } from './arg-extremum.ts';
import { averagePool2dCases } from './average-pool2d.ts';
import type { CaseTable } from './case.ts';
import {
  clusterDistancesCases,
  gaussianMixtureCases,
  kernelMachineCases,
  mapValuesCases,
  nearestNeighboursCases,
  normaliseRowsCases,
  oneHotCases,
  scaleFeaturesCases,
} from './classical.ts';
import { concatenationCases } from './concatenation.ts';
import { conv2dCases } from './conv2d.ts';
import { depthwiseConv2dCases } from './depthwise-conv2d.ts';
import { dequantizeCases } from './dequantize.ts';
import { fullyConnectedCases } from './fully-connected.ts';
import { hardSwishCases } from './hard-swish.ts';
import { leakyReluCases } from './leaky-relu.ts';
import { linearModelCases } from './linear-model.ts';
import { logisticCases } from './logistic.ts';
import { maxPool2dCases } from './max-pool2d.ts';
import { meanCases } from './mean.ts';
import { mulCases } from './mul.ts';
import { padCases } from './pad.ts';
import { quantizeCases } from './quantize.ts';
import { reluCases } from './relu.ts';
import { relu6Cases } from './relu6.ts';
import { reshapeCases } from './reshape.ts';
import { softmaxCases } from './softmax.ts';
import { splitCases } from './split.ts';
import { stridedSliceCases } from './strided-slice.ts';
import { subCases } from './sub.ts';
import { tanhCases } from './tanh.ts';
import { transposeCases } from './transpose.ts';
import { treeEnsembleCases } from './tree-ensemble.ts';

export const cases: CaseTable = {
  add: addCases,
  argMax: argMaxCases,
  argMin: argMinCases,
  averagePool2d: averagePool2dCases,
  clusterDistances: clusterDistancesCases,
  concatenation: concatenationCases,
  conv2d: conv2dCases,
  depthwiseConv2d: depthwiseConv2dCases,
  dequantize: dequantizeCases,
  fullyConnected: fullyConnectedCases,
  gaussianMixture: gaussianMixtureCases,
  hardSwish: hardSwishCases,
  kernelMachine: kernelMachineCases,
  leakyRelu: leakyReluCases,
  linearModel: linearModelCases,
  logistic: logisticCases,
  mapValues: mapValuesCases,
  maxPool2d: maxPool2dCases,
  mean: meanCases,
  mul: mulCases,
  nearestNeighbours: nearestNeighboursCases,
  normaliseRows: normaliseRowsCases,
  oneHot: oneHotCases,
  pad: padCases,
  quantize: quantizeCases,
  relu6: relu6Cases,
  relu: reluCases,
  reshape: reshapeCases,
  scaleFeatures: scaleFeaturesCases,
  softmax: softmaxCases,
  split: splitCases,
  stridedSlice: stridedSliceCases,
  sub: subCases,
  tanh: tanhCases,
  transpose: transposeCases,
  treeEnsemble: treeEnsembleCases,
};
