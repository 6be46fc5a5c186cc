// The public API: chips, estimates, which chips fit, and where a model should run. Pure functions, the same in Node and browsers.
export { boards, chips } from './chips/catalogue/index.ts';
